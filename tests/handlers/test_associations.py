"""One mailbox, several associations: each has its own registration."""

from db.broadcasts import Broadcast
from delivery.broadcasts import recipients
from tests.support.rehearsal import Rehearsal, text_of

CHOIR, BAND = "Coro Le Rondini", "Banda Il Tasso"
_FRIDAY = "musei_cultura"


async def test_a_second_association_from_one_mailbox_is_one_more_registration(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    second = await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")
    await office.writes("Iscriviamo anche il Gruppo Scacchi, tre persone, a venerdì 22 gennaio.", answers=second.last)
    assert await rehearsal.registered() == [
        (_FRIDAY, CHOIR, 2, "confirmed"),
        (_FRIDAY, BAND, 4, "confirmed"),
        (_FRIDAY, "Gruppo Scacchi", 3, "confirmed"),
    ]
    uids = await rehearsal.rows("SELECT DISTINCT uid FROM registrations")
    assert len(uids) == 3


async def test_the_same_association_written_otherwise_is_updated(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    first = await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    await club.writes("Siamo l'ASD Polisportiva Le Querce, saremo in cinque giovedì 21.", answers=first.last)
    assert await rehearsal.registered() == [("sport", "Polisportiva Le Querce", 5, "confirmed")]


async def test_a_wrong_name_is_put_right_not_added(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    first = await club.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    right = await club.writes("Ci siamo sbagliati, siamo il Coro Le Allodole.", answers=first.last)
    assert await rehearsal.registered() == [(_FRIDAY, "Coro Le Allodole", 2, "confirmed")]
    await club.writes("Ci siamo sbagliati: venerdì 22 veniamo come Banda Il Tasso.", answers=right.last)
    assert await rehearsal.registered() == [(_FRIDAY, BAND, 2, "confirmed")]


async def test_a_place_taken_for_oneself_becomes_the_associations(rehearsal: Rehearsal) -> None:
    club = rehearsal.association(name="Lia Neri")
    first = await club.writes("Vorrei iscrivermi a venerdì 22 gennaio.")
    await club.writes("Siamo il Coro Le Rondini, veniamo in tre venerdì 22.", answers=first.last)
    assert await rehearsal.registered() == [(_FRIDAY, CHOIR, 3, "confirmed")]


async def test_of_two_one_is_changed_and_withdrawn_by_its_name(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    mail = (await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")).last
    await office.writes("Il Coro Le Rondini sarà in cinque.", answers=mail)
    assert await rehearsal.registered() == [(_FRIDAY, CHOIR, 5, "confirmed"), (_FRIDAY, BAND, 4, "confirmed")]
    asked = await office.writes("Purtroppo non possiamo più venire venerdì 22.", answers=mail)
    assert CHOIR in asked.text
    assert BAND in asked.text
    sure = await office.writes("Disdico solo la Banda Il Tasso.", answers=asked.last)
    assert CHOIR not in sure.text
    await office.writes("sì", answers=sure.last)
    assert [(r[1], r[3]) for r in await rehearsal.registered()] == [(CHOIR, "confirmed"), (BAND, "withdrawn")]


async def test_with_two_registered_a_number_alone_is_asked_about(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    mail = (await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")).last
    asked = await office.writes("Vorremmo partecipare in sette a venerdì 22 gennaio.", answers=mail)
    assert "Per quale associazione" in asked.text or "Quale iscrizione" in asked.text
    await office.writes("Il coro.", answers=asked.last)
    assert await rehearsal.registered() == [(_FRIDAY, CHOIR, 7, "confirmed"), (_FRIDAY, BAND, 4, "confirmed")]


async def test_each_registration_is_reminded_by_its_name(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")
    before = len(office.mails)
    await rehearsal.goes_to("2021-01-21T09:30")
    said = [text_of(m) for m in office.mails[before:]]
    assert len(said) == 2
    assert CHOIR in said[0]
    assert BAND not in said[0]
    assert BAND in said[1]


async def test_a_chat_tells_the_registrations_apart(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a venerdì 22: Coro Le Rondini, siamo in due. Mi chiamo Anna Esempio.")
    await anna.presses("yes")
    asked = await anna.says("Iscrivo anche la Banda Il Tasso a venerdì 22, siamo in quattro")
    assert "Resta com'è l'altra iscrizione" in asked.text
    await anna.presses("yes")
    shown = await anna.says("/iscrizioni")
    assert CHOIR in shown.text
    assert BAND in shown.text
    which = await anna.says("non posso più venire")
    assert len({label for label in which.labels if label.startswith((CHOIR, BAND))}) == 2


async def test_one_of_two_moves_and_the_other_stays_away(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    mail = (await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")).last
    moved = await office.writes("Spostate la Banda Il Tasso a giovedì 21.", answers=mail)
    asked = await office.writes("Il Coro Le Rondini non viene più.", answers=moved.last)
    await office.writes("sì", answers=asked.last)
    assert await rehearsal.registered() == [
        (_FRIDAY, CHOIR, 2, "withdrawn"),
        (_FRIDAY, BAND, 4, "withdrawn"),
        ("sport", BAND, 4, "confirmed"),
    ]


async def test_a_second_association_named_before_the_yes_waits_its_turn(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a venerdì 22: Coro Le Rondini, siamo in due. Mi chiamo Anna Esempio.")
    answer = await anna.says("e iscrivi anche la Banda Il Tasso, in quattro")
    assert "Una per volta" in answer.text
    await anna.presses("yes")
    assert await rehearsal.registered() == [(_FRIDAY, CHOIR, 2, "confirmed")]


async def test_one_more_meeting_with_another_number_leaves_the_first_as_it_was(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a venerdì 22: Coro Le Rondini, siamo in due. Mi chiamo Anna Esempio.")
    await anna.says("e anche a giovedì 21, in tre")
    await anna.presses("yes")
    assert sorted((r[0], r[2]) for r in await rehearsal.registered()) == [(_FRIDAY, 2), ("sport", 3)]


async def test_what_is_written_to_many_reaches_a_mailbox_of_two_associations_once(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")
    async with rehearsal.database.begin() as tx:
        reached = await recipients(tx, Broadcast("Oggetto", "Testo", 3))
    assert [(r.registration, r.channel) for r in reached] == [(1, "email")]
