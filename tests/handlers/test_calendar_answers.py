"""What a person writes with the answer of a calendar is read like a letter, or goes to somebody of the office."""

import re

import pytest

from tests.handlers.shapes import calendar
from tests.support.rehearsal import Correspondent, Rehearsal, text_of

WHO = "sara.bini@posta.example"
THREE = [("sport", "Polisportiva Le Querce", 3, "confirmed")]


async def registered(rehearsal: Rehearsal) -> tuple[Correspondent, str]:
    """A club that comes in three, and the UID of its calendar entry."""
    club = rehearsal.association(WHO, "Sara Bini")
    done = await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")
    assert await rehearsal.registered() == THREE
    return club, re.findall(r"UID:(\S+)", done.calendars[0])[0]


def answer(uid: str, partstat: str, comment: str = "", *, method: str = "REPLY", body: str = "") -> bytes:
    lines = [f"ATTENDEE;PARTSTAT={partstat}:mailto:{WHO}", f"UID:{uid}", *([f"COMMENT:{comment}"] if comment else [])]
    return calendar(method, *lines, body=body, subject="Accettato: Lucca Learning City: associazioni sportive")


async def test_words_with_an_acceptance_are_read(rehearsal: Rehearsal) -> None:
    club, uid = await registered(rehearsal)
    for comment, body in (
        ("Veniamo volentieri\\, però saremo in cinque e non in tre.", ""),
        ("", "Saremo in sei e non in tre."),
    ):
        asked = await club.sends(answer(uid, "ACCEPTED", comment, body=body))
        assert "persone" in asked.text
        assert "associazioni sportive, 1" not in asked.text
    question = await club.sends(answer(uid, "TENTATIVE", "Quante città fanno parte della rete?"))
    assert "Fonte" in question.text
    counter = await club.sends(answer(uid, "TENTATIVE", "Quante città fanno parte della rete?", method="COUNTER"))
    assert "Fonte" in counter.text
    assert await rehearsal.registered() == THREE


async def test_a_bare_acceptance_is_nothing(rehearsal: Rehearsal) -> None:
    club, uid = await registered(rehearsal)
    for body in ("", "Sara Bini ha accettato questo invito.", "sara.bini@posta.example has accepted this invitation."):
        assert (await club.sends(answer(uid, "ACCEPTED", body=body))).mails == ()
    assert rehearsal.staff.mails == []


@pytest.mark.parametrize("comment", ["", "Purtroppo non possiamo partecipare\\, grazie."])
async def test_declining_asks_whether_to_withdraw(rehearsal: Rehearsal, comment: str) -> None:
    club, uid = await registered(rehearsal)
    assert "Annullo l'iscrizione" in (await club.sends(answer(uid, "DECLINED", comment))).text
    assert await rehearsal.registered() == THREE


@pytest.mark.parametrize("comment", ["Iscriveteci invece a martedì 26.", "Ma c'è un altro incontro sullo sport?"])
async def test_declining_with_a_wish_goes_to_a_person(rehearsal: Rehearsal, comment: str) -> None:
    club, uid = await registered(rehearsal)
    assert (await club.sends(answer(uid, "DECLINED", comment))).mails == ()
    assert comment in text_of(rehearsal.staff.mails[-1])
    assert await rehearsal.registered() == THREE
