"""Whether a person may answer a letter from here.

No machine is to answer us, nor anybody to get what they did not cause.
"""

from conversation.message import Trust
from mail.reading.message import Letter
from mail.screening.judgement import LetterKind
from mail.screening.machines import is_robots

#: What a person wrote, or passed on from a form on the web: of a robot's letter the author is another than the robot.
_ANSWERED = {LetterKind.HUMAN, LetterKind.ROBOT}


def why_not_answered(letter: Letter, ours: str) -> str:
    """Why not: "forged", "list", "no_sender", "robot"; empty: they may. ``ours``: our mailbox."""
    if letter.trust is Trust.FAIL or letter.screening.kind is LetterKind.SPAM:
        return "forged"
    if letter.screening.kind is LetterKind.LIST and not letter.screening.to_us:
        return "list"
    if not letter.author:
        return "no_sender"
    by_robot = letter.screening.kind is LetterKind.ROBOT and letter.author in letter.sender.lower()
    if letter.screening.kind not in _ANSWERED or by_robot or letter.author == ours or is_robots(letter.author):
        return "robot"
    return ""
