"""Interest in the Patto: noted and passed to staff. Nobody is ever declared to have signed."""

from dataclasses import replace

from conversation.message import Reply
from conversation.open_questions import Adhering, Asks
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.understanding.organisations import bare_organisation, find_organisation
from conversation.understanding.proper_names import NameFinder
from db.pact import add_adhesion
from db.people import organisation_id
from db.requests import record
from handlers import hand_over
from handlers.answer import Answer
from handlers.registration.questions import private_button
from handlers.turn import Turn, clean, name_from, says_no, says_yes, speaks_of_something_else, yes_no


async def start(turn: Turn) -> Answer:
    """Ask in chat; by mail the letter is the request."""
    words = clean(turn.incoming.text, 1000)
    if turn.channel.is_letter:
        return await _do(turn, turn.heard.details.organisation or "", words)
    notice = "" if turn.person else "\n\n" + turn.say("register.notice", months=turn.office.retention_months)
    reply = Reply(turn.say("adhere.ask") + notice, buttons=yes_no(turn))
    return Answer.asking(Adhering(Asks.ADHESION, words), reply)


async def resume(turn: Turn, question: Adhering) -> Answer | None:
    """The yes or no, and for whom."""
    if _asks_back(turn):
        return None
    named = turn.heard.details.organisation
    if question.asks is Asks.ORGANISATION:
        private = turn.incoming.press == "private" or named == "" or says_no(turn)
        name = "" if private else named or _bare(turn)
        return await _do(turn, name, question.words) if private or name else None
    if says_yes(turn):
        known = _named_in(turn, question.words) if question.organisation is None else question.organisation
        if known is None and not (turn.person and turn.person.organisation):
            reply = Reply(turn.say("adhere.ask_organisation"), buttons=private_button(turn))
            return Answer.asking(replace(question, asks=Asks.ORGANISATION), reply)
        return await _do(turn, known or "", question.words)
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("adhere.kept")), TurnOutcome.DONE)
    return _for_whom(turn, replace(question, organisation=clean(named))) if named else None


def _named_in(turn: Turn, text: str) -> str | None:
    return find_organisation(text, NameFinder(turn.library).find(text))


def _asks_back(turn: Turn) -> bool:
    return not turn.incoming.press and turn.incoming.text.rstrip().endswith("?")


def _bare(turn: Turn) -> str:
    return "" if speaks_of_something_else(turn) else bare_organisation(clean(turn.incoming.text))


def _for_whom(turn: Turn, question: Adhering) -> Answer:
    """A name instead of a yes: it says for whom, and is asked again."""
    text = turn.say("adhere.ask_for", organisation=question.organisation)
    return Answer.asking(replace(question, asks=Asks.ADHESION), Reply(text, buttons=yes_no(turn)))


async def _do(turn: Turn, organisation: str, words: str) -> Answer:
    known = await turn.know(name_from(turn.heard.details.contact or turn.incoming.name))
    name = name_from(organisation or known.organisation)
    place = await organisation_id(turn.tx, name, turn.now) if name else None
    fresh = await add_adhesion(turn.tx, known.id, place, turn.now)
    if fresh:
        await record(turn.tx, "interest_in_patto", now=turn.now, person_id=known.id)
        note = turn.library.say("staff.adhesion", "it", name=known.name or "—", organisation=name or "—")
        await hand_over.hand_over(turn, f"{note}\n\n{words}", HandOverReason.ADHESION)
    turn.dialogue.close()
    notice = (
        "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.channel.is_letter else ""
    )
    which = "" if name or not turn.channel.is_letter else "\n\n" + turn.say("adhere.which_mail")
    return Answer(Reply(turn.say("adhere.done" if fresh else "adhere.already") + which + notice), TurnOutcome.RECORDED)
