"""The privacy notice; a copy of one's data; erasing it."""

from functools import partial
from typing import Any

from conversation.message import File, Reply
from conversation.open_questions import Erasing, Exporting
from conversation.outcome import TurnOutcome
from conversation.own_data import as_json, readable
from conversation.understanding.yes_no import ERASING
from db.people import update_person
from db.personal_data import erase_person, export_person
from db.requests import record
from handlers.answer import Answer
from handlers.turn import PRIVACY_NOTICE_VERSION, Turn, says_no, says_yes, to_confirm


async def show_notice(turn: Turn) -> Answer:
    """Who keeps what, for how long, and the rights (art. 13 GDPR)."""
    office = turn.office
    officer = turn.say("privacy.officer", contact=office.dpo) if office.dpo else turn.say("privacy.officer_on_the_site")
    text = turn.say(
        "privacy.text",
        officer=officer,
        mailbox=office.mailbox,
        months=office.retention_months,
        days=office.retention_days,
    )
    return Answer(Reply(text, title=turn.say("privacy.title")), TurnOutcome.ANSWERED)


async def news_of_notice(turn: Turn) -> str:
    """What is new in the notice since the one that the person has seen, once; empty for who has seen none, or this."""
    person = turn.person
    if person is None or turn.incoming.group or not 0 < person.notice_version < PRIVACY_NOTICE_VERSION:
        return ""
    unseen = range(person.notice_version + 1, PRIVACY_NOTICE_VERSION + 1)
    await update_person(turn.tx, person.id, notice_version=PRIVACY_NOTICE_VERSION)
    data = {"notice": PRIVACY_NOTICE_VERSION, "channel": turn.incoming.address.channel.value}
    await record(turn.tx, "notice_renewed", now=turn.now, person_id=person.id, data=data)
    return turn.say("privacy.renewed", changes=" ".join(turn.say(f"privacy.renewed_{n}") for n in unseen))


async def export(turn: Turn) -> Answer:
    """What is stored about this address, to read and as files. A letter that could be anybody's is confirmed first."""
    if not turn.vouched:
        return await _ask_export(turn)
    turn.dialogue.close()
    data = await export_person(turn.tx, turn.incoming.address)
    if data is None:
        return Answer(Reply(turn.say("privacy.nothing")), TurnOutcome.ANSWERED)
    lines = [turn.say("privacy.export_name", name=data["name"])] if "name" in data else []
    if data.get("organisation"):
        lines.append(turn.say("privacy.export_organisation", organisation=data["organisation"]))
    lines += [turn.say("privacy.export_address", channel=a["channel"], address=a["address"]) for a in data["addresses"]]
    for row in data.get("registrations", ()):
        meeting = turn.meeting(row["meeting_id"])
        if meeting is not None:
            lines.append(
                turn.say(
                    "privacy.export_registration",
                    meeting=turn.voice.name_meeting(meeting),
                    people=_who(turn, row),
                    status=turn.say(f"privacy.status_{row['status']}"),
                )
            )
    if data.get("updates"):
        lines.append(turn.say("privacy.export_updates"))
    if data.get("pact_interest_at"):
        lines.append(turn.say("privacy.export_adhesion"))
    if data["hand_overs"]:
        lines.append(turn.say("privacy.export_questions", number=len(data["hand_overs"])))
    lines.append(turn.say("privacy.export_file"))
    files = File("dati.txt", partial(readable, turn.voice, data)), File("dati.json", partial(as_json, data))
    return Answer(
        Reply("\n".join(lines), title=turn.say("privacy.export_title"), files=files),
        TurnOutcome.ANSWERED,
    )


def _who(turn: Turn, row: dict[str, Any]) -> str:
    people = turn.voice.count_people(row["participants"])
    return turn.say("register.who", name=row["organisation"], people=people) if row["organisation"] else people


async def _ask_export(turn: Turn) -> Answer:
    return Answer.asking(Exporting(), to_confirm(turn, turn.say("privacy.export_confirm")))


async def erase(turn: Turn) -> Answer:
    """Ask before erasing, which cannot be undone."""
    if await export_person(turn.tx, turn.incoming.address) is None:
        turn.dialogue.close()
        turn.forgets = turn.vouched
        return Answer(Reply(turn.say("privacy.nothing_left" if turn.vouched else "privacy.nothing")), TurnOutcome.DONE)
    return Answer.asking(Erasing(), to_confirm(turn, turn.say("privacy.erase_confirm")))


async def resume(turn: Turn, question: Erasing | Exporting) -> Answer | None:
    """The yes or no."""
    exporting = isinstance(question, Exporting)
    if says_yes(turn, about=frozenset() if exporting else ERASING):
        if not turn.confirmed:
            return await (_ask_export if exporting else erase)(turn)
        if exporting:
            return await export(turn)
        await record(turn.tx, "erased", now=turn.now)
        await erase_person(turn.tx, turn.incoming.address, turn.now)
        turn.person = None
        turn.dialogue.close()
        turn.forgets = True
        return Answer(Reply(turn.say("privacy.erased")), TurnOutcome.DONE)
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("privacy.kept")), TurnOutcome.DONE)
    return None
