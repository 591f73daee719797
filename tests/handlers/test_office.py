"""What the office hears: everything, once, on every channel that it has; and its answers."""

import json
from datetime import UTC, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from conversation.channel import Channel
from conversation.message import Address, DeliveryReport, DeliveryStatus, Outcome, Receipt
from conversation.outcome import HandOverReason
from conversation.pressing import PRESSED, Pressed
from db import heartbeats
from db.inbox import Arrival
from db.office_alerts import Alert, tell_office
from delivery.warnings import warn_of_unfinished_meetings
from handlers.bounces import take_back
from knowledge.library import load_library
from tests.conftest import OpenRehearsal
from tests.handlers.test_registering import SPORT
from tests.support.rehearsal import OFFICE, STAFF, Rehearsal, text_of
from workers.heartbeat import Witness, look_back

GROUP = Address(Channel.TELEGRAM, "-100500")
QUESTION = "Vorremmo sapere chi paga il rinfresco della festa di maggio al circolo."


def heard(rehearsal: Rehearsal) -> str:
    return "\n\n".join(m.plain for m in rehearsal.to(GROUP))


async def test_an_office_with_only_a_group_hears_of_everything(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat=GROUP.value, staff_email="") as rehearsal:
        club = rehearsal.association()
        await club.writes(QUESTION, subject="rinfresco")
        assert "rinfresco" in heard(rehearsal)
        anna = rehearsal.citizen()
        rehearsal.transports[Channel.TELEGRAM].answers = [Receipt(Outcome.REFUSED, reason="Bad Request")]
        await anna.says("ciao")
        assert "non è stato consegnato" in heard(rehearsal)


async def test_the_office_reads_in_words_why_somebody_is_not_reached(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await rehearsal.does("UPDATE addresses SET reachable = false")
    await rehearsal.goes_to("2021-01-20T18:00")
    told = text_of(await rehearsal.staff.gets("non è stato consegnato"))
    assert "Motivo: nessuno dei suoi recapiti è raggiungibile" in told
    assert "unreachable" not in told


async def test_both_channels_of_an_office_are_told_and_each_once(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat=GROUP.value) as rehearsal:
        for _ in range(2):
            async with rehearsal.database.begin() as tx:
                now = rehearsal.clock()
                await tell_office(tx, rehearsal.office, Alert.LOGIN_REFUSED, "today", library=load_library(), now=now)
            await rehearsal.works()
        assert len(rehearsal.to(GROUP)) == 1
        assert len([m for m in rehearsal.mails if m["To"] == STAFF]) == 1


async def test_a_group_hears_of_an_address_that_is_stopped(rehearsal_with: OpenRehearsal) -> None:
    async with rehearsal_with(staff_chat=GROUP.value, staff_email="") as rehearsal:
        club = rehearsal.association()
        for words in ("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.", "Grazie, a presto!"):
            await club.writes(words)
        for mail in club.mails:
            report = DeliveryReport(DeliveryStatus.HARD, (mail["Message-ID"],), (club.address,), "5.1.1")
            async with rehearsal.database.begin() as tx:
                await take_back(tx, report, library=load_library(), office=rehearsal.office, now=rehearsal.clock())
        await rehearsal.works()
        assert club.address in heard(rehearsal)


async def test_a_group_hears_that_messages_are_held(rehearsal_with: OpenRehearsal, tmp_path: Path) -> None:
    async with rehearsal_with(staff_chat=GROUP.value, staff_email="") as rehearsal:
        anna = rehearsal.citizen()
        await anna.says(SPORT)
        await anna.presses("yes")
        rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=5))
        async with rehearsal.database.begin() as tx:
            await heartbeats.beat(tx, {heartbeats.WORKER: datetime.now(UTC) - timedelta(days=5)}, restarts=0)
        reason = await look_back(
            rehearsal.database,
            Witness("sqlite:///x", tmp_path),
            now=rehearsal.clock(),
            longest_stop=timedelta(hours=12),
            library=load_library(),
            office=rehearsal.office,
        )
        await rehearsal.works()
        assert reason == "stopped"
        assert "trattenut" in heard(rehearsal)


