"""Staff do for a person what the person could do, by the same handlers.

The person hears of it, or a reason is noted.
"""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from conversation.channel import Channel
from conversation.message import Address, DeliveryReport, DeliveryStatus, Outcome, Receipt
from db.meetings import get_meeting
from db.not_arrived import not_arrived
from db.outbox import CONFIRMATION
from db.personal_data import join_people
from db.registered import know
from db.requests import TERMINAL
from db.sent import SentFilter, sent_messages
from handlers.bounces import take_back
from handlers.turn import PRIVACY_NOTICE_VERSION
from knowledge.library import load_library
from office.errors import RefusedError
from office.moving import know_of, open_change
from office.newcomers import NamesakeError, Newcomer, Unheard
from office.on_behalf import change_seats, register, register_known, send_link, withdraw
from office.outgoing import put_away
from office.people import add_contact, join
from office.personal_data import kept
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal, calendars_of, text_of
from web.console.meeting_form import say_told

ADA = Address(Channel.EMAIL, "ada@posta.example")


async def sport(rehearsal: Rehearsal) -> int:
    return int((await rehearsal.rows("SELECT id FROM meetings WHERE sector = 'sport'"))[0][0])


async def add(rehearsal: Rehearsal, participants: int = 2, *, unheard: Unheard | None = None) -> int:
    who = Newcomer(ADA, "Ada Prova", "Coro Le Rondini", participants, await sport(rehearsal))
    async with rehearsal.database.begin() as tx:
        made, _ = await register(tx, desk(rehearsal), who, unheard=unheard)
    await rehearsal.works()
    return made.id


