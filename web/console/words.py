"""What several pages say in the same words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from conversation.channel import CHANNELS, Channel, channel_named
from conversation.meeting import Meeting
from conversation.times import speak_day, to_local
from db.attendance import Present
from office.errors import RefusedError
from office.hearing import Hearing, Seated
from office.newcomers import Unheard

#: Digits of a number that the database can hold.
_DIGITS = 9
_MINUTE = 60
#: Whoever has no names before them is not to guess one from a number.
LEAST = 5
#: Why nobody writes to somebody of what was done for them.
_UNHEARD = {
    Unheard.TOLD_BY_VOICE: "non parte nessun messaggio, gliel'hai detto tu",
    Unheard.OWN_MISTAKE: "non parte nessun messaggio, nessuno glielo dice",
    Unheard.NO_ADDRESS: "non parte nessun messaggio, va avvisato a voce",
}
#: Why nothing reaches an address any more, where it is not that what is sent comes back.
_STOPPED = {"unsubscribed": "non vuole più messaggi", "blocked": "ha bloccato il bot"}
#: Of those who get a seat so many are named in a sentence.
_NAMED = 5
#: Who gets a seat by it, and is written to; and who cannot be. One, and several.
_SEATED = (
    (
        " Un'iscrizione in lista d'attesa ha ora un posto, e riceve un messaggio.",
        " {} iscrizioni in lista d'attesa hanno ora un posto, e ricevono un messaggio.",
    ),
    (
        " Un'iscrizione in lista d'attesa ha ora un posto: non ha un recapito, va avvisata a voce.",
        " {} iscrizioni in lista d'attesa hanno ora un posto: non hanno un recapito, vanno avvisate a voce.",
    ),
)


def whole(text: str, *, digits: int = _DIGITS) -> int | None:
    """The number that a form or an address gives; ``None`` for what is none, or has more digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def sentence(refused: RefusedError) -> str:
    """The refusal as a sentence."""
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."


def call_meeting(sector: str, title: str) -> str:
    """«Associazioni sportive»; of one with a title of its own «Associazioni sportive («Una sera»)»."""
    named = sector.capitalize()
    return f"{named} («{title}»)" if title else named


def name_meeting(meeting: Meeting, sectors: Mapping[str, Mapping[str, str]]) -> str:
    """The same. ``sectors``: their names, by what they are called in the database."""
    return call_meeting(sectors[meeting.sector]["it"], meeting.title)


def say_channel(name: str) -> str:
    """The channel with this name in the database, for staff; a dash for none."""
    return channel_named(name).called if name else "—"


def say_unreached(channel: str, reason: str, since: datetime | None) -> str:
    """Why nothing reaches an address, as the database has it, and since when: «la posta torna indietro dal 15/01/2021».

    «Non ha un recapito», where there is none.
    """
    if not channel or not channel_named(channel).written:
        return "non ha un recapito"
    back = "la posta torna indietro" if channel_named(channel).has_mailboxes else "i messaggi tornano indietro"
    said = _STOPPED.get(reason, back)
    return f"{said} dal {to_local(since):%d/%m/%Y}" if since else said


def say_by(name: str) -> str:
    """How something goes there, for staff: «per e-mail»; a dash for none."""
    return channel_named(name).by if name else "—"


def channels(*, written: bool = False) -> list[tuple[str, str]]:
    """The names of the channels that people use, in the database and for staff; ``written``: where they read us."""
    used = [channel for channel in CHANNELS.values() if channel is not Channel.TERMINAL]
    return [(channel.value, channel.called) for channel in used if channel.written or not written]


def say_date(day: date, now: datetime) -> str:
    """«venerdì 22 gennaio», with the year when it is not this one."""
    return speak_day(day, "it") + (f" {day.year}" if day.year != to_local(now).year else "")


def say_at(moment: datetime, now: datetime) -> str:
    """«alle 9.20»; with its day when that is not today."""
    local = to_local(moment)
    before = "all'" if local.hour == 1 else "alle "
    at = f"{before}{local.hour}.{local:%M}"
    return at if local.date() == to_local(now).date() else f"{say_date(local.date(), now)} {at}"


def say_leaving(due: datetime, now: datetime) -> str:
    """When something leaves: «adesso», «fra 30 secondi», «fra 2 minuti»; later, the hour."""
    seconds = round((due - now).total_seconds())
    if seconds <= 0:
        return "adesso"
    if seconds < _MINUTE:
        return f"fra {seconds} secondi" if seconds > 1 else "fra un secondo"
    minutes = round(seconds / _MINUTE)
    if minutes > _MINUTE:
        return say_at(due, now)
    return "fra un minuto" if minutes == 1 else f"fra {minutes} minuti"


def say_notices(count: int, when: str) -> str:
    """«1 aggiornamento parte adesso», «2 aggiornamenti partono adesso», «Non parte nessun aggiornamento»."""
    if not count:
        return "Non parte nessun aggiornamento"
    return f"1 aggiornamento parte {when}" if count == 1 else f"{count} aggiornamenti partono {when}"


def count_people(number: int) -> str:
    """«1 persona», «3 persone»."""
    return "1 persona" if number == 1 else f"{number} persone"


def say_few(number: int) -> str:
    """A number of people for whoever has no names before them: nothing tells how few a few are."""
    return str(number) if number >= LEAST else f"meno di {LEAST}"


def say_present(came: Present) -> str:
    """«10 persone, di cui 1 con l'iscrizione ritirata»; empty while nobody is known to have come."""
    if not came.people:
        return ""
    return count_people(came.people) + (
        f", di cui {came.withdrawn} con l'iscrizione ritirata" if came.withdrawn else ""
    )


def say_heard(done: str, hearing: Hearing) -> str:
    """«Iscrizione ritirata: parte un messaggio a Marta, per e-mail.», and who of the waiting list has a seat by it."""
    if hearing.unheard is None and hearing.address is not None:
        whom = f"parte un messaggio a {hearing.name or 'chi è iscritto'}, {hearing.address.channel.by}"
    else:
        whom = _UNHEARD[hearing.unheard or Unheard.NO_ADDRESS]
    seated = zip((hearing.seated, hearing.seated_unreached), _SEATED, strict=True)
    return f"{done}: {whom}." + "".join((one if n == 1 else many.format(n)) for n, (one, many) in seated if n)


def say_seats(seated: Sequence[Seated]) -> str:
    """«Anna (per e-mail) ha ora un posto, e riceve un messaggio.», and whom nothing reaches."""
    told = [f"{s.name or 'senza nome'} ({s.channel.by})" for s in seated if s.channel is not None]
    lost = [s.name or "senza nome" for s in seated if s.channel is None]
    said = []
    if told:
        has = "ha ora un posto, e riceve" if len(told) == 1 else "hanno ora un posto, e ricevono"
        said.append(f"{_say_some(told)} {has} un messaggio.")
    if lost:
        has = "ha ora un posto: non si può raggiungere, avvisalo tu"
        have = "hanno ora un posto: non si possono raggiungere, avvisali tu"
        said.append(f"{_say_some(lost)} {has if len(lost) == 1 else have}.")
    return " ".join(said)


def _say_some(names: Sequence[str]) -> str:
    """The first of them, and how many others there are."""
    more = len(names) - _NAMED
    rest = "" if more < 1 else " e un'altra persona" if more == 1 else f" e altre {more} persone"
    return ", ".join(names[:_NAMED]) + rest