async def test_the_office_reads_who_asks_and_what_was_said_before(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await anna.says(SPORT)
    await anna.presses("yes")
    await anna.says("Quanto dura l'incontro?")
    await anna.says(QUESTION)
    await anna.says("Vorrei parlare con una persona")
    told = text_of(rehearsal.staff.mails[-1])
    assert "Da: Anna Esempio, su Telegram" in told
    assert "Associazione: Polisportiva Le Querce" in told
    assert "associazioni sportive (Polisportiva Le Querce, 3 persone)" in told
    assert f"— {QUESTION}" in told
    assert "— (il bot) " in told


async def test_the_office_sees_what_was_pressed_in_the_words_on_the_button(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("da quando esiste la rete?")
    await anna.says("perché mi hai risposto così?")
    await anna.presses("Non era questo")
    lines = await rehearsal.rows("SELECT side, text FROM hand_over_turns ORDER BY id")
    assert [side for side, _ in lines] == ["them", "bot", "them", "bot", "press"]
    assert lines[-1][1] == "Non era questo"
    assert "— (preme un pulsante) Non era questo" in text_of(rehearsal.staff.mails[-1])
    await anna.says("Vorrei parlare con una persona")
    lines = await rehearsal.rows("SELECT side, text FROM hand_over_turns WHERE hand_over_id = 2 ORDER BY id")
    assert ("press", "Non era questo") in lines


async def test_a_button_behind_a_link_is_seen_too(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    pressed = Pressed(club.address, "go:export", label="Manda una copia dei miei dati")
    await rehearsal.takes(Arrival("page:1", Channel.EMAIL, club.address, pressed.to_bytes(), kind=PRESSED))
    await club.writes(QUESTION, subject="rinfresco")
    assert "— (preme un pulsante) Manda una copia dei miei dati" in text_of(rehearsal.staff.mails[-1])


async def test_only_the_last_lines_are_kept_and_they_go_with_the_person(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    for number in range(5):
        await anna.says(f"Domanda {number} " + "lunga " * 300)
    kept = json.loads((await rehearsal.rows("SELECT state FROM dialogues"))[0][0])["lines"]
    assert len(kept) == 6
    assert 590 < max(len(words) for _, words, _ in kept) <= 602
    await anna.says("cancella i miei dati")
    await anna.says("sì")
    assert not any(json.loads(row[0]).get("lines") for row in await rehearsal.rows("SELECT state FROM dialogues"))


async def test_a_question_that_was_answered_is_passed_on_with_the_answer(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes(QUESTION, subject="rinfresco")
    await rehearsal.staff.writes("Il rinfresco lo offre il Comune.", answers=rehearsal.staff.mails[-1])
    again = await club.writes(QUESTION, subject="rinfresco")
    assert "Il rinfresco lo offre il Comune." in again.text
    assert "la stessa persona ha già chiesto" in text_of(rehearsal.staff.mails[-1])
    assert "Il rinfresco lo offre il Comune." in text_of(rehearsal.staff.mails[-1])
    other = rehearsal.association("info@ilnoce.example", "Circolo Il Noce")
    answered = await other.writes(QUESTION.upper(), subject="rinfresco")
    assert "offre il Comune" not in answered.text
    assert "un'altra persona ha chiesto la stessa cosa" in text_of(rehearsal.staff.mails[-1])


async def test_what_is_not_delivered_says_who_where_and_what(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await anna.says(SPORT)
    await anna.presses("yes")
    rehearsal.transports[Channel.TELEGRAM].answers = [Receipt(Outcome.GONE, reason="Forbidden: bot was blocked")]
    await rehearsal.goes_to("2021-01-20T12:00")
    told = text_of(rehearsal.staff.mails[-1])
    assert "un promemoria (giovedì 21 gennaio: associazioni sportive)" in told
    assert "A: Anna Esempio, su Telegram" in told
    assert "zoom.example" in told


async def test_a_confirmation_that_is_not_delivered_is_called_so(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await anna.says(SPORT)
    rehearsal.transports[Channel.TELEGRAM].answers = [Receipt(Outcome.GONE, reason="Forbidden: bot was blocked")]
    await anna.presses("yes")
    assert "Un messaggio non è arrivato: la conferma di un'iscrizione" in text_of(rehearsal.staff.mails[-1])


async def test_a_near_meeting_without_hour_is_told_two_days_before_and_on_its_morning(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    await anna.presses("yes")

    async def told_at(when: str) -> str:
        await rehearsal.goes_to(when)
        before = len(rehearsal.staff.mails)
        for _ in range(2):
            async with rehearsal.database.begin() as tx:
                now = rehearsal.clock()
                await warn_of_unfinished_meetings(tx, rehearsal.office, library=load_library(), now=now)
        await rehearsal.works()
        return "\n".join(
            f"{m['Subject']}\n{text_of(m)}" for m in rehearsal.staff.mails[before:] if "21" in m["Subject"]
        )

    assert await told_at("2021-01-19T12:00") == ""
    first = await told_at("2021-01-19T15:00")
    assert first.count("c'è un incontro") == 1
    assert "Manca l'orario" in first
    assert "Giovedì 21 gennaio c'è un incontro" in first
    assert "3 persone" in first
    assert await told_at("2021-01-20T08:00") == ""
    assert await told_at("2021-01-21T06:00") == ""
    assert "Oggi c'è un incontro" in await told_at("2021-01-21T08:00")
    await rehearsal.changes("sport", hour=time(17, 30))
    assert await told_at("2021-01-21T08:30") == ""


async def test_erasing_takes_back_what_waits_for_the_office(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    rehearsal.transports[Channel.EMAIL].answers = [Receipt(Outcome.LATER, wait=3600.0)] * 2
    await club.writes(QUESTION, subject="rinfresco", vouched=True)
    waiting = "SELECT count(*) FROM outbox WHERE kind='staff' AND state='pending'"
    assert (await rehearsal.rows(waiting))[0][0] == 1
    asked = await club.writes("Cancellate i miei dati", subject="dati personali", vouched=True)
    await club.writes("Sì, confermo.", answers=asked.last, vouched=True)
    assert (await rehearsal.rows(waiting))[0][0] == 0


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_alert_has_its_words(language: str) -> None:
    texts = load_library().texts[language]
    assert {k for k in texts if k.startswith("alert.")} == {
        f"alert.{alert}.{part}" for alert in Alert for part in ("subject", "text")
    }


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_reason_has_its_words(language: str) -> None:
    texts = load_library().texts[language]
    assert {k for k in texts if k.startswith("staff.reason_")} == {
        f"staff.reason_{reason}" for reason in HandOverReason
    }


@pytest.mark.parametrize(
    ("kind", "disposition", "passed"),
    [("pdf", "attachment", False), ("pdf", "", False), ("png", "inline", True), ("pgp-keys", "attachment", True)],
)
async def test_a_file_in_the_offices_mail_is_not_dropped_without_a_word(
    rehearsal: Rehearsal, kind: str, disposition: str, *, passed: bool
) -> None:
    """A logo or a key that the mail program adds is no file."""
    anna = rehearsal.citizen()
    await anna.says("quanto si paga di TARI per una sede?")
    asked = next(m for m in rehearsal.staff.mails if "TARI" in text_of(m))
    answer = EmailMessage(policy=policy.SMTP)
    answer["From"], answer["To"], answer["Subject"] = STAFF, OFFICE, f"Re: {asked['Subject']}"
    answer["In-Reply-To"] = asked["Message-ID"]
    answer.set_content("Si trova tutto nel regolamento.")
    main = "image" if kind == "png" else "application"
    answer.add_attachment(b"%PDF", maintype=main, subtype=kind, filename=f"x.{kind}", disposition=disposition or None)
    if not disposition:
        del next(iter(answer.iter_attachments()))["Content-Disposition"]
    before = len(anna.messages)
    told = await rehearsal.staff.sends(answer.as_bytes())
    assert ("i file non si possono inoltrare" in told.text) is not passed
    assert (len(anna.messages) > before) is passed
