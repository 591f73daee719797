"""For whom a notice is, as its form sends and shows it, and in words.

An address may fill the form in by the same names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import ImmutableMultiDict

from conversation.channel import CHANNELS
from conversation.meeting import Meeting
from office.broadcasts import Broadcast, Segment
from office.errors import RefusedError
from web.console.frame import say_day
from web.console.words import say_channel, whole

NEWS, REGISTERED, CHOSEN = "novita", "iscritti", "scelti"
_WHOM = {
    "": "scegli…",
    NEWS: "chi ha chiesto gli avvisi sui nuovi incontri",
    REGISTERED: "chi è iscritto ai settori e agli incontri qui sotto",
}
PRESENT = [("", "tutti"), ("si", "solo chi c'era"), ("no", "solo chi non c'era")]
_PRESENT = {"si": True, "no": False}


@dataclass(frozen=True, slots=True)
class BroadcastForm:
    """What the form says."""

    title: str = ""
    text: str = ""
    whom: str = ""
    sectors: tuple[str, ...] = ()
    meetings: tuple[str, ...] = ()
    #: Registrations, as a segment names them.
    chosen: tuple[str, ...] = ()
    present: str = ""
    channel: str = ""

    def segment(self) -> Segment:
        """Who is meant. Raises ``RefusedError``."""
        channels = (CHANNELS[self.channel],) if self.channel in CHANNELS else ()
        picked, present = bool(self.sectors or self.meetings), _PRESENT.get(self.present)
        if self.whom == NEWS:
            if picked or present is not None:
                msg = (
                    "chi ha chiesto gli avvisi li riceve tutti: togliere settori, incontri e presenza, "
                    "oppure scegliere gli iscritti"
                )
                raise RefusedError(msg)
            return Segment(channels=channels)
        if self.whom == REGISTERED and picked:
            numbers = tuple(whole(number) or 0 for number in self.meetings)
            return Segment(self.sectors, numbers, channels=channels, present=present)
        if self.whom == CHOSEN and self.chosen:
            return Segment(registrations=self.chosen, channels=channels, present=present)
        msg = "manca chi lo riceve: scegliere almeno un settore o un incontro" if self.whom else "manca chi lo riceve"
        raise RefusedError(msg)

    @property
    def options(self) -> list[tuple[str, str]]:
        """Who can be chosen here: people ticked elsewhere only when there are some."""
        count = len(self.chosen)
        chosen = f"{count} iscrizioni scelte dall'elenco" if count > 1 else "un'iscrizione scelta dall'elenco"
        return [*_WHOM.items(), *([(CHOSEN, chosen)] if count else [])]


def read_given(sent: "ImmutableMultiDict[str, Any]") -> BroadcastForm:
    """What a form or an address says."""

    def one(name: str) -> str:
        return next((v.strip() for v in sent.getlist(name) if isinstance(v, str)), "")

    def many(name: str) -> tuple[str, ...]:
        return tuple(v for v in sent.getlist(name) if isinstance(v, str) and v)

    return BroadcastForm(
        one("oggetto"),
        one("testo"),
        one("a_chi"),
        many("settori"),
        many("incontri"),
        many("iscrizioni"),
        one("presenza"),
        one("canale"),
    )


def as_given(said: Broadcast) -> BroadcastForm:
    """A draft as the form has it."""
    segment = _segment(said)
    whom = CHOSEN if segment.registrations else REGISTERED if segment.of_meetings else NEWS
    return BroadcastForm(
        said.title,
        said.text,
        whom,
        segment.sectors,
        tuple(str(number) for number in segment.meetings),
        segment.registrations,
        {True: "si", False: "no", None: ""}[segment.present],
        segment.channels[0].value if segment.channels else "",
    )


def say_whom(said: Broadcast, meetings: Sequence[Meeting], sectors: Mapping[str, Mapping[str, str]]) -> str:
    """Who is meant, in words."""
    segment = _segment(said)
    titled = {m.id: f" «{m.title}»" if m.title else "" for m in meetings}
    days = {m.id: say_day(m.day) or "giorno non noto" for m in meetings}
    named = {m.id: f"{sectors[m.sector]['it']}{titled[m.id]} ({days[m.id]})" for m in meetings}
    parts = [sectors[key]["it"] for key in segment.sectors if key in sectors]
    parts += [named[number] for number in segment.meetings if number in named]
    if segment.registrations:
        count = len(segment.registrations)
        whom = f"{count} iscrizioni scelte" if count > 1 else "un'iscrizione scelta"
    else:
        whom = f"chi è iscritto a: {', '.join(parts)}" if segment.of_meetings else "chi ha chiesto gli avvisi"
    if segment.present is not None:
        whom += ", solo chi c'era" if segment.present else ", solo chi non c'era"
    return whom + "".join(f", solo {say_channel(channel.value)}" for channel in segment.channels)


def _segment(said: Broadcast) -> Segment:
    return said.segment or Segment(meetings=() if said.meeting_id is None else (said.meeting_id,))
