"""The main job, told over real sockets: an association writes, a citizen chats, both get link and reminder."""

from datetime import date, time
from pathlib import Path

from tests.support.rehearsal import text_of
from tests.support.town import OFFICE, Town, calendars_of

MAILS = Path(__file__).parent.parent / "mails"


async def test_an_association_registers_by_mail_and_is_reminded(mail_town: Town) -> None:
    club = mail_town.association()
    request = await club.writes(
        "Buongiorno,\nsiamo la Polisportiva Le Querce e vorremmo partecipare in tre all'incontro di giovedì "
        "21 gennaio.\n\n"
        "Cordiali saluti\nMarta Prova\nsegretaria"
    )
    answer = await club.gets("Iscrizione confermata")
    assert answer["In-Reply-To"] == request["Message-ID"]
    assert answer["Subject"] == "Iscrizione confermata"  # nothing vouches for who wrote: the subject is not sent on
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["To"] == club.address
    text = text_of(answer)
    assert "Giovedì 21 gennaio: associazioni sportive" in text
    assert "Polisportiva Le Querce, 3 persone" in text
    assert "https://zoom.example/j/sport" in text
    assert "art. 6.1.e GDPR" in text
    assert "orario sarà comunicato" in text
    invitation = calendars_of(answer)[0]
    assert "METHOD:REQUEST" in invitation
    assert "DTSTART;VALUE=DATE:20210121" in invitation
    assert invitation.replace("\r\n ", "").count("ATTENDEE") == 1
    assert f"mailto:{club.address}" in invitation.replace("\r\n ", "")

    mail_town.goes_to("2021-01-20T09:00")
    reminder = await club.gets("Promemoria: domani, giovedì 21 gennaio")
    assert "https://zoom.example/j/sport" in text_of(reminder)
    assert reminder["Auto-Submitted"] == "auto-generated"
    mail_town.goes_to("2021-01-21T09:00")
    await club.gets("Promemoria: oggi, giovedì 21 gennaio")
    await mail_town.quiet()
    assert len(await club.mailbox()) == 3
    handled = await mail_town.office.mailbox("Trattate")
    assert [m["Message-ID"] for m in handled] == [request["Message-ID"]]


async def test_a_citizen_registers_by_free_text_and_is_reminded(each_town: Town) -> None:
    anna = each_town.citizen()
    await anna.writes("siamo la Polisportiva Le Querce, veniamo in tre giovedì")
    notice = await anna.hears("art. 6.1.e GDPR")
    assert "Polisportiva Le Querce" in notice["text"]
    assert await each_town.rows("SELECT * FROM people") == []
    await anna.presses("Sì, iscrivimi")
    confirmed = await anna.hears("Iscrizione confermata")
    assert "https://zoom.example/j/sport" in confirmed["caption"]
    content = each_town.telegram.files[confirmed["document"]["file_id"]][1].decode()
    assert "METHOD:PUBLISH" in content
    assert "ATTENDEE" not in content
    rows = await each_town.rows("SELECT participants, status FROM registrations")
    assert [tuple(r) for r in rows] == [(3, "confirmed")]

    each_town.goes_to("2021-01-20T09:00")
    reminder = await anna.hears("Promemoria: domani, giovedì 21 gennaio")
    assert "https://zoom.example/j/sport" in reminder["text"]
    await each_town.quiet()
    assert len(anna.heard("Promemoria")) == 1


async def test_a_citizen_registers_by_buttons_alone(town: Town) -> None:
    anna = town.citizen()
    await anna.writes("/start")
    await anna.hears("assistente automatico")
    await anna.presses("Iscriviti")
    await anna.hears("A quale incontro")
    await anna.presses("venerdì 22 gennaio: musei e associazioni culturali")
    await anna.hears("art. 6.1.e GDPR")
    await anna.presses("Sì, va bene")
    await anna.hears("quale associazione")
    await anna.presses("Vengo a titolo personale")
    await anna.hears("Confermi?")
    await anna.presses("Confermo")
    await anna.hears("https://zoom.example/j/musei_cultura")
    town.goes_to("2021-01-21T09:00")
    await anna.hears("venerdì 22 gennaio")


