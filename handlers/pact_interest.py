"""Interest in the Patto: noted and passed to staff. Nobody is ever declared to have signed."""

from conversation.dialogue import Asks, Draft
from conversation.message import Reply
from conversation.understanding.organisations import bare_organisation, find_organisation
from conversation.understanding.proper_names import NameFinder
from db.pact import add_adhesion
from db.people import organisation_id
from db.requests import record
from handlers import hand_over
from handlers.registration.questions import private_button
from handlers.turn import Turn, clean, name_from, says_no, says_yes, speaks_of_something_else, yes_no

ACTION = "adhere"


async def start(turn: Turn) -> Reply:
    """Ask in chat; by mail the letter is the request."""
    turn.dialogue.question = clean(turn.incoming.text, 1000)
    if turn.channel.is_letter:
        return await _do(turn, turn.heard.details.organisation or "")
    turn.ask(Asks.ADHESION, ACTION)
    turn.record.outcome = "asked"
    notice = "" if turn.person else "\n\n" + turn.say("register.notice", months=turn.office.retention_months)
    return Reply(turn.say("adhere.ask") + notice, buttons=yes_no(turn))


async def resume(turn: Turn) -> Reply | None:
    """The yes or no, and for whom."""
    if _asks_back(turn):
        return None
    named = turn.heard.details.organisation
    if turn.dialogue.asks is Asks.ORGANISATION:
        private = turn.incoming.press == "private" or named == "" or says_no(turn)
        name = "" if private else named or _bare(turn)
        return await _do(turn, name) if private or name else None
    if says_yes(turn):
        said = turn.dialogue.draft.organisation if turn.dialogue.draft else None
        known = said if said is not None else _named_in(turn, turn.dialogue.question)
        if known is None and not (turn.person and turn.person.organisation):
            turn.ask(Asks.ORGANISATION, ACTION)
            turn.record.outcome = "asked"
            return Reply(turn.say("adhere.ask_organisation"), buttons=private_button(turn))
        return await _do(turn, known or "")
    if says_no(turn):
        turn.finish("done")
        return Reply(turn.say("adhere.kept"))
    return _for_whom(turn, named) if named else None


def _named_in(turn: Turn, text: str) -> str | None:
    return find_organisation(text, NameFinder(turn.library).find(text))


def _asks_back(turn: Turn) -> bool:
    return not turn.incoming.press and turn.incoming.text.rstrip().endswith("?")


def _bare(turn: Turn) -> str:
    return "" if speaks_of_something_else(turn) else bare_organisation(clean(turn.incoming.text))


def _for_whom(turn: Turn, organisation: str) -> Reply:
    """A name instead of a yes: it says for whom, and is asked again."""
    turn.dialogue.draft = Draft(organisation=clean(organisation))
    turn.ask(Asks.ADHESION, ACTION)
    turn.record.outcome = "asked"
    return Reply(turn.say("adhere.ask_for", organisation=clean(organisation)), buttons=yes_no(turn))


async def _do(turn: Turn, organisation: str) -> Reply:
    known = await turn.know(name_from(turn.heard.details.contact or turn.incoming.name))
    name = name_from(organisation or known.organisation)
    place = await organisation_id(turn.tx, name, turn.now) if name else None
    fresh = await add_adhesion(turn.tx, known.id, place, turn.now)
    question = turn.dialogue.question
    if fresh:
        await record(turn.tx, "interest_in_patto", now=turn.now, person_id=known.id)
        note = turn.library.say("staff.adhesion", "it", name=known.name or "—", organisation=name or "—")
        await hand_over.hand_over(turn, f"{note}\n\n{question}", "adhesion")
    turn.finish("recorded")
    notice = (
        "\n\n" + turn.say("register.mail_notice", months=turn.office.retention_months) if turn.channel.is_letter else ""
    )
    which = "" if name or not turn.channel.is_letter else "\n\n" + turn.say("adhere.which_mail")
    return Reply(turn.say("adhere.done" if fresh else "adhere.already") + which + notice)
