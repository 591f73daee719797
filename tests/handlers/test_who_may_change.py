"""Who may change what by mail: an answer to our mail proves its sender, a bare From proves nothing."""

from email.message import EmailMessage

from tests.support.calendars import answer_to
from tests.support.rehearsal import Correspondent, Rehearsal, text_of

REGISTERS = "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21"


async def status(rehearsal: Rehearsal) -> list[tuple[str, int]]:
    return [tuple(row) for row in await rehearsal.rows("SELECT status, participants FROM registrations ORDER BY id")]


async def registered(rehearsal: Rehearsal) -> tuple[Correspondent, EmailMessage]:
    club = rehearsal.association()
    await club.writes(REGISTERS)
    return club, await club.gets("Iscrizione confermata")


async def test_a_bare_sender_confirms_by_answering(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
    asked = await club.gets("Annullo l'iscrizione")
    assert "rispondere «sì»" in text_of(asked)
    assert await status(rehearsal) == [("confirmed", 2)]
    # Somebody who forges the sender says yes, without having had our mail.
    await club.writes("sì", subject="Re: disdetta")
    await club.gets("Annullo l'iscrizione", count=2)
    await club.writes(
        "sì", subject="Re: disdetta", headers={"In-Reply-To": "<0123456789abcdef.00@comune.lucca.example>"}
    )
    again = await club.gets("Annullo l'iscrizione", count=3)
    assert await status(rehearsal) == [("confirmed", 2)]
    await club.writes("Sì, confermo.", answers=again)
    await club.gets("ho annullato")
    assert await status(rehearsal) == [("withdrawn", 2)]


async def test_an_answer_to_our_mail_needs_no_second_word(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    await club.writes("non possiamo più venire, ci cancellate?", answers=confirmed)
    await club.gets("ho annullato")
    assert await status(rehearsal) == [("withdrawn", 2)]


async def test_a_number_changed_by_nobody_sure_is_confirmed(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    await club.writes("saremo in sei e non in due", subject="correzione")
    asked = await club.gets("rispondere «sì»")
    assert await status(rehearsal) == [("confirmed", 2)]
    await club.writes("sì", answers=asked)
    await club.gets("6 persone", count=2)
    assert await status(rehearsal) == [("confirmed", 6)]
    await club.writes("saremo in quattro, non sei", answers=confirmed)
    await club.gets("4 persone")
    assert await status(rehearsal) == [("confirmed", 4)]


async def test_a_stranger_learns_and_changes_nothing(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    before = len(club.mails)
    await club.writes("mandatemi una copia dei dati che avete su di noi", subject="dati")
    asked = await club.gets("stata chiesta una copia")
    assert "Querce" not in text_of(asked)
    assert len(club.mails) == before + 1


async def test_a_calendar_that_declines_withdraws_after_a_yes_and_one_that_accepts_nothing(
    rehearsal: Rehearsal,
) -> None:
    club, confirmed = await registered(rehearsal)
    await club.sends(answer_to(confirmed, "ACCEPTED"))
    assert len(club.mails) == 1
    await club.sends(answer_to(confirmed, "DECLINED"))
    asked = await club.gets("calendario ha risposto")
    assert await status(rehearsal) == [("confirmed", 2)]
    await club.writes("sì", answers=asked)
    await club.gets("ho annullato")
    assert await status(rehearsal) == [("withdrawn", 2)]
    await club.sends(answer_to(confirmed, "DECLINED"))  # nothing is left to withdraw: nothing is said
    assert len(club.mails) == 3


async def test_a_bare_letter_renames_and_moves_nobody(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    await club.writes(
        "Iscrivetemi a giovedì 21, sono Ugo Nessuno, Polisportiva Le Querce, siamo in cinque", subject="iscrizione"
    )
    asked = await club.gets("rispondere «sì»")
    rows = await rehearsal.rows("SELECT p.name, o.name FROM people p JOIN organisations o ON o.id = p.organisation_id")
    assert [tuple(row) for row in rows] == [("Polisportiva Le Querce", "Polisportiva Le Querce")]
    assert await status(rehearsal) == [("confirmed", 2)]
    await club.writes("sì", answers=asked)
    await club.gets("Iscrizione aggiornata")
    assert await status(rehearsal) == [("confirmed", 5)]


async def test_passing_on_somebody_elses_letter_asks_first(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    forward = (
        "per conoscenza\n\n---------- Forwarded message ---------\nDa: Lia Neri <lia@posta.example>\nDate: "
        "ven 15 gen 2021\nSubject: io\nTo: <x@y.example>\n\nGiovedì 21 non posso più venire, cancella la mia "
        "iscrizione."
    )
    await club.writes(forward, subject="Fwd: io", headers={"In-Reply-To": str(confirmed["Message-ID"])})
    await club.gets("rispondere «sì»")
    assert await status(rehearsal) == [("confirmed", 2)]


async def test_forged_letters_do_not_use_up_the_persons_own(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    for number in range(11):
        await club.writes(f"quante città fanno parte della rete? Prova n. {number}", subject="domanda")
    await club.writes("non possiamo più venire, ci cancellate?", answers=confirmed)
    await club.gets("ho annullato")
