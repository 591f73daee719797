"""A button answers the question it stands under, and no other."""

import pytest

from tests.support.rehearsal import Citizen, Rehearsal, Said

STALE = "non ho cambiato nulla"
SPORT = "siamo la Polisportiva Le Querce, veniamo in due giovedì 21"


def data_of(said: Said, verb: str) -> str:
    """The newest button of ``said`` whose data begin with ``verb``, as Telegram would send it back."""
    return [b.data for m in said.messages for row in m.buttons for b in row if b.data.startswith(verb)][-1]


async def registered(rehearsal: Rehearsal) -> Citizen:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    await anna.presses("yes")
    assert len(await rehearsal.registered()) == 1
    return anna


@pytest.mark.parametrize("wish", ["cancellate tutti i miei dati", "vorrei disdire giovedì 21"])
async def test_an_old_yes_confirms_nothing_else(rehearsal: Rehearsal, wish: str) -> None:
    anna = await registered(rehearsal)
    old = await anna.says("siamo la Polisportiva Le Querce, veniamo in due anche venerdì 22")
    before = await rehearsal.registered()
    asked = await anna.says(wish)
    answered = await anna.presses_data(data_of(old, "yes"))
    assert STALE in answered.text
    assert asked.messages[-1].text in answered.text  # the open question, once more
    assert await rehearsal.registered() == before
    assert (await rehearsal.rows("SELECT count(*) FROM people"))[0][0] == 1
    await anna.presses_data(data_of(asked, "yes"))  # its own button still counts
    assert [r[3] for r in await rehearsal.registered()] in ([], ["withdrawn"])


async def test_every_button_of_a_question_is_bound_to_it(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    which = await anna.says("/iscriviti")
    consent = await anna.presses(data_of(which, "meeting"))
    organisation = await anna.presses("yes")
    people = await anna.says("Coro Le Rondini")
    confirm = await anna.presses("people:3")
    fix = await anna.presses("fix:ask")
    again = await anna.presses("fix:participants")
    last = await anna.presses("people:4")
    assert "4 persone" in last.text
    for said, verb in [
        (which, "meeting"),
        (consent, "yes"),
        (consent, "no"),
        (consent, "fix"),
        (organisation, "private"),
        (people, "people"),
        (confirm, "yes"),
        (confirm, "no"),
        (fix, "fix:meeting"),
        (fix, "fix:organisation"),
        (again, "people"),
    ]:
        answered = await anna.presses_data(data_of(said, verb))
        assert STALE in answered.text, verb
        assert last.text in answered.text, verb
        assert await rehearsal.registered() == []
    await anna.presses("yes")
    assert [(r[1], r[2]) for r in await rehearsal.registered()] == [("Coro Le Rondini", 4)]
    done = await anna.presses_data(data_of(last, "yes"))  # twice: the step is over
    assert STALE in done.text
    assert len(await rehearsal.registered()) == 1


async def test_the_place_to_withdraw_from_is_bound(rehearsal: Rehearsal) -> None:
    anna = await registered(rehearsal)
    await anna.says("siamo la Polisportiva Le Querce, veniamo in due anche venerdì 22")
    await anna.presses("yes")
    which = await anna.says("vorrei disdire")
    await anna.says("/annulla")
    await anna.says("cancellate tutti i miei dati")
    assert STALE in (await anna.presses_data(data_of(which, "place"))).text
    assert [r[3] for r in await rehearsal.registered()] == ["confirmed", "confirmed"]


async def test_buttons_without_a_mark_answer_nothing(rehearsal: Rehearsal) -> None:
    anna = await registered(rehearsal)
    await anna.says("cancellate tutti i miei dati")
    for bare in ("yes", "yes#", "yes#0000000000000000", "no#x", "place:1", "people:99999999999999999999", "#", "fix:"):
        assert STALE in (await anna.presses_data(bare)).text, bare
    assert (await rehearsal.rows("SELECT count(*) FROM people"))[0][0] == 1


async def test_a_wish_of_its_own_is_no_answer(rehearsal: Rehearsal) -> None:
    """ "Non era questo" while the association is asked.

    The question goes to a person, nobody becomes a private citizen.
    """
    anna = rehearsal.citizen()
    await anna.says("mi iscrivo giovedì 21")
    await anna.presses("yes")
    told = await anna.says("quante città fanno parte della rete?")
    answered = await anna.presses_data(data_of(told, "wrong"))
    assert "associazione" in answered.text  # asked once more
    await anna.says("Coro Le Rondini")
    await anna.presses("people:2")
    await anna.presses("yes")
    assert [r[1] for r in await rehearsal.registered()] == ["Coro Le Rondini"]


async def test_not_this_one_is_about_the_question_above_it(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    first = await anna.says("quante città fanno parte della rete?")
    await anna.says("cos'è il Patto per l'apprendimento?")
    assert STALE in (await anna.presses_data(data_of(first, "wrong"))).text
    assert await rehearsal.rows("SELECT * FROM hand_overs") == []


async def test_the_programme_stays_a_menu(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    programme = await anna.says("/programma")
    await anna.says("cancellate tutti i miei dati")
    asked = await anna.presses_data(data_of(programme, "meeting"))
    assert STALE not in asked.text
    assert "privacy" in asked.text.lower()
