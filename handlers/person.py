"""Handing over to a person: recorded, staff told, and the sender told what happens next."""

from conversation.message import Channel, Reply
from conversation.times import speak_day
from db.office_alerts import Alert, tell_office
from db.requests import add_hand_over
from handlers.turn import Turn, clean


async def hand_over(turn: Turn, question: str, reason: str) -> str:
    """Record the question and tell staff, in this transaction; its reference."""
    person = turn.person.id if turn.person else None
    number = await add_hand_over(
        turn.tx,
        turn.incoming.address,
        person_id=person,
        question=question,
        reason=reason,
        thread=turn.incoming.thread,
        now=turn.now,
    )
    address = turn.incoming.address
    await tell_office(
        turn.tx,
        turn.office,
        Alert.HAND_OVER,
        number,
        library=turn.library,
        now=turn.now,
        concerns=address,
        number=number,
        reason=turn.library.say(f"staff.reason_{reason}", "it"),
        channel=address.channel.value,
        question="\n".join(clean(line, 4000) for line in question[:4000].split("\n")),
        address=address.value if address.channel is Channel.EMAIL else "(chat)",
    )
    turn.record.outcome = "handed_over"
    return number


async def ask_for_person(turn: Turn) -> Reply:
    """The person wants to speak with a person."""
    await hand_over(turn, _words(turn), "person")
    return Reply(_when(turn, turn.say("ask.person")))


async def complain(turn: Turn) -> Reply:
    """A complaint goes to a person as it is."""
    await hand_over(turn, _words(turn), "complaint")
    return Reply(_when(turn, turn.say("ask.complaint")))


def _when(turn: Turn, text: str) -> str:
    """The text, and from what day somebody will read it when nobody is there now."""
    day = turn.office.closed_until(turn.now)
    if day is None:
        return text
    return f"{text} {turn.say('ask.closed_until', day=speak_day(day, turn.language))}"


def _words(turn: Turn) -> str:
    return clean(turn.incoming.text, 4000) or clean(turn.dialogue.question, 4000)


async def give_up(turn: Turn, question: str = "") -> Reply:
    """No answer in the sources: to staff."""
    await hand_over(turn, question or _words(turn), "question")
    if turn.office.staff_places:
        return Reply(_when(turn, turn.say("ask.handed_over")))
    return Reply(turn.say("ask.handed_over_no_staff", mailbox=turn.office.mailbox))
