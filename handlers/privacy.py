"""The privacy notice; a copy of one's data; erasing it."""

from conversation.dialogue import Asks
from conversation.message import Reply
from db.people import erase_person, export_person
from handlers import person
from handlers.turn import Turn, clean, says_no, says_yes, yes_no

ACTION = "erase"


async def show_notice(turn: Turn) -> Reply:
    """Who keeps what, for how long, and the rights (art. 13 GDPR)."""
    turn.record.outcome = "answered"
    return Reply(turn.say("privacy.text", months=turn.office.retention_months), title=turn.say("privacy.title"))


async def export(turn: Turn) -> Reply:
    """What is stored about this address. By mail a person checks first who is asking."""
    if turn.by_mail:
        await person.hand_over(turn, clean(turn.incoming.text, 1000), "privacy")
        return Reply(turn.say("privacy.by_staff"))
    data = await export_person(turn.tx, turn.incoming.address)
    turn.record.outcome = "answered"
    if data is None:
        return Reply(turn.say("privacy.nothing"))
    lines = [turn.say("privacy.export_name", name=data["name"])]
    if data["organisation"]:
        lines.append(turn.say("privacy.export_organisation", organisation=data["organisation"]))
    lines += [turn.say("privacy.export_address", channel=a["channel"], address=a["address"]) for a in data["addresses"]]
    for row in data["registrations"]:
        meeting = turn.meeting(row["meeting_id"])
        if meeting is not None:
            lines.append(
                turn.say(
                    "privacy.export_registration",
                    meeting=turn.voice.name_meeting(meeting),
                    people=turn.voice.count_people(row["participants"]),
                    status=turn.say(f"privacy.status_{row['status']}"),
                )
            )
    if data["updates"]:
        lines.append(turn.say("privacy.export_updates"))
    if data["pact_interest_at"]:
        lines.append(turn.say("privacy.export_adhesion"))
    return Reply("\n".join(lines), title=turn.say("privacy.export_title"))


async def erase(turn: Turn) -> Reply:
    """Ask before erasing. By mail a person checks first who is asking."""
    if turn.by_mail:
        await person.hand_over(turn, clean(turn.incoming.text, 1000), "privacy")
        return Reply(turn.say("privacy.by_staff"))
    if turn.person is None:
        turn.finish("done")
        return Reply(turn.say("privacy.nothing"))
    turn.ask(Asks.CONFIRM, ACTION)
    turn.record.outcome = "asked"
    return Reply(turn.say("privacy.erase_confirm"), buttons=yes_no(turn))


async def resume(turn: Turn) -> Reply | None:
    """The yes or no."""
    if says_yes(turn):
        await erase_person(turn.tx, turn.incoming.address)
        turn.person = None
        turn.finish("done")
        turn.dialogue.last_meeting, turn.dialogue.last_fact, turn.dialogue.language = None, "", ""
        return Reply(turn.say("privacy.erased"))
    if says_no(turn):
        turn.finish("done")
        return Reply(turn.say("privacy.kept"))
    return None
