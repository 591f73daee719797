"""What is said of a mail: what it is, by which rule, and how sure that is."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class LetterKind(StrEnum):
    """What a mail is (the contract's names, and one of our own: what is too large)."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    READ_RECEIPT = "read_receipt"
    LIST = "list"
    SPAM = "spam"
    PEC_RECEIPT = "pec_receipt"
    ROBOT = "robot"
    OVERSIZED = "oversized"


class Evidence(IntEnum):
    """How much a rule says: the words may still speak for a person (hint, sign), or not (proof)."""

    NONE = 0
    HINT = 1
    SIGN = 2
    PROOF = 3


@dataclass(frozen=True, slots=True)
class Screening:
    """The judgement and the rule that made it. ``for_person``: nobody is answered, and somebody of the office looks.

    ``to_us``: addressed to us alone, so that who plainly speaks is answered for all that.
    """

    kind: LetterKind
    reason: str
    evidence: Evidence = Evidence.PROOF
    for_person: bool = False
    to_us: bool = False
