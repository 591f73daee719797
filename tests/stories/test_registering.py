"""Registering in all the ways that people do: corrections, questions in the middle, waiting lists, two channels."""

from datetime import date, time

from tests.support.rehearsal import text_of
from tests.support.town import Citizen, Town, calendars_of, until


async def registered(citizen: Citizen, words: str) -> None:
    """A citizen's shortest way in."""
    await citizen.writes(words)
    await citizen.hears("art. 6.1.e")
    await citizen.presses("Sì, iscrivimi")
    await citizen.hears("Iscrizione confermata")


async def test_one_missing_thing_is_asked_back_on_the_same_thread(town: Town) -> None:
    club = town.association()
    first = await club.writes(
        "Vorremmo partecipare a un incontro, siamo l'Associazione Amici di Esempio. Saremo in tre.", subject="Adesione"
    )
    question = await club.gets("a quale incontro volete partecipare")
    assert question["In-Reply-To"] == first["Message-ID"]
    second = await club.writes("quello di giovedì\n\n> a quale incontro volete partecipare?", answers=question)
    confirmed = await club.gets("Iscrizione confermata")
    assert confirmed["In-Reply-To"] == second["Message-ID"]
    assert first["Message-ID"] in confirmed["References"]
    assert "Associazione Amici di Esempio, 3 persone" in text_of(confirmed)


async def test_a_full_meeting_has_a_waiting_list_that_moves_up(each_town: Town) -> None:
    async with each_town.system.database.begin() as tx:
        from sqlalchemy import update

        from db.models import meetings

        await tx.execute(update(meetings).where(meetings.c.sector == "sport").values(capacity=3))
    anna, bruno = each_town.citizen("Anna", 1), each_town.citizen("Bruno", 2)
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await bruno.writes("siamo il Circolo Tennis Esempio, veniamo in due giovedì")
    await bruno.hears("art. 6.1.e")
    await bruno.presses("Sì, iscrivimi")
    waiting = await bruno.hears("lista d'attesa")
    assert "zoom.example" not in waiting["text"]
    await anna.writes("non possiamo più venire")
    await anna.hears("confermi?")
    await anna.writes("sì")
    await anna.hears("ho annullato")
    promoted = await bruno.hears("Si è liberato un posto")
    assert "https://zoom.example/j/sport" in promoted["caption"]
    each_town.goes_to("2021-01-20T09:00")
    await bruno.hears("Promemoria")
    await each_town.quiet()
    assert anna.heard("Promemoria") == []


async def test_an_hour_that_staff_set_is_told_and_reminders_follow_it(town: Town) -> None:
    anna = town.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await town.changes("sport", hour=time(18, 0))
    await anna.hears("giovedì 21 gennaio, ore 18.00")
    town.goes_to("2021-01-20T18:00")
    await anna.hears("alle ore 18.00")
    town.goes_to("2021-01-21T17:00")
    await until(lambda: len(anna.heard("Promemoria")) == 2, "the reminder one hour before")


async def test_who_registers_late_gets_the_link_and_no_passed_reminder(town: Town) -> None:
    await town.changes("sport", hour=time(18, 0))
    town.goes_to("2021-01-21T17:40")
    anna = town.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due oggi")
    await town.quiet()
    assert anna.heard("Promemoria") == []
    assert await town.rows("SELECT * FROM outbox WHERE kind = 'reminder'") == []


async def test_a_cancelled_meeting_is_told_and_reminds_nobody(town: Town) -> None:
    club = town.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await club.gets("Iscrizione confermata")
    await town.changes("sport", cancelled=True)
    told = await club.gets("Annullato")
    assert "METHOD:CANCEL" in calendars_of(told)[0]
    town.goes_to("2021-01-21T10:00")
    await town.quiet()
    assert len(await club.mailbox()) == 2


async def test_one_person_on_two_channels_gets_one_reminder_and_mail_when_the_bot_is_blocked(town: Town) -> None:
    club, marta = town.association(), town.citizen("Marta", 77)
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    confirmed = await club.gets("Iscrizione confermata")
    token = text_of(confirmed).split("?start=")[1].split()[0]
    await marta.writes(f"/start {token}")
    await marta.hears("Unisco questa chat alle iscrizioni di s•••@lequerce.example?")
    await marta.presses("Sì")
    await marta.hears("Le tue iscrizioni sono le stesse")
    await club.gets("Una chat di Telegram è stata unita")
    await town.changes("sport", hour=time(18, 0))
    await marta.hears("ore 18.00")
    await town.quiet()
    assert len(await club.mailbox()) == 2
    await marta.blocks()
    await until(lambda: town.rows("SELECT 1 FROM addresses WHERE reachable = false"), "the blocked chat to be noted")
    town.goes_to("2021-01-20T18:00")
    await club.gets("alle ore 18.00")
    await town.quiet()
    assert marta.heard("Promemoria") == []


async def test_a_chat_that_refuses_while_sending_falls_back_to_mail(town: Town) -> None:
    club, marta = town.association(), town.citizen("Marta", 77)
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    confirmed = await club.gets("Iscrizione confermata")
    await marta.writes("/start " + text_of(confirmed).split("?start=")[1].split()[0])
    await marta.hears("Unisco questa chat alle iscrizioni di s•••@lequerce.example?")
    await marta.presses("Sì")
    await marta.hears("Le tue iscrizioni sono le stesse")
    marta.chat.blocked = True  # blocked, and the update about it never came
    town.goes_to("2021-01-20T09:00")
    await club.gets("Promemoria")
    await town.quiet()
    assert len([m for m in await club.mailbox() if "Promemoria" in m["Subject"]]) == 1


async def test_a_person_can_see_and_erase_everything(each_town: Town) -> None:
    anna = each_town.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await anna.writes("che dati avete su di me?")
    await anna.hears("Anna Esempio")
    await anna.writes("cancellate i miei dati")
    await anna.hears("Non si può annullare")
    await anna.presses("Sì")
    await anna.hears("ho cancellato tutti i tuoi dati")
    await each_town.quiet()
    for table in ("people", "addresses", "registrations", "organisations", "dialogues"):
        assert await each_town.rows(f"SELECT * FROM {table}") == [], table
    each_town.goes_to("2021-01-21T09:00")
    await each_town.quiet()
    assert anna.heard("Promemoria") == []


async def test_two_meetings_moved_before_the_notice_went_are_told_together(each_town: Town) -> None:
    club = each_town.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await club.gets("Iscrizione confermata")
    async with each_town.system.database.begin() as tx:
        from office.moving import change_meeting

        schedule, now = each_town.settings.schedule, each_town.clock()
        await change_meeting(tx, 2, schedule, now, day=date(2021, 1, 25))
        await change_meeting(tx, 2, schedule, now, link="https://zoom.example/j/nuovo")
    each_town.outbox_worker.wake()
    told = await club.gets("È cambiato")
    assert "lunedì 25 gennaio, non più giovedì 21 gennaio" in text_of(told)
    assert "Il link di Zoom: è nuovo" in text_of(told)
    await each_town.quiet()
    assert len(await club.mailbox()) == 2
