"""Greetings, help, thanks; deep links of the form ``/start m_3`` (a meeting) and ``/start l_TOKEN`` (join channels)."""

from conversation.message import Button, Channel, Reply
from db.people import add_address, find_person, join_people, touch_address, use_link_token
from handlers.turn import Turn, rows


def _menu(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    return rows(
        [
            Button(turn.say("button.programme"), data="go:programme"),
            Button(turn.say("button.register"), data="go:register"),
            Button(turn.say("button.question"), data="go:ask"),
        ]
    )


async def welcome(turn: Turn) -> Reply:
    """Who the bot is: automatic, and what it can do (AI Act art. 50)."""
    turn.record.outcome = "greeted"
    if turn.person is not None:
        return Reply(turn.say("welcome.back"), buttons=_menu(turn))
    return Reply(turn.say("welcome.text"), title=turn.say("welcome.title"), buttons=_menu(turn))


async def thanks(turn: Turn) -> Reply:
    """You are welcome."""
    turn.record.outcome = "greeted"
    return Reply(turn.say("welcome.thanks"))


async def show_help(turn: Turn) -> Reply:
    """What one can write, and the commands."""
    turn.record.outcome = "answered"
    return Reply(turn.say("welcome.help", mailbox=turn.office.mailbox), buttons=_menu(turn))


async def attachment(turn: Turn) -> Reply:
    """A photo, a voice message, a file: kindly, not understood."""
    turn.record.outcome = "unclear"
    return Reply(turn.say("welcome.attachment"))


async def in_group(turn: Turn) -> Reply:
    """In a group nothing personal is said: no link, no name. The button leads to the private chat."""
    turn.record.outcome = "answered"
    name = turn.office.telegram_name
    buttons = ((Button(turn.say("button.write_privately"), url=f"https://t.me/{name}?start=group"),),) if name else ()
    return Reply(turn.say("welcome.group"), buttons=buttons)


async def join_channels(turn: Turn, token: str) -> Reply:
    """This chat belongs to the person who got ``token`` by mail: from now on both addresses are one person."""
    turn.record.outcome = "done"
    owner = await use_link_token(turn.tx, token, turn.now)
    if owner is None or turn.incoming.address.channel is Channel.EMAIL:
        return Reply(turn.say("welcome.link_expired"))
    mine = await find_person(turn.tx, turn.incoming.address)
    if mine is None:
        await add_address(turn.tx, owner, turn.incoming.address, turn.now)
    elif mine.id != owner:
        await join_people(turn.tx, owner, mine.id, turn.now)
    await touch_address(turn.tx, turn.incoming.address, turn.now)
    turn.person = await find_person(turn.tx, turn.incoming.address)
    return Reply(turn.say("welcome.linked"), buttons=_menu(turn))
