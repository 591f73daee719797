"""What the calendars of registered people hear (RFC 5546).

Every entry is moved or ended by its own UID and a rising SEQUENCE.
"""

from datetime import date, time

from icalendar import Calendar, vDDDTypes, vInt

from tests.support.rehearsal import Rehearsal, calendars_of


def read(text: str) -> tuple[str, str, int, str]:
    """``(method, uid, sequence, day)`` of a calendar object with one event."""
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert not calendar.errors
    assert not event.errors
    sequence, begins = event["SEQUENCE"], event["DTSTART"]
    assert isinstance(sequence, vInt)
    assert isinstance(begins, vDDDTypes)
    assert isinstance(begins.dt, date)
    return str(calendar["METHOD"]), str(event["UID"]), int(sequence), begins.dt.isoformat()[:10]


async def test_moving_ends_the_old_entry_and_begins_the_new(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    first = await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")
    (begun,) = map(read, first.calendars)
    moved = await club.writes("Invece di giovedì 21 veniamo venerdì 22, sempre in tre.", answers=first.last)
    new, ended = map(read, moved.calendars)
    assert new[0] == "REQUEST"
    assert new[3] == "2021-01-22"
    assert ended[0] == "CANCEL"
    assert ended[1] == begun[1] != new[1]
    assert ended[2] > begun[2]
    assert "giovedì 21" in moved.text
    parts = [p for p in moved.last.walk() if p.get_content_type() == "text/calendar"]
    inline = [p for p in parts if p.get_content_disposition() is None]
    assert [p.get_param("method") for p in inline] == ["REQUEST"]


async def test_registering_withdrawing_and_registering_again_rises(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    heard = await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    entries = [read(heard.calendars[0])]
    for words in ("Purtroppo non possiamo più venire.", "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21."):
        heard = await club.writes(words, answers=heard.last)
        entries.append(read(heard.calendars[0]))
    assert [e[0] for e in entries] == ["REQUEST", "CANCEL", "REQUEST"]
    assert len({e[1] for e in entries}) == 1
    assert entries[0][2] < entries[1][2] < entries[2][2]


async def test_every_change_of_the_meeting_rises_too(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    await rehearsal.changes("sport", hour=time(18))
    await rehearsal.changes("sport", day=date(2021, 1, 25))
    await rehearsal.changes("sport", cancelled=True)
    await rehearsal.changes("sport", cancelled=False)
    entries = [read(c) for m in club.mails for c in calendars_of(m)]
    assert [e[0] for e in entries] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL", "REQUEST"]
    assert len({e[1] for e in entries}) == 1
    sequences = [e[2] for e in entries]
    assert sequences == sorted(set(sequences))


async def test_ones_own_withdrawal_says_so(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    first = await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    ended = await club.writes("Purtroppo non possiamo più venire.", answers=first.last)
    assert "annullato" not in ended.calendars[0]
    assert "disdetta" in ended.calendars[0]


async def test_the_file_of_a_chat_is_published_updated_and_ended(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a giovedì 21: Circolo Prova, siamo in due. Mi chiamo Anna Esempio.")
    await anna.presses("yes")
    await rehearsal.changes("sport", hour=time(18))
    await anna.says("non posso più venire")
    await anna.presses("yes")
    files = [f.content for m in anna.messages for f in m.files]
    entries = [read(f) for f in files]
    assert [e[0] for e in entries] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert len({e[1] for e in entries}) == 1
    assert entries[0][2] < entries[1][2] < entries[2][2]
    assert all("ORGANIZER" in f and "ATTENDEE" not in f for f in files)


async def test_a_calendar_that_declines_asks_about_its_own_entry(rehearsal: Rehearsal) -> None:
    office = rehearsal.association("consulta@lucca.example", "Consulta")
    await office.writes("Iscriviamo il Coro Le Rondini, due persone, a venerdì 22 gennaio.")
    second = await office.writes("Iscriviamo la Banda Il Tasso, quattro persone, a venerdì 22 gennaio.")
    uid = read(second.calendars[0])[1]
    reply = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20210115T090000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:consulta@lucca.example\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    raw = (
        "From: Consulta <consulta@lucca.example>\r\nTo: luccalearningcity@comune.lucca.example\r\nSubject: "
        "Rifiutato\r\n"
        "Message-ID: <r1@lucca.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; "
        "charset=utf-8\r\n\r\n"
        f"{reply}"
    )
    asked = await office.sends(raw.encode())
    assert "Banda Il Tasso" in asked.text
    assert "Coro" not in asked.text
