"""What a sentence means, decided in one call that is the same for chat and mail.

``understand`` looks for what the person wants (nearest known phrases), which meeting (days and sectors against the
programme), who comes (structure), and what is asked (nearest question variants). It leaves its evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from conversation.dialogue import Asks, Dialogue
from conversation.meeting import Meeting
from conversation.understanding.details import Details, find_details
from conversation.understanding.language import detect_language
from conversation.understanding.meetings import Choice, Doubt, choose_meeting
from conversation.understanding.search import Match, PhraseIndex
from conversation.understanding.words import fold, tokens
from knowledge.library import Library

#: Above this likeness a phrase is taken at its word; below the lower one it says nothing.
SURE = 0.42
HEARD = 0.26
#: The same for questions about facts: between the two the bot says what it understood and offers a person.
ANSWER = 0.46
PERHAPS = 0.30
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Understanding:
    """``intents``: what is wanted, likeliest first, with likeness 0 to 1. ``facts``: what is asked, nearest first.

    ``hand_over``: the known-unknown topic that the words are nearest to, when nearer than any fact.
    """

    intents: tuple[Match, ...]
    facts: tuple[Match, ...]
    hand_over: Match | None
    meeting: Choice
    details: Details
    language: str
    evidence: tuple[str, ...]

    @property
    def intent(self) -> str:
        """The likeliest intent, ``other`` when nothing was heard."""
        return self.intents[0].label if self.intents else "other"

    @property
    def certainty(self) -> float:
        """Likeness of the likeliest intent."""
        return self.intents[0].score if self.intents else 0.0

    def heard(self, intent: str) -> bool:
        """Whether ``intent`` is the likeliest."""
        return self.intent == intent


_REFUSES = re.compile(
    r"\b(?:non|not|n't|nessuno di noi)\b[^.;!?\n]{0,30}?\b(?:poss|potr|riusc|riesc|veng|venir|veni|verr|ci sar|esser|partecip|iscriv|"
    r"interess|vogli|vorr|intend|can|able|make|attend|join)|\bcan't|\bcannot\b"
)
_TAKES_BACK = re.compile(
    r"\b(?:disdi|disdet|annull|rinunc|disiscri|cancell|toglie|ritir|forfait|unsubscribe|cancel|basta|smett)"
)
_ERASES = re.compile(r"\b(?:cancell|elimin|rimuov|rimozion|toglie|oblio|dimentic|delete|erase|remove|forget|art\w* 17)")


@lru_cache(maxsize=4)
def _indexes(library_id: int) -> tuple[PhraseIndex, PhraseIndex]:
    library = _LIBRARIES[library_id]
    asked = {fact.id: [q for group in fact.questions.values() for q in group] for fact in library.facts.values()}
    unknown = {f"?{topic}": phrases for topic, phrases in library.hand_over.items()}
    return PhraseIndex(library.intents), PhraseIndex({**asked, **unknown})


_LIBRARIES: dict[int, Library] = {}


def warm_up(library: Library) -> None:
    """Fit the indexes of ``library`` now instead of at the first message."""
    _LIBRARIES[id(library)] = library
    _indexes(id(library))


def understand(
    text: str,
    dialogue: Dialogue,
    library: Library,
    now: datetime,
    *,
    meetings: Sequence[Meeting] = (),
    signature: str = "",
    language: str = "",
) -> Understanding:
    """What ``text`` means to the bot.

    ``now``: when it was written. ``meetings``: the programme, past ones included. ``signature``: the block under a
    mail, used for names only. ``language``: a hint, used while the words do not say otherwise.
    """
    warm_up(library)
    wants, asks = _indexes(id(library))
    short = text[:2000]
    details = find_details(text[:4000], signature)
    choice = _choose(short, details, meetings, now, library)
    spoken = detect_language(short, known=dialogue.language or language)
    intents = _weigh(wants.rank(short[:400]), choice, details, dialogue, short)
    ranked = asks.rank(short[:400])
    facts = tuple(m for m in ranked if not m.label.startswith("?"))[:3]
    unknown = next((m for m in ranked if m.label.startswith("?")), None)
    if unknown and facts and unknown.score < facts[0].score:
        unknown = None
    evidence = (
        *(f"intento {m.label} {m.score:.2f}: «{m.phrase}»" for m in intents[:2]),
        *(f"voce {m.label} {m.score:.2f}: «{m.phrase}»" for m in facts[:1]),
        *choice.evidence,
        *details.evidence,
    )
    return Understanding(tuple(intents), facts, unknown, choice, details, spoken, evidence)


def _choose(text: str, details: Details, meetings: Sequence[Meeting], now: datetime, library: Library) -> Choice:
    """What the sentence says of a meeting, the names in it apart; failing that, what the association's name suggests."""
    bare = text
    for name in filter(None, (details.organisation, details.contact)):
        bare = bare.replace(name, " ")
    choice = choose_meeting(bare, meetings, now, library.sectors)
    if bare == text or choice.chosen:
        return choice
    whole = choose_meeting(text, meetings, now, library.sectors)
    if not choice.spoken_of:
        return replace(whole, weak=True)
    narrowed = [m for m in choice.candidates if m in whole.chosen]
    if choice.doubt is Doubt.AMBIGUOUS and len(narrowed) == 1:
        return replace(whole, excluded=choice.excluded)
    return choice


def _weigh(ranked: list[Match], choice: Choice, details: Details, dialogue: Dialogue, text: str) -> list[Match]:
    """Raise what the rest of the sentence supports, take away what it contradicts.

    Somebody who names a meeting and who comes, or how many, registers, however the sentence is worded; unless the
    words refuse, which the same evidence then makes a withdrawal; or only ask.
    """
    folded = fold(text)
    named = 0.12 * bool(choice.chosen or choice.candidates)
    who = 0.12 * bool(details.organisation) + 0.10 * (details.participants is not None)
    refuses = bool(_REFUSES.search(folded) or _TAKES_BACK.search(folded))
    weighed = []
    for match in ranked:
        score = match.score
        if match.label == "register":
            score = 0.0 if refuses else score + named + who
        if match.label == "cancel":
            score = score + named + who if refuses else score
        if match.label in {"yes", "no", "greeting", "thanks"} and len(tokens(text)) > _SHORT:
            score *= 0.5
        if match.label == "question" and not text.rstrip().endswith("?"):
            score *= 0.9
        if match.label == "privacy_erase" and not _ERASES.search(folded):
            score = 0.0
        if match.label == "newsletter_on" and (refuses or _TAKES_BACK.search(folded)):
            score = 0.0
        if dialogue.asks is Asks.CONFIRM and match.label == "change":
            score += 0.1
        if score >= HEARD:
            weighed.append(Match(match.label, min(score, 1.0), match.phrase))
    asks = "?" in text
    if not refuses and not asks and not any(m.label == "register" for m in weighed):
        support = 0.2 * bool(choice.chosen or choice.candidates) + 0.2 * bool(details.organisation)
        support += 0.15 * (details.participants is not None)
        if support >= SURE - 0.1:
            weighed.append(Match("register", support, ""))
    return sorted(weighed, key=lambda m: -m.score)
