"""A registration that was begun in a chat and left half-way.

Reminded once, before its question expires, and taken up where it stood.
"""

from datetime import datetime, time, timedelta

from conversation.links import mark
from conversation.message import Button, Reply
from conversation.times import to_local
from db.outbox import UNFINISHED, queue_reply, take_back
from handlers.turn import Turn, rows

#: A question waits a day; late in it most people who meant to go on have gone on.
_AFTER = timedelta(hours=20)
#: Nobody is reminded at night, but on the evening before.
_MORNING, _NIGHT, _EVENING = time(8), time(21), time(20)


async def plan_reminder(turn: Turn) -> None:
    """Put the reminder off to after this message, or take it back when nothing is half-way any more."""
    talk, address = turn.dialogue, turn.incoming.address
    if not address.channel.takes_up_again:
        return
    if talk.begun:
        await take_back(turn.tx, f"unfinished:{talk.begun}")
    if talk.registering is None:
        talk.begun = ""
        return
    talk.begun = talk.begun or mark(turn.key)
    buttons = rows([Button(turn.say("button.resume"), data="go:resume")])
    reply = Reply(turn.say("register.unfinished"), buttons=buttons)
    due = _by_day(turn.now + _AFTER)
    # The same key once it has gone: nobody is reminded twice of one registration.
    key = f"unfinished:{talk.begun}"
    await queue_reply(turn.tx, key, address, reply, now=due, detail=UNFINISHED, automatic=True, language=turn.language)


def _by_day(due: datetime) -> datetime:
    local = to_local(due)
    if _MORNING <= local.time() < _NIGHT:
        return due
    day = local.date() if local.time() >= _NIGHT else local.date() - timedelta(days=1)
    return datetime.combine(day, _EVENING, tzinfo=local.tzinfo)
