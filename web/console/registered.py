"""Iscritti: who comes, looked for, marked present, taken along as a sheet; somebody registered by hand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.meeting import Meeting
from db.attendance import How, count_present
from db.doubled import also_registered_by
from db.engine import Transaction
from db.finding import FoundPerson
from db.meetings import programme
from db.registered import REGISTERED, RegistrationStatus
from db.registrations import Registration
from office.attendance import can_be_marked, mark_all
from office.errors import RefusedError
from office.hearing import Hearing
from office.newcomers import AddressKnownError, NamesakeError, Newcomer, Unheard
from office.people import read_address
from web.console.frame import say_day
from web.console.lists import Column, Filter, ListPage, Row, moment_of, show_list
from web.console.moving import meeting_of
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import (
    call_meeting,
    channels,
    name_meeting,
    say_heard,
    say_present,
    say_unreached,
    sentence,
    whole,
)

STATUS = {
    RegistrationStatus.CONFIRMED.value: "iscritto",
    RegistrationStatus.WAITLISTED.value: "in lista d'attesa",
    RegistrationStatus.WITHDRAWN.value: "ritirato",
}
_PRESENT = {
    How.HAND.value: "presente",
    How.GATE.value: "presente",
    How.ZOOM.value: "presente",
    How.ABSENT.value: "assente",
}
#: Of those who registered the same association so many by name.
_OTHERS = 2
#: Why somebody is not to hear of what is done for them: "" for who hears of it.
UNHEARD = [
    ("", "sì, riceve la conferma"),
    (Unheard.TOLD_BY_VOICE.value, "no, glielo dico io"),
    (Unheard.OWN_MISTAKE.value, "no, correggo un mio errore"),
]
_STATES = Filter("stato", "Stato", [("", "tutti"), *STATUS.items()])
#: Of the address that was given for it: who is registered by hand has one, too.
_CHANNELS = Filter("canale", "Recapito dato iscrivendosi", [("", "qualunque"), *channels()])
_REACHED = Filter("recapito", "Si può raggiungere", [("", "tutti"), ("no", "chi no: da avvisare per telefono")])
_COMING = Filter("incontri", "Incontri", [("", "tutti"), ("futuri", "ancora da tenere")])
_SINCE = Filter("dal", "Incontri dal", type="date")
_NAME = Column("name", "Nome", lambda r: r["name"], lambda r: f"{ROOT}/persone/{r['person_id']}")
_DAY = Column("day", "Incontro", lambda r: say_day(r["day"]), lambda r: f"{ROOT}/incontri/{r['meeting_id']}")


def _status(row: Row) -> str:
    parts = [STATUS[row["status"]]]
    if row["by_voice"]:
        parts.append("senza recapito: avvisare a voce")
    elif not row["reached"] and row["status"] != RegistrationStatus.WITHDRAWN.value:
        parts.append(f"non raggiungibile: {say_unreached(row['channel'], row['reason'], row['stopped_at'])}")
    parts += ["incontro annullato"] if row["cancelled"] else []
    return "; ".join(parts)


def _phone(row: Row) -> str:
    """Of who comes and is not reached otherwise. Not on the sheet, which goes from hand to hand."""
    calls = row["phone"] and not row["reached"] and row["status"] != RegistrationStatus.WITHDRAWN.value
    return f", tel. {row['phone']}" if calls else ""


def _whose(row: Row) -> str:
    return row["organisation"] or "privato cittadino"


def _organisation(row: Row) -> str:
    """With who else registered it for this meeting; a row of a file, or of all meetings, does not know."""
    others = row.get("also", ())
    more = max(len(others) - _OTHERS, 0)
    named = [name or "senza nome" for name in others[:_OTHERS]]
    named += [f"altri {more}" if more > 1 else "un altro"] if more else []
    return _whose(row) + (f" (anche da {' e '.join(named)})" if named else "")


_REST = (
    Column("organisation", "Associazione", _organisation),
    Column("participants", "Persone", number=True),
    Column("status", "Stato", _status, off_paper=_phone),
    Column("registered_at", "Quando", moment_of("registered_at")),
)


def say_presence(how: str, came: int, participants: int) -> str:
    """«presente», «assente», «presenti 2 su 3»; empty while nobody knows."""
    if _PRESENT.get(how) == "presente" and came != participants:
        return f"presenti {came} su {participants}"
    return _PRESENT.get(how, "")


def _came(row: Row) -> object:
    """How many came, to be added up; nothing where nobody knows."""
    return {"": "", How.ABSENT.value: 0}.get(row["attended_how"], row["came"])


def _everywhere(sectors: Mapping[str, str], *, people: bool) -> ListPage:
    """``sectors``: their names, by what they are called in the database; ``people``: they are counted, too."""
    sector = Column("sector", "Settore", lambda r: call_meeting(sectors[r["sector"]], r["title"]))
    chosen = Filter("settore", "Settore", [("", "tutti"), *sectors.items()])
    return ListPage(
        REGISTERED,
        (_NAME, _DAY, sector, *_REST),
        caption="Iscritti",
        one="iscrizione",
        many="iscrizioni",
        filters=(chosen, _STATES, _CHANNELS, _REACHED, _COMING, _SINCE),
        nothing="Nessuna iscrizione.",
        file="iscritti",
        names=True,
        people="person_id" if people else "",
    )


def _on_sheet(row: Row) -> str:
    """Who it is; that somebody waits for a seat is known to the room, why they are not reached is not."""
    waits = row["status"] == RegistrationStatus.WAITLISTED.value
    return (row["name"] or "senza nome") + (f" ({STATUS[row['status']]})" if waits else "")


_PRESENCE = Column("attended_how", "Presenza", lambda r: say_presence(r["attended_how"], r["came"], r["participants"]))
_AT_MEETING = ListPage(
    REGISTERED,
    (
        _NAME,
        *_REST,
        _PRESENCE,
        Column("came", "Presenti", _came, number=True, on_page=False),
    ),
    caption="Iscritti a questo incontro",
    one="iscrizione",
    many="iscrizioni",
    filters=(_STATES, _CHANNELS, _REACHED),
    nothing="Ancora nessuno.",
    file="iscritti",
    names=True,
    sheet="registered_sheet.html",
    on_sheet=(
        Column("name", "Nome", _on_sheet, sorts=False),
        Column("organisation", "Associazione", _whose, sorts=False),
        Column("participants", "Persone", sorts=False, number=True),
        replace(_PRESENCE, sorts=False),
    ),
    off_paper=lambda r: r["status"] == RegistrationStatus.WITHDRAWN.value,
)


async def show(visit: Visit) -> Response:
    """Everybody, for every meeting."""
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
    names = {key: said["it"] for key, said in sorted(sectors.items())}
    coming = ",".join(str(m.id) for m in meetings if m.is_upcoming(visit.times.now)) or "0"
    fixed = {"incontri": coming if visit.query.get("incontri") == "futuri" else ""}
    # People are who is telephoned: as many as the card on Oggi says.
    spec = _everywhere(names, people=visit.query.get("recapito") == "no")
    return await show_list(visit, spec, "registered.html", title="Iscritti", fixed=fixed)


async def show_at(visit: Visit) -> Response:
    """Who comes to one meeting."""
    async with visit.look() as tx:
        meeting, name = await _meeting(visit, tx)
        came = await count_present(tx, meeting.id)
    return await show_list(
        visit,
        replace(_AT_MEETING, about=_in_file_name(meeting)),
        "registered_at.html",
        title=f"Iscritti: {name}",
        fixed={"meeting": str(meeting.id)},
        add=_add_others,
        meeting=meeting.id,
        came=say_present(came),
        began=can_be_marked(meeting, visit.times.now),
        day=meeting.day,
    )


async def _add_others(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """To each row the others who registered its association for the same meeting."""
    others = await also_registered_by(tx, rows[0]["meeting_id"]) if rows else {}
    for row in rows:
        row["also"] = others.get(row["id"], [])


def _in_file_name(meeting: Meeting) -> str:
    """«incontro-8-sport-2021-02-11»."""
    said = re.sub(r"[^a-z0-9]+", "-", f"{meeting.sector} {meeting.day or ''}".lower()).strip("-")
    return f"incontro-{meeting.id}-{said}"


async def attend(visit: Visit) -> Response:
    """Those that were ticked came, or did not."""
    chosen = visit.ticked("scelti")
    present = {"presenti": True, "assenti": False, "non-si-sa": None}.get(visit.text("come"))
    people, back = visit.text("quante"), f"{ROOT}/incontri/{visit.path['meeting']}/iscritti"
    if not chosen:
        return await visit.redirect(back, "Prima scegli le persone nell'elenco.", bad=True)
    came = (whole(people, digits=4) or 0) if people else None
    try:
        async with visit.begin() as tx:
            await _meeting(visit, tx)
            await mark_all(tx, visit.desk, chosen, present=present, people=came)
    except RefusedError as refused:
        return await visit.redirect(back, sentence(refused), bad=True)
    return await visit.redirect(
        back, f"Segnate {len(chosen)} iscrizioni." if len(chosen) > 1 else "Segnata un'iscrizione."
    )


async def show_new(visit: Visit) -> Response:
    """The form for who telephones."""
    return await _new(visit)


async def _new(
    visit: Visit,
    *,
    fault: str = "",
    namesakes: Sequence[FoundPerson] = (),
    owner: FoundPerson | None = None,
    status: int = 200,
) -> Response:
    """``namesakes``: who is called so already; ``owner``: whose the address is."""
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
    fields = ("meeting", "channel", "address", "phone", "name", "organisation", "participants", "avvisare")
    given = {name: visit.text(name) or visit.query.get(name, "") for name in fields}
    return await visit.show(
        "register.html",
        title="Iscrivi a mano",
        status=status,
        options=to_choose(meetings, sectors, visit.times.now),
        given=given | {"participants": given["participants"] or "1"},
        unheard=UNHEARD,
        fault=fault,
        namesakes=namesakes,
        owner=owner,
    )


def to_choose(
    meetings: Sequence[Meeting], sectors: Mapping[str, Mapping[str, str]], now: datetime
) -> list[tuple[str, str]]:
    """The meetings that somebody can be registered for, as options; of several none is chosen in advance."""
    options = [(str(m.id), f"{say_day(m.day)}: {name_meeting(m, sectors)}") for m in meetings if m.is_upcoming(now)]
    return [("", "scegli l'incontro"), *options] if len(options) > 1 else options


async def add(visit: Visit) -> Response:
    """Register somebody as they asked by telephone."""
    from office.on_behalf import register  # it brings all that the bot understands by

    unheard, another = read_unheard(visit.text("avvisare")), visit.text("altra") == "1"
    same = whole(visit.text("stessa"))
    try:
        who = _read_newcomer(visit)
        async with visit.begin() as tx:
            made, hearing = await register(tx, visit.desk, who, unheard=unheard, another=another, same=same)
    except NamesakeError as known:
        return await _new(visit, fault=sentence(known), namesakes=known.found, status=409)
    except AddressKnownError as known:
        return await _new(visit, fault=sentence(known), owner=known.found, status=409)
    except RefusedError as refused:
        return await _new(visit, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{made.person_id}", say_registered(made, hearing))


def say_registered(made: Registration, hearing: Hearing) -> str:
    """Whether there was a seat, and whether a message leaves."""
    seated = made.status is RegistrationStatus.CONFIRMED
    return say_heard("Iscritto" if seated else "Messo in lista d'attesa, i posti sono finiti", hearing)


def read_meeting(visit: Visit) -> int:
    """The meeting that was chosen in a form; 0 for what is none. Raises ``RefusedError`` when none was."""
    if not visit.text("meeting"):
        msg = "manca l'incontro: scegline uno"
        raise RefusedError(msg)
    return whole(visit.text("meeting")) or 0


def _read_newcomer(visit: Visit) -> Newcomer:
    """As the form has them. Raises ``RefusedError``."""
    meeting = read_meeting(visit)
    return Newcomer(
        read_address(visit.text("address")) if visit.text("address") else None,
        visit.text("name"),
        visit.text("organisation"),
        whole(visit.text("participants"), digits=4) or 0,
        meeting,
        phone=visit.text("phone"),
    )


def read_unheard(given: str) -> Unheard | None:
    """Why the person is not to hear of it."""
    try:
        return Unheard(given) if given else None
    except ValueError:
        raise HTTPException(400) from None


async def _meeting(visit: Visit, tx: Transaction) -> tuple[Meeting, str]:
    meeting = await meeting_of(visit, tx)
    _, sectors = await programme(tx)
    hour = f", ore {meeting.hour.hour}.{meeting.hour:%M}" if meeting.hour else ""
    return meeting, f"{name_meeting(meeting, sectors)}, {say_day(meeting.day) or 'giorno non noto'}{hour}"
