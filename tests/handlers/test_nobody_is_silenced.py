"""Every letter ends answered, with a person who has been told, or known for a machine's by a rule with a name."""

import pytest

from tests.handlers.shapes import ANSWERED, LEFT_TO_A_PERSON, MACHINES, WHO, letter
from tests.support.rehearsal import STAFF, Rehearsal, text_of

REGISTERED = [("sport", "Polisportiva Le Querce", 3, "confirmed")]


async def what_became(rehearsal: Rehearsal, raw: bytes) -> tuple[str, str]:
    """What became of a letter, and the rule or the words that say why."""
    told = len([m for m in rehearsal.mails if m["To"] == STAFF])
    answered = len(rehearsal.mails)
    await rehearsal.receives(raw)
    kind, state, error, evidence = (
        await rehearsal.rows("SELECT kind, state, error, evidence FROM inbox ORDER BY id DESC LIMIT 1")
    )[0]
    if state == "set_aside" or kind == "handed_over":
        assert len([m for m in rehearsal.mails if m["To"] == STAFF]) > told, "nobody was told"
        return "person", error
    if len(rehearsal.mails) > answered:
        return "answered", ""
    assert kind != "human", "a person's letter was filed in silence"
    assert '"reason": "' in evidence
    return "machine", evidence


@pytest.mark.parametrize(("raw", "address"), ANSWERED.values(), ids=ANSWERED.keys())
async def test_who_writes_carelessly_is_registered_and_answered(rehearsal: Rehearsal, raw: bytes, address: str) -> None:
    assert (await what_became(rehearsal, raw))[0] == "answered"
    assert [str(m["To"]).strip('"').replace('"@', "@") for m in rehearsal.mails] == [address.replace('"', "")]
    assert await rehearsal.registered() == REGISTERED


@pytest.mark.parametrize("raw", LEFT_TO_A_PERSON.values(), ids=LEFT_TO_A_PERSON.keys())
async def test_what_cannot_be_answered_is_left_to_a_person(rehearsal: Rehearsal, raw: bytes) -> None:
    assert (await what_became(rehearsal, raw))[0] == "person"
    assert await rehearsal.registered() == []
    assert [m for m in rehearsal.mails if m["To"] != STAFF] == []


async def test_staff_are_shown_what_is_left_to_them_and_their_own_machine_is_not_answered(rehearsal: Rehearsal) -> None:
    await rehearsal.receives(LEFT_TO_A_PERSON["List-Unsubscribe"])
    told = text_of(rehearsal.staff.mails[-1])
    for part in (WHO, "Richiesta", "iscriviamo tre persone", "List-Unsubscribe"):
        assert part in told
    await rehearsal.receives(letter("Va bene, grazie.", sender=STAFF, X_Auto_Response_Suppress="All"), sender=STAFF)
    assert len(rehearsal.mails) == 1


@pytest.mark.parametrize("raw", MACHINES.values(), ids=MACHINES.keys())
async def test_machines_are_filed_by_a_rule_with_a_name(rehearsal: Rehearsal, raw: bytes) -> None:
    became, why = await what_became(rehearsal, raw)
    assert became == "machine", why
    assert await rehearsal.registered() == []
    assert rehearsal.mails == []


async def test_of_an_album_the_words_are_answered_and_the_rest_belongs_to_them(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    photo = {
        "text": None,
        "photo": [{"file_id": "x", "file_unique_id": "y", "width": 1, "height": 1}],
        "media_group_id": "777",
    }
    said = await anna.says("", **photo, caption="siamo la Polisportiva Le Querce, veniamo in due giovedì")
    assert len(said.messages) == 1
    for _ in range(3):
        assert (await anna.says("", **photo)).messages == ()
    assert [row[0] for row in await rehearsal.rows("SELECT DISTINCT state FROM inbox")] == ["done"]


async def test_a_machine_that_repeats_its_first_words_is_answered_once(rehearsal: Rehearsal) -> None:
    """Its first letter has a subject of its own, the repetitions answer us."""
    robot = rehearsal.association("anna@posta.example", "Anna")
    words = "Abbiamo aperto il ticket per il vostro messaggio, un operatore vi richiama"
    answered = await robot.writes(words)
    for _ in range(3):
        await robot.writes(words, answers=answered.last)
    assert len(robot.mails) == 1