async def test_who_says_no_leaves_nothing_behind(town: Town) -> None:
    anna = town.citizen()
    await anna.writes("vorrei venire giovedì")
    await anna.hears("art. 6.1.e GDPR")
    await anna.presses("No")
    await anna.hears("non ho registrato nulla")
    await anna.hears(OFFICE)
    await town.quiet()
    for table in ("people", "addresses", "registrations", "dialogues", "organisations"):
        assert await town.rows(f"SELECT * FROM {table}") == [], table
    left = [
        tuple(row)
        for row in await town.rows("SELECT value, payload, state FROM outbox WHERE value <> '' OR payload IS NOT NULL")
    ]
    assert left == []
    assert all(p is None and s == "" for p, s in await town.rows("SELECT payload, sender FROM inbox"))


async def test_a_certified_envelope_is_opened_and_its_sender_answered(mail_town: Town) -> None:
    sender = mail_town.association("asdpolisportiva@pec-prova.example", "ASD Polisportiva Esempio")
    await sender.sends((MAILS / "pec_transport.eml").read_bytes())
    answer = await sender.gets("Iscrizione confermata")
    assert "Giovedì 21 gennaio" in text_of(answer)
    assert "ASD Polisportiva Esempio, 2 persone" in text_of(answer)
    assert "opec2103.20210118101502.112233.44.1.55@pec-prova.example" in answer["In-Reply-To"]


async def test_an_automatic_reply_is_not_answered(mail_town: Town) -> None:
    club = mail_town.association()
    await club.writes(
        "Sono fuori ufficio fino a giovedì 21.",
        subject="Risposta automatica",
        headers={"Auto-Submitted": "auto-replied"},
    )
    await club.writes("Fuori sede.", subject="Risposta automatica: Learning City")
    human = await club.writes("Vorremmo partecipare all'incontro delle associazioni sportive")
    await club.gets("Iscrizione confermata")
    await mail_town.quiet()
    assert [m["In-Reply-To"] for m in await club.mailbox()] == [human["Message-ID"]]
    kinds = await mail_town.rows("SELECT kind FROM inbox ORDER BY id")
    assert sorted(k for (k,) in kinds) == ["auto_reply", "auto_reply", "human"]


async def test_a_moved_meeting_is_told_to_everybody_once(mail_town: Town) -> None:
    club, anna = mail_town.association(), mail_town.citizen()
    await club.writes("Ci iscriviamo all'incontro dello sport, siamo la Polisportiva Le Querce, in due")
    confirmed = await club.gets("Iscrizione confermata")
    await anna.writes("vengo giovedì, sono un privato cittadino")
    await anna.hears("art. 6.1.e")
    await anna.presses("Sì, iscrivimi")
    await anna.hears("Iscrizione confermata")
    await mail_town.changes("sport", day=date(2021, 1, 25), hour=time(17, 30))
    told = await anna.hears("lunedì 25 gennaio, ore 17.30")
    assert "lunedì 25 gennaio, non più giovedì 21 gennaio" in told["caption"]
    letter = await club.gets("È cambiato l'incontro")
    invitation = calendars_of(letter)[0]
    assert "SEQUENCE:1" in invitation
    assert "DTSTART:20210125T163000Z" in invitation

    def uid(calendar: str) -> str:
        return next(line for line in calendar.splitlines() if line.startswith("UID"))

    assert uid(invitation) == uid(calendars_of(confirmed)[0])
    mail_town.goes_to("2021-01-18T17:30")  # seven days before
    await anna.hears("lunedì 25 gennaio, alle ore 17.30")
    mail_town.goes_to("2021-01-21T12:00")  # the reminders of the old day are void
    await mail_town.quiet()
    assert len(anna.heard("Promemoria")) == 1
    mail_town.goes_to("2021-01-24T17:30")  # one day before
    await club.gets("domani, lunedì 25 gennaio, alle ore 17.30")
    await mail_town.quiet()
    assert len(anna.heard("Promemoria")) == 2
    assert len(anna.heard("È cambiato")) == 1
    assert len([m for m in await club.mailbox() if "cambiato" in m["Subject"]]) == 1
