"""What tells the channels apart: one value for each, and everything else asks for its traits, not for its name."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from knowledge.library import Form

#: Bot API: characters of sendMessage.text, and of the caption of sendDocument.
TELEGRAM_TEXT, TELEGRAM_CAPTION = 4096, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """Where a person is reached, and what is so there.

    Each is there once: two are equal only when they are the same.
    """

    EMAIL: ClassVar["Channel"]
    TELEGRAM: ClassVar["Channel"]
    TERMINAL: ClassVar["Channel"]
    #: Of who telephones and can be written to nowhere: what stands for their address is a name that we made.
    VOICE: ClassVar["Channel"]

    #: Its name in the database and in logs.
    value: str
    #: How staff are told that something goes there, in Italian: "per e-mail"; and what it is called: "e-mail".
    by: str
    called: str
    #: Whether what comes in is a letter: answered whole and at once, with a greeting, under its subject; a yes counts
    #: as the answer to the letter that it answers. Otherwise it is a chat: what is missing is asked, one thing after
    #: the other.
    is_letter: bool = False
    #: Whether anything can be sent there. Who is known by another channel only is told by a person.
    written: bool = True
    #: Whether choices stand under a message and come back when pressed. Where they do not, they are lines of the text.
    buttons: bool = True
    #: Whether it is sure who writes. Otherwise somebody must vouch for the sender, or nothing is changed or told.
    proves_sender: bool = True
    #: Whether its addresses are e-mail addresses: a calendar entry invites them, and their owner's letters lie in our
    #: mailbox.
    has_mailboxes: bool = False
    #: How Italian addresses people: who comes for an association, and who writes for themselves.
    form: Form = Form.TU
    form_private: Form = Form.TU
    #: The text under ``[staff]`` that stands for an address which says nothing to a person; empty: the address itself.
    place_text: str = ""
    #: Characters (UTF-16 units, as Telegram counts) of one message, and of one that carries a file; ``None``: no limit.
    text_limit: int | None = None
    caption_limit: int | None = None
    #: How many files one message carries; ``None``: any number.
    files_per_message: int | None = None
    #: How long an open question waits for its answer.
    patience: timedelta = timedelta(hours=24)
    #: Whether a registration left half-way is reminded of once, and can be taken up for some days after its question
    #: expired.
    takes_up_again: bool = False
    #: Messages of one chat, and of one group, that are answered in a minute; ``None``: any number.
    per_minute: int | None = None
    per_minute_in_group: int | None = None
    #: Automatic answers to one address in a day; what comes after goes to a person unanswered; ``None``: any number.
    answers_a_day: int | None = None
    #: Messages with the transport, waiting for their slot, or not settled yet: so many are in doubt when a worker is
    #: killed.
    max_in_flight: int = 8
    #: How often a message goes out again of which nobody knows whether it arrived.
    retry_in_doubt: int = 1
    #: For how long the same thing may be shown to us again, so that its id is kept; ``None``: see ``db.retention``.
    shown_again: timedelta | None = None

    def __str__(self) -> str:
        return self.value

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return channel_named, (self.value,)


Channel.EMAIL = Channel(
    "email",
    "per e-mail",
    "e-mail",
    is_letter=True,
    buttons=False,
    proves_sender=False,
    has_mailboxes=True,
    form=Form.VOI,
    form_private=Form.LEI,
    # People answer mail after days, and over holidays after a week and more.
    patience=timedelta(days=14),
    # Two robots that answer each other stop here; no person needs so many answers in a day.
    answers_a_day=10,
    # A server takes a mail in a second or less; more would only wait in its queue.
    max_in_flight=8,
    # It carries the same Message-ID: most programs show it once, however often it came.
    retry_in_doubt=3,
)
Channel.TELEGRAM = Channel(
    "telegram",
    "su Telegram",
    "Telegram",
    place_text="staff.on_telegram",
    text_limit=TELEGRAM_TEXT,
    caption_limit=TELEGRAM_CAPTION,
    # sendDocument takes one.
    files_per_message=1,
    takes_up_again=True,
    # A person cannot write so much in a minute; a program can.
    per_minute=60,
    # Telegram lets a bot say twenty things a minute in a group; beyond that it stops the bot everywhere.
    per_minute_in_group=15,
    # Nearly as many as Telegram takes in a second (30), so that the rate limit alone decides.
    max_in_flight=24,
    # A missed meeting is worse than a doubled reminder; two doubles are a nuisance.
    retry_in_doubt=1,
    # It shows an update for 24 hours (Bot API, getUpdates); an outage or a wrong clock may double that.
    shown_again=timedelta(days=3),
)
Channel.TERMINAL = Channel("terminal", "nel terminale", "terminale", shown_again=timedelta(days=3))
Channel.VOICE = Channel("voice", "a voce", "a voce", written=False, place_text="staff.by_voice")

#: Every channel by its name.
CHANNELS: Final = {
    channel.value: channel for channel in (Channel.EMAIL, Channel.TELEGRAM, Channel.TERMINAL, Channel.VOICE)
}


def channel_named(name: str) -> Channel:
    """The channel with this name in the database. Raises ``ValueError``."""
    try:
        return CHANNELS[name]
    except KeyError:
        msg = f"{name!r} is no channel"
        raise ValueError(msg) from None
