"""What people may want, and what of each wish the understanding must know. Who answers it: ``handlers.intents``."""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import Self

from knowledge.checking import KnowledgeError


class Trait(Enum):
    """What an intent may be."""

    #: It changes something: it needs to be surer than a question.
    ACTS = auto()
    #: It is said beside what one wants, and counts for less in a longer text.
    COURTESY = auto()
    #: Its words are said to us: where a name is asked for they are none.
    NO_NAME = auto()


class Intent(StrEnum):
    """The intents, by the names that their phrases have in ``knowledge/intents.toml``."""

    REGISTER = "register", Trait.ACTS
    CANCEL = "cancel", Trait.ACTS
    CHANGE = "change", Trait.ACTS
    RESEND_LINK = "resend_link"
    MY_REGISTRATIONS = "my_registrations"
    CALENDAR = "calendar"
    ADHESION = "join_pact", Trait.ACTS
    NEWS_ON = "newsletter_on", Trait.ACTS
    NEWS_OFF = "newsletter_off", Trait.ACTS
    HUMAN = "human", Trait.NO_NAME
    PRIVACY_INFO = "privacy_info"
    PRIVACY_EXPORT = "privacy_export"
    PRIVACY_ERASE = "privacy_erase"
    GREETING = "greeting", Trait.COURTESY, Trait.NO_NAME
    THANKS = "thanks", Trait.COURTESY, Trait.NO_NAME
    FAREWELL = "farewell", Trait.COURTESY, Trait.NO_NAME
    IDENTITY = "identity", Trait.NO_NAME
    QUESTION = "question"
    WHY = "why", Trait.NO_NAME
    OFF_LIMITS = "off_limits", Trait.NO_NAME
    COMPLAINT = "complaint", Trait.NO_NAME
    UNDECIDED = "undecided", Trait.NO_NAME
    YES = "yes", Trait.COURTESY, Trait.NO_NAME
    NO = "no", Trait.COURTESY
    OTHER = "other", Trait.COURTESY, Trait.NO_NAME

    traits: frozenset[Trait]

    def __new__(cls, name: str, *traits: Trait) -> Self:
        """A name, and what the intent is besides."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.traits = frozenset(traits)
        return member


_HAVING = {trait: frozenset(str(intent) for intent in Intent if trait in intent.traits) for trait in Trait}


def has_trait(label: str, trait: Trait) -> bool:
    """Whether the intent of this name has the trait; a name that is no intent's has none."""
    return label in _HAVING[trait]


def check_intents(phrases: Mapping[str, object]) -> None:
    """Every entry of intents.toml is an intent, and every intent has its entry.

    Raises ``KnowledgeError``. ``phrases``: by intent.
    """
    known = {str(intent) for intent in Intent}
    if unknown := phrases.keys() - known:
        msg = (
            f"intents.toml: la voce «{min(unknown)}» non esiste: si possono aggiungere frasi alle voci che ci sono; "
            "una voce nuova si può usare solo dopo che ha la sua riga in conversation/intents.py e in "
            "handlers/intents.py"
        )
        raise KnowledgeError(msg)
    if missing := known - phrases.keys():
        name = min(missing)
        msg = f'intents.toml: manca la voce «{name}»: va rimessa con le sue frasi, {name} = ["…", "…"]'
        raise KnowledgeError(msg)