async def test_who_is_registered_by_telephone_gets_the_confirmation(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    ada = rehearsal.association(ADA.value, "Ada Prova")
    mail = await ada.gets("Iscrizione confermata")
    assert "Coro Le Rondini, 2 persone" in text_of(mail)
    assert calendars_of(mail)
    assert await rehearsal.rows("SELECT notice_version, notice_at FROM people") == [(0, None)]
    await ada.writes("Annullate la nostra iscrizione", answers=mail)  # what staff wrote is the person's own
    await ada.gets("ho annullato")


@pytest.mark.parametrize("returns", [True, False], ids=["came back", "refused"])
async def test_who_had_no_confirmation_knows_nothing_of_the_meeting(rehearsal: Rehearsal, *, returns: bool) -> None:
    if not returns:
        rehearsal.transports[Channel.EMAIL].answers = [Receipt(Outcome.REFUSED, reason="550 no such user")]
    await add(rehearsal)
    if returns:
        sent = await rehearsal.association(ADA.value).gets("Iscrizione confermata")
        report = DeliveryReport(DeliveryStatus.HARD, (sent["Message-ID"],), (ADA.value,), "5.1.1")
        async with rehearsal.database.begin() as tx:
            await take_back(tx, report, library=load_library(), office=rehearsal.office, now=rehearsal.clock())
    async with rehearsal.database.begin() as tx:
        known = await know(tx, 1)
    assert known
    [seat] = known.seats
    assert say_told(seat.told, rehearsal.clock(), waiting=False) == "niente, la conferma non è arrivata"
    await rehearsal.changes("sport", grace=timedelta(hours=1), hour=time(18))
    async with rehearsal.database.begin() as tx:
        meeting = await get_meeting(tx, SPORT)
        assert meeting
        noted = await open_change(tx, rehearsal.clock(), SPORT)
        assert noted
        assert await know_of(tx, meeting, noted, rehearsal.clock()) == 0
    await rehearsal.goes_to("2021-01-15T16:00")
    assert "ore 18.00" in text_of(rehearsal.association(ADA.value).mails[-1])


async def test_who_was_told_by_telephone_instead_of_the_confirmation_knows(rehearsal: Rehearsal) -> None:
    rehearsal.transports[Channel.EMAIL].answers = [Receipt(Outcome.REFUSED, reason="550 no such user")]
    await add(rehearsal)
    async with rehearsal.database.begin() as tx:
        [lost] = await not_arrived(tx, rehearsal.clock(), most=9)
        await put_away(tx, lost["id"], rehearsal.clock(), by=desk(rehearsal).by)
        known = await know(tx, 1)
        meeting = await get_meeting(tx, SPORT)
    assert known
    assert meeting
    assert known.seats[0].told == meeting.as_told()


async def test_who_is_found_to_have_accepted_the_notice_elsewhere_has_accepted_it(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    await comes(rehearsal, mail("ada.altra"))
    async with rehearsal.database.begin() as tx:
        await join(tx, 1, 2, rehearsal.clock(), by=desk(rehearsal).by)
        copy = await kept(tx, ADA.value)
    assert copy
    assert copy["notice_accepted_at"]
    assert await rehearsal.rows("SELECT notice_version FROM people") == [(PRIVACY_NOTICE_VERSION,)]


async def test_it_is_kept_who_registered_them(rehearsal: Rehearsal) -> None:
    paola = await operator(rehearsal, "Paola")
    who = Newcomer(ADA, "Ada Prova", "", 1, await sport(rehearsal))
    async with rehearsal.database.begin() as tx:
        await register(tx, desk(rehearsal, paola), who, unheard=Unheard.TOLD_BY_VOICE)
    assert await rehearsal.rows("SELECT added_by FROM registrations") == [(paola.staff_id,)]
    log = await rehearsal.rows("SELECT staff_id, data FROM audit WHERE action = 'registered_by_hand'")
    assert log == [(paola.staff_id, '{"unheard": "told_by_voice"}')]


async def test_what_staff_do_for_somebody_is_noted_once_and_as_theirs(rehearsal: Rehearsal) -> None:
    paola = await operator(rehearsal, "Paola")
    who = Newcomer(ADA, "Ada Prova", "Coro Le Rondini", 2, await sport(rehearsal))
    async with rehearsal.database.begin() as tx:
        made, _ = await register(tx, desk(rehearsal, paola), who)
        await register(tx, desk(rehearsal, paola), replace(who, participants=3))  # again: only another number
        await change_seats(tx, desk(rehearsal, paola), made.id, 4)
        await withdraw(tx, desk(rehearsal, paola), made.id)
    assert await rehearsal.rows("SELECT action, staff_name, subject FROM audit WHERE staff_name <> '' ORDER BY id") == [
        (action, "Paola", f"registration:{made.id}")
        for action in ("registered_by_hand", "changed_by_hand", "changed_by_hand", "withdrawn_by_hand")
    ]


async def test_the_confirmation_of_a_registration_is_known_as_such(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    club = rehearsal.association("querce@posta.example", "Bruno Prova")
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await club.gets("Iscrizione confermata")
    await club.writes("Quando è l'incontro dei musei?")
    replies = await rehearsal.rows("SELECT value, detail FROM outbox WHERE kind = 'reply' ORDER BY id")
    assert replies == [(ADA.value, CONFIRMATION), (club.address, CONFIRMATION), (club.address, "")]


async def test_an_answer_is_known_to_be_of_the_one_registration_that_it_tells_of(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    ada = rehearsal.association(ADA.value, "Ada Prova")
    await ada.writes("Annullate la nostra iscrizione", answers=await ada.gets("Iscrizione confermata"))
    club = rehearsal.association("querce@posta.example", "Bruno Prova")
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21 e in tre venerdì 22 ai musei")
    await club.writes("Quando è l'incontro dei musei?")
    replies = await rehearsal.rows("SELECT value, registration_id FROM outbox WHERE kind = 'reply' ORDER BY id")
    assert replies == [(ADA.value, 1), (ADA.value, 1), (club.address, None), (club.address, None)]
    assert len(await rehearsal.rows("SELECT id FROM registrations")) == 3
    async with rehearsal.database.look() as tx:
        left = await sent_messages(tx, SentFilter(9, meeting=SPORT))
        known = await know(tx, 1)
    of_one = {("reply", CONFIRMATION, "sport"), ("reply", "", "sport")}
    of_several = {("reply", CONFIRMATION, "")}  # the club's, which is about this meeting too
    assert {(m.kind, m.detail, m.sector) for m in left} == of_one | of_several
    assert known
    assert [m.sector for m in known.sent] == ["sport", "sport"]


async def test_an_answer_that_has_not_left_outlives_withdrawal_and_joining(rehearsal: Rehearsal) -> None:
    who = Newcomer(ADA, "Ada Prova", "", 1, await sport(rehearsal))
    async with rehearsal.database.begin() as tx:
        made, _ = await register(tx, desk(rehearsal), who)
        await withdraw(tx, desk(rehearsal), made.id)
        other, _ = await register(tx, desk(rehearsal), replace(who, address=mail("ida"), name="Ida Prova"))
        await join_people(tx, other.person_id, made.person_id, rehearsal.clock())
    replies = await rehearsal.rows("SELECT state, registration_id FROM outbox WHERE kind = 'reply' ORDER BY id")
    assert replies == [("pending", other.id)] * 3


async def test_what_people_do_themselves_is_noted_as_theirs(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    ada = rehearsal.association(ADA.value, "Ada Prova")
    await ada.writes("Annullate la nostra iscrizione", answers=await ada.gets("Iscrizione confermata"))
    noted = await rehearsal.rows("SELECT action, staff_name FROM audit ORDER BY id DESC LIMIT 1")
    assert noted == [("withdrawn", "")]


async def test_who_need_not_hear_of_it_does_not(rehearsal: Rehearsal) -> None:
    number = await add(rehearsal, unheard=Unheard.TOLD_BY_VOICE)
    async with rehearsal.database.begin() as tx:
        _, hearing = await change_seats(tx, desk(rehearsal), number, 4, unheard=Unheard.OWN_MISTAKE)
        await withdraw(tx, desk(rehearsal), number, unheard=Unheard.TOLD_BY_VOICE)
    await rehearsal.works()
    assert not rehearsal.association(ADA.value).mails
    assert (hearing.address, hearing.unheard) == (None, Unheard.OWN_MISTAKE)
    assert await rehearsal.rows("SELECT status, participants FROM registrations") == [("withdrawn", 4)]


async def test_who_was_told_nothing_is_not_taken_for_told(rehearsal: Rehearsal) -> None:
    await add(rehearsal, unheard=Unheard.OWN_MISTAKE)
    assert await rehearsal.rows("SELECT told FROM registrations") == [("{}",)]


async def test_seats_the_link_and_the_end(rehearsal: Rehearsal) -> None:
    number = await add(rehearsal)
    ada = rehearsal.association(ADA.value)
    async with rehearsal.database.begin() as tx:
        await change_seats(tx, desk(rehearsal), number, 5)
        await send_link(tx, desk(rehearsal), number)
        done = await withdraw(tx, desk(rehearsal), number)
        with pytest.raises(RefusedError, match="già stata annullata"):
            await withdraw(tx, desk(rehearsal), number)
    await rehearsal.works()
    assert "5 persone" in text_of(await ada.gets("Iscrizione aggiornata"))
    assert "https://zoom.example/j/sport" in text_of(ada.mails[-2])
    last = await ada.gets("L'ufficio ha ritirato la vostra iscrizione")
    assert last["Subject"] == "Messaggio dell'ufficio Lucca Learning City"
    assert "METHOD:CANCEL" in calendars_of(last)[0]
    assert (done.hearing.address, done.hearing.unheard) == (ADA, None)
    assert done.text in text_of(last).replace("\n", " ")


async def test_nobody_is_answered_who_said_nothing(rehearsal: Rehearsal) -> None:
    anna = Address(Channel.TELEGRAM, "2001")
    number = await comes(rehearsal, anna)
    who = Newcomer(ADA, "Ada Prova", "Coro Le Rondini", 2, await sport(rehearsal))
    async with rehearsal.database.begin() as tx:
        await register(tx, desk(rehearsal), who)
        await change_seats(tx, desk(rehearsal), number, 5)
        await withdraw(tx, desk(rehearsal), number)
    rows = await rehearsal.rows("SELECT payload FROM outbox WHERE kind = 'reply' ORDER BY id")
    by_hand, changed, withdrawn = (str(row[0]) for row in rows)
    assert "L'ufficio ha registrato la vostra iscrizione." in by_hand
    assert "per conto dell'ufficio" in by_hand
    assert "L'ufficio ha cambiato la tua iscrizione" in changed
    assert "L'ufficio ha ritirato la tua iscrizione" in withdrawn
    for text in (by_hand, changed, withdrawn):
        assert "Grazie" not in text
        assert "risposta automatica" not in text


async def test_who_is_known_on_telegram_only_is_registered_and_told_there(rehearsal: Rehearsal) -> None:
    anna = Address(Channel.TELEGRAM, "2001")
    await comes(rehearsal, anna, MUSEUMS, association="Coro Le Rondini")
    paola = await operator(rehearsal, "Paola")
    async with rehearsal.database.begin() as tx:
        made, hearing = await register_known(tx, desk(rehearsal, paola), 1, SPORT, "Coro Le Rondini", 3)
        with pytest.raises(RefusedError, match="ha già un'iscrizione"):
            await register_known(tx, desk(rehearsal, paola), 1, SPORT, "coro le rondini", 4)
        other, _ = await register_known(tx, desk(rehearsal, paola), 1, SPORT, "", 1, unheard=Unheard.TOLD_BY_VOICE)
    assert (made.person_id, made.participants, made.organisation) == (1, 3, "Coro Le Rondini")
    assert other.id != made.id
    assert (hearing.name, hearing.address, hearing.unheard) == ("Prova 2001", anna, None)
    assert await rehearsal.rows("SELECT channel, value, detail FROM outbox WHERE kind = 'reply'") == [
        ("telegram", "2001", CONFIRMATION)
    ]
    assert await rehearsal.rows("SELECT name FROM people") == [("Prova 2001",)]
    log = await rehearsal.rows(f"SELECT action, staff_id FROM audit WHERE subject = 'registration:{made.id}'")
    assert log == [("registered_by_hand", paola.staff_id)]


async def test_what_cannot_be_done_is_said(rehearsal: Rehearsal) -> None:
    meeting = await sport(rehearsal)
    await rehearsal.changes("sport", capacity=3)
    number = await add(rehearsal)
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="da 1 a"):
            await change_seats(tx, desk(rehearsal), number, 0)
        with pytest.raises(RefusedError, match="manca il nome"):
            await register(tx, desk(rehearsal), Newcomer(ADA, " ", "", 1, meeting))
        with pytest.raises(RefusedError, match="non c'è un incontro"):
            await register(tx, desk(rehearsal), Newcomer(ADA, "Ada Prova", "", 1, 99))
        other = Newcomer(Address(Channel.EMAIL, "bruno@posta.example"), "Bruno", "", 3, meeting)
        assert (await register(tx, desk(rehearsal), other))[0].status == "waitlisted"
    with pytest.raises(RefusedError, match="non ci sono posti"):
        async with rehearsal.database.begin() as tx:
            await change_seats(tx, desk(rehearsal), number, 9)


async def test_a_new_contact_and_two_who_are_one(rehearsal: Rehearsal) -> None:
    await add(rehearsal)
    meeting = await sport(rehearsal)
    new, other = Address(Channel.EMAIL, "ada@nuova.example"), Address(Channel.EMAIL, "coro@posta.example")
    async with rehearsal.database.begin() as tx:
        again = Newcomer(other, "Ada Prova", "Coro Le Rondini", 3, meeting)
        with pytest.raises(NamesakeError) as known:
            await register(tx, desk(rehearsal), again, unheard=Unheard.TOLD_BY_VOICE)
        assert [p.id for p in known.value.found] == [1]
        await register(tx, desk(rehearsal), again, unheard=Unheard.TOLD_BY_VOICE, another=True)
        with pytest.raises(RefusedError, match="di un'altra persona"):
            await add_contact(tx, 1, other, rehearsal.clock(), by=TERMINAL)
        await add_contact(tx, 1, new, rehearsal.clock(), by=TERMINAL, instead_of=ADA)
        with pytest.raises(RefusedError, match="non è di questa persona"):
            await add_contact(tx, 1, Address(Channel.TELEGRAM, "2001"), rehearsal.clock(), by=TERMINAL, instead_of=ADA)
        with pytest.raises(RefusedError, match="non c'è una persona"):
            await join(tx, 1, 99, rehearsal.clock(), by=TERMINAL)
        await join(tx, 1, 2, rehearsal.clock(), by=TERMINAL)
    assert await rehearsal.rows("SELECT value FROM addresses WHERE person_id = 1 ORDER BY value") == [
        ("ada@nuova.example",),
        ("coro@posta.example",),
    ]
    assert await rehearsal.rows("SELECT count(*) FROM registrations") == [(1,)]
