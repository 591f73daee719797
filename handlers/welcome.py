"""Greetings, help, thanks; deep links of the form ``/start m_3`` (a meeting) and ``/start l_TOKEN`` (join channels)."""

from conversation.message import Button, Reply
from conversation.open_questions import Joining
from conversation.outcome import TurnOutcome
from db.addresses import add_address, addresses_of, owner_of_token, touch_address, use_link_token
from db.outbox import queue_reply
from db.people import find_person
from db.personal_data import join_people
from handlers.answer import Answer
from handlers.turn import Turn, rows, says_no, says_yes, to_confirm


def _menu(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    return rows(
        [
            Button(turn.say("button.programme"), data="go:programme"),
            Button(turn.say("button.register"), data="go:register"),
            Button(turn.say("button.question"), data="go:ask"),
        ]
    )


async def welcome(turn: Turn) -> Answer:
    """Who the bot is: automatic, and what it can do (AI Act art. 50)."""
    if turn.person is not None:
        return Answer(Reply(turn.say("welcome.back"), buttons=_menu(turn)), TurnOutcome.GREETED)
    return Answer(
        Reply(turn.say("welcome.text"), title=turn.say("welcome.title"), buttons=_menu(turn)), TurnOutcome.GREETED
    )


async def greet(turn: Turn) -> Answer:
    """A greeting in the middle of something: it is not the moment for what one can do."""
    return Answer(Reply(turn.say("welcome.greet")), TurnOutcome.GREETED)


async def tell_what_it_is(turn: Turn) -> Answer:
    """To whoever asks whether this is a person: it is not (AI Act art. 50).

    In their own language, be it one without other texts.
    """
    spoken = f"welcome.identity_{turn.heard.language}"
    text = turn.say(spoken if turn.is_foreign and spoken in turn.library.texts["it"] else "welcome.identity")
    return Answer(
        Reply(text, buttons=rows([Button(turn.say("button.person"), data="go:person")])), TurnOutcome.ANSWERED
    )


async def farewell(turn: Turn) -> Answer:
    """A goodbye is answered by one."""
    return Answer(Reply(turn.say("welcome.farewell")), TurnOutcome.GREETED)


async def thanks(turn: Turn) -> Answer:
    """You are welcome."""
    return Answer(Reply(turn.say("welcome.thanks")), TurnOutcome.GREETED)


async def show_help(turn: Turn) -> Answer:
    """What one can write, and the commands."""
    return Answer(
        Reply(turn.say("welcome.help", mailbox=turn.office.mailbox), buttons=_menu(turn)), TurnOutcome.ANSWERED
    )


async def attachment(turn: Turn) -> Answer:
    """A photo, a voice message, a file: kindly, not understood."""
    return Answer(Reply(turn.say("welcome.attachment")), TurnOutcome.UNCLEAR)


async def in_group(turn: Turn) -> Answer:
    """In a group nothing personal is said: no link, no name. The button leads to the private chat."""
    name = turn.office.telegram_name
    buttons = ((Button(turn.say("button.write_privately"), url=f"https://t.me/{name}?start=group"),),) if name else ()
    return Answer(Reply(turn.say("welcome.group"), buttons=buttons), TurnOutcome.ANSWERED)


async def join_channels(turn: Turn, token: str) -> Answer:
    """Ask whether this chat belongs to the person who got ``token`` by mail: a stranger may have sent the link."""
    owner = await owner_of_token(turn.tx, token, turn.now)
    theirs = await addresses_of(turn.tx, owner) if owner is not None else []
    if not theirs or not turn.channel.proves_sender:
        return Answer(Reply(turn.say("welcome.link_expired")), TurnOutcome.DONE)
    known = next((a for a in theirs if a.channel.has_mailboxes), theirs[0])
    text = turn.say("welcome.link_confirm", address=_masked(known.value))
    return Answer.asking(Joining(token), to_confirm(turn, text))


def _masked(value: str) -> str:
    """Enough of an address to know one's own: ``s•••@lequerce.example``."""
    name, at, domain = value.partition("@")
    return f"{name[:1]}•••{at}{domain}"


async def resume(turn: Turn, question: Joining) -> Answer | None:
    """The yes or no to joining."""
    if says_yes(turn):
        return await _join(turn, question.token)
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("welcome.link_declined")), TurnOutcome.DECLINED)
    return None


async def _join(turn: Turn, token: str) -> Answer:
    """From now on both addresses are one person.

    The others are told, for the link may have been somebody else's to press.
    """
    owner = await use_link_token(turn.tx, token, turn.now)
    turn.dialogue.close()
    if owner is None:
        return Answer(Reply(turn.say("welcome.link_expired")), TurnOutcome.DONE)
    others = [p for p in await addresses_of(turn.tx, owner) if p.channel.has_mailboxes]
    mine = await find_person(turn.tx, turn.incoming.address)
    if mine is None:
        await add_address(turn.tx, owner, turn.incoming.address, turn.now)
    elif mine.id != owner:
        await join_people(turn.tx, owner, mine.id, turn.now)
    await touch_address(turn.tx, turn.incoming.address, turn.now)
    turn.person = await find_person(turn.tx, turn.incoming.address)
    for number, address in enumerate(others):
        title, text = turn.say("welcome.linked_subject"), turn.say("welcome.linked_mail", mailbox=turn.office.mailbox)
        told = Reply(f"{turn.say('register.mail_greeting')}\n\n{text}", title=title)
        key = f"{turn.key}:joined:{number}"
        await queue_reply(turn.tx, key, address, told, now=turn.now, person_id=owner, subject=title, automatic=True)
    return Answer(Reply(turn.say("welcome.linked"), buttons=_menu(turn)), TurnOutcome.DONE)
