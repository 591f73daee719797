"""English: the bot answers in it."""

from datetime import date, time

from conversation.languages.protocol import Cues

code = "en"
weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
months = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
function_words = frozenset(
    [
        "the",
        "is",
        "are",
        "was",
        "were",
        "what",
        "when",
        "where",
        "who",
        "how",
        "why",
        "which",
        "you",
        "your",
        "we",
        "our",
        "us",
        "i",
        "my",
        "me",
        "it",
        "this",
        "that",
        "these",
        "to",
        "of",
        "and",
        "or",
        "with",
        "for",
        "from",
        "at",
        "on",
        "would",
        "like",
        "want",
        "can",
        "could",
        "please",
        "thanks",
        "thank",
        "hello",
        "hi",
        "yes",
        "register",
        "sign",
        "up",
        "meeting",
        "does",
        "do",
        "did",
        "not",
        "have",
        "has",
        "be",
        "an",
        "by",
        "will",
        "there",
        "about",
        "join",
        "pact",
        "city",
        "cities",
        "human",
        "person",
        "real",
        "am",
        "talking",
    ]
)
letters = frozenset("")
weekday_names = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
month_names = {
    "january": 1, "jan": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
number_words = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10,
}  # fmt: skip
yes = frozenset(["agree", "agreed", "fine", "ok", "okay", "okey", "oki", "right", "sure", "yeah", "yep", "yes"])
no = frozenset(["nah", "no", "nope", "not", "stop"])
denials = frozenset(["not"])
no_refusals = frozenset(["problem", "yes"])
agreeing = frozenset(["agree", "correct", "now", "ok", "right"])
fillers = frozenset(["i", "is", "it", "please", "s", "thank", "thanks", "that", "you"])
erasing = frozenset(
    ["all", "data", "delete", "deletion", "erase", "erasing", "erasure", "everything", "my", "of", "our", "the"]
)
cues = Cues(
    adds=r"also|as well|another|in addition",
    confirms=r"confirm\w*|will be there",
    gives_up=r"can't (?:make|come)|cannot (?:make|come)|never ?mind",
    shifts=r"move (?:me|us|it)\b",
    meetings=r"meeting|instead",
    asks_about=r"how (?:do|can) (?:i|we)\b",
    contrasts=r"but|only",
    corrects=r"change|wrong|instead of me",
    everything=r"reminders?|anything|nothing",
    counts=r"in ",
)


def speak_day(day: date) -> str:
    """``Thursday 21 January``: without the year."""
    return f"{weekdays[day.weekday()]} {day.day} {months[day.month - 1]}"


def speak_hour(hour: time) -> str:
    """``17:30``."""
    return f"{hour:%H:%M}"
