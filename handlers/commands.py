"""What is said without words: the commands of a chat, and the buttons that are a wish of their own; one row each."""

from dataclasses import dataclass

from conversation.intents import Intent
from handlers import ask, hand_over, news, privacy, programme, welcome
from handlers.registration import flow, mine
from handlers.turn import Handler


@dataclass(frozen=True, slots=True)
class Command:
    """A command (``/programma``) or a button (``go:programme``)."""

    #: What is sent.
    sent: str
    #: Answers it.
    handler: Handler
    #: What it wishes.
    intent: Intent = Intent.OTHER
    #: Words that follow it plainly wish something of their own, if anything.
    says_nothing: bool = False
    #: Ends what was open; others are answered, and the open question is asked again.
    ends_open: bool = False
    #: Answers the words that follow it.
    with_words: Handler | None = None


_COMMANDS = (
    Command("/start", welcome.welcome, says_nothing=True, ends_open=True),
    Command("/programma", programme.show_programme, Intent.CALENDAR),
    Command("/iscriviti", flow.start, Intent.REGISTER, ends_open=True),
    Command("/iscrizioni", mine.show_mine, Intent.MY_REGISTRATIONS),
    Command("/domanda", ask.invite_question, Intent.QUESTION, with_words=ask.answer),
    Command("/privacy", privacy.show_notice),
    Command("/stop", news.stop, ends_open=True),
    Command("/aiuto", welcome.show_help, says_nothing=True),
    Command("/help", welcome.show_help, says_nothing=True),
    Command("go:programme", programme.show_programme, Intent.CALENDAR, ends_open=True),
    Command("go:register", flow.start, Intent.REGISTER, ends_open=True),
    Command("go:ask", ask.invite_question, Intent.QUESTION, ends_open=True),
    Command("go:mine", mine.show_mine, Intent.QUESTION, ends_open=True),
    Command("go:person", hand_over.ask_for_person, Intent.HUMAN, ends_open=True),
    Command("go:export", privacy.export, Intent.QUESTION, ends_open=True),
    Command("go:erase", privacy.erase, Intent.QUESTION, ends_open=True),
)
#: By what is sent.
COMMANDS = {command.sent: command for command in _COMMANDS}
#: What a link to our chat carries behind ``/start`` (Bot API, "Deep linking"): a token to join a chat, a meeting's
#: number.
JOINS, REGISTERS = "l_", "m_"
#: Breaks off whatever is open: with words behind it the verb of their sentence.
BREAK_OFF = "annulla"


def follows_link(command: str | None, words: str) -> bool:
    """Whether what stands behind the command was put there by a link of ours: it is nobody's words, in no language."""
    return command == "start" and words.startswith((JOINS, REGISTERS)) and " " not in words
