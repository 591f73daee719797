"""What a sentence means, decided in one call that is the same for chat and mail.

``understand`` looks for what the person wants or asks (``IntentClassifier``: what the library teaches), and for which
meeting, for whom, how many (``Reader``: what marked letters teach, weighed with what rules find). It leaves its
evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from conversation.dialogue import Dialogue
from conversation.intents import Intent, Trait, has_trait
from conversation.language import detect_language
from conversation.meeting import Meeting
from conversation.open_questions import Asks
from conversation.questions import LONG, MOST, AskedPart, asked_parts
from conversation.times import to_local
from conversation.understanding import acts
from conversation.understanding.acts import DOES
from conversation.understanding.asides import asked_apart, is_held
from conversation.understanding.classifier import IntentClassifier, Match, Seen
from conversation.understanding.counts import counts_by_meeting
from conversation.understanding.details import Details, find_details
from conversation.understanding.meetings import Choice, Doubt, choose_meeting
from conversation.understanding.reader import LetterReading
from conversation.understanding.requests import Request
from conversation.understanding.weighing import (
    HEARD,
    Wish,
    also_wished,
    by_meeting,
    gives_up,
    only_asks,
    people_told_of,
    several_wishes,
    told_apart,
    weigh_details,
    weigh_given_up,
    weigh_meetings,
    weigh_wishes,
    what_tells,
)
from conversation.words import fold, stem, tokens

#: From this probability on a wish is taken at its word.
SURE = 0.45
#: The same for questions about facts: between the two the bot says what it understood and offers a person.
ANSWER = 0.4
#: From here on up to ``ANSWER`` a fact may be what was asked: in chat its title is offered. A choice, not measured.
PERHAPS = 0.15
#: Words: up to so many a text is short, up to so many it may still go on from what was said before ("e quando?"), and a
#: courtesy in it counts half. Choices, not measured.
_SHORT, _LONG = 4, 8


@dataclass(frozen=True, slots=True)
class Understanding:
    """``intents``: what is wanted, likeliest first, with probabilities. ``facts``: what is asked, likeliest first.

    ``hand_over``: the known-unknown topic that the words are nearest to, when likelier than any fact. ``besides``: the
    questions that stand beside a wish, each understood by itself. ``counts``: ``(meeting id, people)`` where each of
    several has its own. ``questions``: each by itself, where several are asked at once. ``wishes``: the registrations,
    where two associations or more are registered. ``also``: intents of further sentences, beside the likeliest.
    ``for_others``: a letter that seems meant for another office, whatever its words wish.
    ``told_apart``: of each word for a meeting those it may mean (ids), where something is withdrawn or changed.
    """

    intents: tuple[Match, ...]
    facts: tuple[Match, ...]
    hand_over: Match | None
    meeting: Choice
    details: Details
    language: str
    evidence: tuple[str, ...]
    besides: tuple["Understanding", ...] = ()
    counts: tuple[tuple[int, int], ...] = ()
    wishes: tuple[Wish, ...] = ()
    also: tuple[str, ...] = ()
    questions: tuple["Understanding", ...] = ()
    for_others: bool = False
    told_apart: tuple[frozenset[int], ...] = ()

    @property
    def intent(self) -> str:
        """The likeliest intent, ``other`` when nothing was heard."""
        return self.intents[0].label if self.intents else Intent.OTHER

    @property
    def certainty(self) -> float:
        """Probability of the likeliest intent."""
        return self.intents[0].score if self.intents else 0.0

    @property
    def requests(self) -> tuple[Request, ...]:
        """Each thing that is asked for, by itself.

        Several registrations, what stands in further sentences, each question.
        """
        details, found = self.details, (*self.meeting.evidence, *self.details.evidence)
        if self.for_others:
            return (Request(Intent.HUMAN, writer=details.contact or "", certainty=1.0, found=_OF_OTHERS),)
        first = Request(
            self.intent, self.meeting.chosen, details.organisation, details.contact or "", details.participants,
            certainty=self.certainty, found=found,
        )  # fmt: skip
        acts = [first] if self.intents and not self.questions else []
        if self.wishes:
            acts = [
                replace(first, meetings=w.meetings, organisation=w.organisation, people=w.people) for w in self.wishes
            ]
        elif self.counts:
            acts = [replace(first, meetings=(meeting,), people=people) for meeting, people in self.counts]
        acts += [replace(first, act=act, meetings=(), people=None) for act in self.also]
        asked = [*self.questions, *self.besides]
        return (*acts, *(q.as_question() for q in asked or ([self] if not acts and self.facts else [])))

    def as_question(self) -> Request:
        """The likeliest thing that is asked."""
        best = self.facts[0] if self.facts and self.facts[0].score >= PERHAPS else None
        label, score = (best.label, best.score) if best else ("", 0.0)
        return Request(Intent.QUESTION, answer=label, certainty=score, found=self.evidence)

    def means(self, intent: str) -> bool:
        """Whether ``intent`` is the likeliest."""
        return self.intent == intent


_OF_OTHERS = ("la lettera sembra per un altro ufficio",)
_REFUSES = re.compile(
    r"\b(?:non|not|n't|nessuno di noi)\b[^.;!?\n]{0,30}?\b(?:poss|potr|riusc|riesc|veng|venir|veni|verr|"
    r"ci sar|esser|partecip|iscriv|interess|vogli|vorr|intend|can|able|make|attend|join)|\b(?:can't|"
    r"cannot)\b[^.;!?\n]{0,20}?\b(?:make|attend|join|come|be there|participate)"
)
_TAKES_BACK = re.compile(
    r"\b(?:disdi|disdet|annull|rinunc|disiscri|cancell|toglie|ritir|forfait|unsubscribe|cancel|basta|smett|"
    r"elimin|lev(?:a|ate|atemi|ami)\b|tirat\w+ (?:via|fuori)|take (?:me|us) off)"
)
_WHEN = re.compile(r"\b(?:quando|quand|che giorno|quale giorno|che ora|che data|orario|when|what day|what time)\b")
#: Erasing names what is erased: data, archives, "everything about me"; never a meeting.
_WHAT_IS_ERASED = re.compile(
    r"\b(?:dat[io]\b|informazion|di me\b|profil|archiv|database|data base|scheda|tracc|oblio|obblio|"
    r"nominativo|(?:mio|nostro) (?:nome e|numero)|tutto quello|dimentic|forget|data\b|everything about|"
    r"art\w* 17|sistema)"
)
#: Not decided yet: neither a registration nor a withdrawal.
_UNDECIDED = re.compile(
    r"\bnon (?:ho|abbiamo) (?:ancora )?decis|\bnon (?:so|sono sicur\w+|sappiamo|"
    r"siamo sicur\w+)(?: ancora)? se (?:io |noi |ci |mi |poi )?(?:poss|potr|riesc|riusc|veng|veni|verr|"
    r"partecip|sar|iscriv|ce la)|\bci (?:devo|dobbiamo) pensare|\bnot sure (?:if|whether)|\bforse (?:vengo|"
    r"veniamo|partecip)"
)
_HOLDS_ON = re.compile(
    r"\bnon (?:mi |ci |ti )?(?:(?:vogl|intend|desider|vorr|dev|dobb)\w+ )?(?:disdi|annull|cancell|togli|"
    r"rinunc)|\bnon manch(?:er|iam)|\bdon't (?:want to )?cancel|\bdo not (?:want to )?cancel"
)
_ERASES = re.compile(
    r"\b(?:cancell|elimin|rimuov|rimozion|rimoss|toglie|sparir|lev(?:a|ate)\b|via tutti|via i |"
    r"non vogli\w+ che (?:ten|conserv|abbi)|oblio|obblio|distrugg|dimentic|delete|erase|remove|forget|"
    r"art\w* 17)"
)


@dataclass(frozen=True, slots=True)
class _Near:
    """What the words of ``text`` are nearest to, likeliest first.

    ``wishes``, ``facts`` (three at most), a ``topic`` beyond the sources.
    """

    text: str
    wishes: list[Match]
    facts: list[Match]
    topic: Match | None

    @property
    def certainty(self) -> float:
        """Probability of the likeliest fact."""
        return self.facts[0].score if self.facts else 0.0

    @property
    def unknown(self) -> Match | None:
        """The topic, when it is likelier than any fact."""
        return self.topic if self.topic is not None and self.topic.score >= self.certainty else None


def understand(
    text: str,
    dialogue: Dialogue,
    classifier: IntentClassifier,
    now: datetime,
    *,
    meetings: Sequence[Meeting] = (),
    signature: str = "",
    language: str = "",
    sender: str = "",
    is_letter: bool = False,
) -> Understanding:
    """What ``text`` means to the bot.

    ``now``: when it was written. ``meetings``: the programme, past ones included. ``signature``: the block under a
    mail, used for names only. ``language``: a hint, used while the words do not say otherwise. ``sender``: the name in
    a mail's From. ``is_letter``: it is one, and may be for another office.
    """
    short, finder = text[:2000], classifier.reader.finder
    seen: Seen = {}
    details = find_details(text[:4000], signature, finder=finder)
    choice = _choose(short, details, meetings, now, classifier)
    known = dialogue.language or language
    if not meetings or dialogue.asks is not None or not short.strip():
        near = _near(short, _rank(short, dialogue, classifier, seen), classifier, now)
        intents = _weigh(near.wishes, choice, details, dialogue, short)
        heard = _understood(near, intents, choice, details, known, classifier)
        if dialogue.asks is Asks.PARTICIPANTS and details.participants is None and details.more is None:
            read = classifier.reader.read(text[:4000], signature, sender, meetings, now)
            heard = replace(heard, details=replace(details, participants=people_told_of(read)))
        counts = counts_by_meeting(short, _of(choice, meetings), now, classifier.library.sectors, finder)
        return replace(heard, besides=_besides(short, heard, classifier, now, seen), counts=counts)
    reading = classifier.reader.read(text[:4000], signature, sender, meetings, now)
    asks = only_asks(reading)
    # Of what is asked about every mention counts; roles tell what is wanted, and what is given up.
    if gives_up(reading):
        choice = weigh_given_up(reading, choice)
    elif not asks:
        choice = weigh_meetings(reading, choice, meetings, now)
    details = weigh_details(reading, details, text[:4000], sender)
    parts = [] if _does(reading) else _worth_asking(short)
    ranked = _rank(short, dialogue, classifier, seen, what_tells(reading), [part.text for part in parts])
    near = _near(short, ranked, classifier, now)
    intents = _weigh_read(near.wishes, reading, choice, short, asks=asks)
    heard = _understood(near, intents, choice, details, known, classifier)
    heard = replace(
        heard,
        counts=by_meeting(reading, choice.chosen)
        or counts_by_meeting(short, _of(choice, meetings), now, classifier.library.sectors, finder),
        wishes=several_wishes(reading, choice) if heard.intent == Intent.REGISTER else (),
        also=also_wished(reading, heard.intent),
        told_apart=told_apart(reading),
    )
    if is_letter and classifier.scope.is_for_others(text, reading):
        heard = replace(heard, for_others=True, evidence=(*heard.evidence, *_OF_OTHERS))
    heard = _with_questions(heard, _asked(parts, classifier, now, seen), near, classifier, now, seen)
    return replace(heard, besides=_besides(short, heard, classifier, now, seen, reading))


def _of(choice: Choice, meetings: Sequence[Meeting]) -> list[Meeting]:
    return [m for m in meetings if m.id in choice.chosen]


def _near(text: str, ranked: Sequence[Match], classifier: IntentClassifier, now: datetime) -> _Near:
    today = to_local(now).date()
    facts = [m for m in ranked if m.is_fact and classifier.library.facts[m.label].is_valid(today)]
    wishes = [m for m in ranked if not m.is_fact and not m.is_topic]
    return _Near(text, wishes, facts[:3], next((m for m in ranked if m.is_topic), None))


def _understood(
    near: _Near, intents: list[Match], choice: Choice, details: Details, language: str, classifier: IntentClassifier
) -> Understanding:
    """What was found, with the evidence for it. ``language``: what was spoken before."""
    text, unknown = near.text, near.unknown
    said = "" if text.startswith("/") else text  # a command, with whatever token behind it, is no language
    wished = _with_phrases(_with_erasing(intents, fold(text), choice), 2, text, classifier)
    facts = _with_phrases(near.facts, 1, text, classifier)
    evidence = (
        *(f"intento {m.label} {m.score:.2f}: «{m.phrase}»" for m in wished[:2]),
        *(f"voce {m.label} {m.score:.2f}: «{m.phrase}»" for m in facts[:1]),
        *((f"fuori dalle fonti {unknown.label[1:]} {unknown.score:.2f}",) if unknown else ()),
        *choice.evidence,
        *details.evidence,
    )
    spoken = detect_language(said, known=language)
    return Understanding(wished, facts, unknown, choice, details, spoken, evidence)


def _with_phrases(matches: Sequence[Match], most: int, text: str, classifier: IntentClassifier) -> tuple[Match, ...]:
    """``matches``, the first few with the phrase that is most like ``text``."""
    shown = (replace(m, phrase=classifier.nearest_phrase(m.label, text)) for m in matches[:most])
    return (*shown, *matches[most:])


def _alone(near: _Near, classifier: IntentClassifier, now: datetime, seen: Seen) -> Understanding:
    """A part of a message, by itself: what it asks, and what it says of anything else."""
    details = find_details(near.text, finder=classifier.reader.finder)
    choice = _choose(near.text, details, (), now, classifier)
    intents = _weigh(near.wishes, choice, details, Dialogue(), near.text)
    heard = _understood(near, intents, choice, details, "", classifier)
    return replace(heard, besides=_besides(near.text, heard, classifier, now, seen))


_CLAUSE = re.compile(
    r"(?<=[.;!?\n])\s+|[,;(]?\s*\b(?:ma|pero|però|inoltre|e poi|poi|e|but|and)\b\s*,?\s*(?=(?:quant|quand|dov|"
    r"chi\b|com'|come|cos|che cos|qual|perch|si pag|c'è|ci |mi sap|sapet|potet|how|what|when|where|"
    r"is there)\w*\b)|,\s*(?=(?:quant|quand|dov'|dove|chi\b|cos'|cosa|qual|perch|how|what)\w*\b)",
    re.IGNORECASE,
)


def _worth_asking(text: str) -> list[AskedPart]:
    """Each thing that is asked, where that may say more than the whole ``text``.

    Several things, or one among much that is told.
    """
    parts = asked_parts(text)
    return parts if len(parts) > 1 or _is_long(text) else []


def _is_long(text: str) -> bool:
    return len(tokens(text)) >= LONG


def _asked(parts: Sequence[AskedPart], classifier: IntentClassifier, now: datetime, seen: Seen) -> tuple[_Near, ...]:
    """Those of the ``parts`` of a message that a fact answers, or that surely none does."""

    def near(text: str) -> _Near:
        return _near(text, classifier.rank(text, seen=seen), classifier, now)

    heard_parts: list[_Near] = []
    subject = area = ""
    for part in parts:
        heard = near(part.text)
        if len(tokens(part.text)) <= _LONG and heard.certainty < ANSWER:  # "e quando è nata?" goes on
            tried = [near(f"{s}, {part.text}") for s in (part.before, subject) if s]
            heard = max(heard, *tried, key=lambda h: h.certainty) if tried else heard
        elif subject and _POINTS_BACK.search(fold(part.text)):
            akin = [m for m in heard.facts if _area_of(m) == area and m.score >= _AKIN]
            heard = replace(heard, facts=[*akin, *(m for m in heard.facts if m not in akin)])
        if heard.certainty >= ANSWER:
            subject, area = classifier.library.facts[heard.facts[0].label].title["it"], _area(heard)
        heard_parts.append(heard)
    areas = {_area(heard) for heard in heard_parts if heard.certainty >= ANSWER}
    found: dict[str, _Near] = {}
    for heard in heard_parts:
        if heard.certainty >= (_AKIN if heard.facts and _area(heard) in areas else ANSWER):
            found.setdefault(heard.facts[0].label, heard)
        elif heard.unknown and heard.unknown.score >= SURE:
            found.setdefault(heard.unknown.label, heard)
    return tuple(found.values())[:MOST]


def _with_questions(
    heard: Understanding, asked: Sequence[_Near], whole: _Near, classifier: IntentClassifier, now: datetime, seen: Seen
) -> Understanding:
    """``heard`` with each question by itself; or with the one question that stands among much that is told."""
    asks = (Match(Intent.QUESTION, 1.0), *heard.intents)
    if len(asked) > 1 and any(q.certainty >= ANSWER for q in asked):
        return replace(heard, intents=asks, questions=tuple(_alone(q, classifier, now, seen) for q in asked))
    if len(asked) == 1 and _is_long(whole.text) and asked[0].certainty > whole.certainty:
        return replace(heard, intents=asks, facts=_with_phrases(asked[0].facts, 1, asked[0].text, classifier))
    return heard


#: "… e quando vi è entrata Torino?": a word that stands for what was asked about before.
_POINTS_BACK = re.compile(
    r"\b(?:(?:vi|ci|ne) (?:e|era|ha|hanno|fa|fanno|sono|fu|furono)|ess[oaie]|quest[oaie]|there|of it|it)\b"
)

#: What a part needs to be answered beside another about the same things.
_AKIN = 0.2


def _area(heard: _Near) -> str:
    return _area_of(heard.facts[0])


def _area_of(match: Match) -> str:
    """What a fact is about: the first part of its id."""
    return match.label.partition(".")[0]


def _besides(
    text: str,
    heard: Understanding,
    classifier: IntentClassifier,
    now: datetime,
    seen: Seen,
    reading: LetterReading | None = None,
) -> tuple[Understanding, ...]:
    """What is asked beside a wish to do something ("iscriveteci; ma quanto dura?"), each question by itself.

    Clauses that surely ask for something known; and, where the text was read, all else that is asked and that the
    answer to the wish does not hold.
    """
    if not has_trait(heard.intent, Trait.ACTS):
        return ()
    clauses = [c for c in _CLAUSE.split(text) if c and len(tokens(c)) > 1]
    asking = [c for c in clauses if "?" in c] if len(clauses) > 1 else []
    found = dict[str, Understanding]()
    for clause in asking:
        near = _near(clause, classifier.rank(clause, None, seen, asking), classifier, now)
        unknown = near.unknown.score if near.unknown else 0.0
        if near.certainty < ANSWER and unknown < SURE:
            continue
        asked = _alone(near, classifier, now, seen)
        wish = next((m.score for m in asked.intents if m.label != Intent.QUESTION), 0.0)
        if max(near.certainty, unknown) > wish:
            found[clause] = asked
    apart = asked_apart(reading, classifier.reader) if reading is not None else []
    for sentence in apart:
        if any(clause in sentence or sentence in clause for clause in found):
            continue
        near = _near(sentence, classifier.rank(sentence, None, seen, apart), classifier, now)
        if not is_held(near.wishes, max(near.certainty, near.topic.score if near.topic else 0.0)):
            found[sentence] = _alone(near, classifier, now, seen)
    return tuple(found.values())[:MOST]


_FOLLOWS = re.compile(r"\s*(?:e|ed|ma|and|invece)\s+\S+")


def _rank(
    text: str,
    dialogue: Dialogue,
    classifier: IntentClassifier,
    seen: Seen,
    telling: Sequence[str] | None = None,
    ahead: Sequence[str] = (),
) -> list[Match]:
    """What the words are nearest to; a short follow-up ("e a Torino?") together with what was talked about."""
    ranked = classifier.rank(text, telling, seen, ahead)
    last = classifier.library.facts.get(dialogue.last_fact)
    if last is None or len(tokens(text)) > _SHORT + 1 or not (_FOLLOWS.match(text) or "?" in text or ranked):
        return ranked
    about = classifier.words_of(last)
    names_more = not {t for t in tokens(text) if t not in _ASKING_WORDS and stem(t) not in about} <= _AUXILIARIES
    if ranked and ranked[0].score >= SURE and names_more and not _FOLLOWS.match(text):
        return ranked
    in_context = [m for m in classifier.rank(f"{last.title['it']}, {text}", seen=seen) if m.is_fact]
    if names_more:
        in_context = [m for m in in_context if m.label != last.id]  # something new is named: not the same answer again
    asked = [m for m in ranked if m.is_fact]
    if in_context and (not asked or in_context[0].score > asked[0].score):
        return [*(m for m in ranked if not m.is_fact and not m.is_topic), *in_context]
    return ranked


def _does(reading: LetterReading) -> bool:
    """Whether anything is to be done, so that what is asked stands only beside it."""
    return any(reading.does(act) >= DOES for act in (acts.REGISTERS, acts.WITHDRAWS, acts.CHANGES, acts.ADHERES))


_ASKING_WORDS = frozenset(
    [
        "e",
        "ed",
        "ma",
        "and",
        "quando",
        "dove",
        "chi",
        "come",
        "perche",
        "quanto",
        "quanti",
        "quante",
        "cosa",
        "che",
        "quale",
        "invece",
        "when",
        "where",
        "who",
        "how",
        "why",
    ]
)


_AUXILIARIES = frozenset(
    [
        "e",
        "stato",
        "stata",
        "stati",
        "state",
        "ha",
        "hanno",
        "era",
        "sono",
        "fu",
        "ci",
        "si",
        "lo",
        "la",
        "il",
        "l",
        "was",
        "is",
        "it",
    ]
)


_HOURS = re.compile(r"\b(?:orari\w*|apert[oaie]|ricevimento|segreteria:|via|viale|piazza|fondat[oa])\b", re.IGNORECASE)


def _without_hours(text: str) -> str:
    """The text without lines below the first that tell of opening hours or a street: their days are no meetings."""
    first, *lines = text.split("\n")
    return "\n".join([first, *("" if _HOURS.search(line) else line for line in lines)])


def _choose(
    text: str, details: Details, meetings: Sequence[Meeting], now: datetime, classifier: IntentClassifier
) -> Choice:
    """What the sentence says of a meeting, the names in it apart.

    Failing that, what the association's name suggests.
    """
    bare = _without_hours(text)
    text = bare
    for name in filter(None, (details.organisation, details.contact)):
        bare = bare.replace(name, " ")
    choice = choose_meeting(bare, meetings, now, classifier.library.sectors)
    if bare == text or choice.chosen:
        return choice
    whole = choose_meeting(text, meetings, now, classifier.library.sectors)
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
    refuses = _refuses(folded, choice)
    undecided = bool(_UNDECIDED.search(folded))
    ruled_out = _ruled_out(folded, choice, refuses=refuses, undecided=undecided)
    weighed = []
    share = _share_of_courtesy(text)
    for match in ranked:
        score = match.score
        if match.label == (Intent.CANCEL if refuses else Intent.REGISTER):
            score += named + who
        if has_trait(match.label, Trait.COURTESY):
            score *= share
        if match.label == Intent.QUESTION and not text.rstrip().endswith("?"):
            score *= 0.9
        if match.label == Intent.CALENDAR and "?" in text and choice.spoken_of and _WHEN.search(folded):
            score += 0.4
        if dialogue.asks is Asks.CONFIRM and match.label == Intent.CHANGE:
            score += 0.1
        if score >= HEARD and match.label not in ruled_out:
            weighed.append(Match(match.label, min(score, 1.0), match.phrase))
    gives_back = _TAKES_BACK.search(folded) and not _WHAT_IS_ERASED.search(folded)
    if (choice.chosen or choice.candidates) and gives_back and Intent.CANCEL not in ruled_out:
        taken = next((m.score for m in weighed if m.label == Intent.CANCEL), 0.0)
        weighed = [m for m in weighed if m.label != Intent.CANCEL] + [Match(Intent.CANCEL, max(taken, 0.6))]
    does = bool(_ENROLS.search(folded))
    if not refuses and not undecided and (support := _support(choice, details, asks="?" in text, does=does)):
        known = next((m.score for m in weighed if m.label == Intent.REGISTER), 0.0)
        weighed = [m for m in weighed if m.label != Intent.REGISTER] + [Match(Intent.REGISTER, max(known, support))]
    return sorted(weighed, key=lambda m: -m.score)


#: What words that name data to be erased make of the wish to erase, once the phrases point there too.
_ERASING, _POINTS = 0.6, 0.1


def _with_erasing(intents: list[Match], folded: str, choice: Choice) -> list[Match]:
    """Words that say what is to be erased, and name no meeting, mean that."""
    known = next((m for m in intents if m.label == Intent.PRIVACY_ERASE), None)
    if known is None or not _erases(folded, choice) or not _POINTS <= known.score < _ERASING:
        return intents
    return sorted([replace(m, score=_ERASING) if m is known else m for m in intents], key=lambda m: -m.score)


def _weigh_read(wished: list[Match], reading: LetterReading, choice: Choice, text: str, *, asks: bool) -> list[Match]:
    """The wishes of a text that was read, less what its words contradict. ``asks``: it only asks."""
    folded, share = fold(text), _share_of_courtesy(text)
    out = _ruled_out(folded, choice, refuses=False, undecided=bool(_UNDECIDED.search(folded)))
    raw = [
        replace(m, score=m.score * share) if has_trait(m.label, Trait.COURTESY) else m
        for m in wished
        if m.label not in out
    ]
    if asks and choice.spoken_of and _WHEN.search(folded):
        known = next((m.score for m in raw if m.label == Intent.CALENDAR), 0.0)
        raw = [m for m in raw if m.label != Intent.CALENDAR] + [Match(Intent.CALENDAR, min(1.0, known + 0.4))]
    takes_back, erases = _refuses(folded, choice), _erases(folded, choice)
    return [m for m in weigh_wishes(raw, reading, takes_back=takes_back, erases=erases) if m.label not in out]


def _share_of_courtesy(text: str) -> float:
    """In a longer text a courtesy is said beside what is wanted."""
    length = len(tokens(text))
    return 1.0 if length <= _SHORT else 0.5 if length <= _LONG else 0.2


def _refuses(folded: str, choice: Choice) -> bool:
    """Whether the words refuse or give something up, and not only to take another thing."""
    return bool(_REFUSES.search(folded) or _TAKES_BACK.search(folded)) and not _instead(folded, choice)


def _erases(folded: str, choice: Choice) -> bool:
    """Whether it is data that are to go: the words say so, and name no meeting."""
    return bool(_ERASES.search(folded) and _WHAT_IS_ERASED.search(folded)) and not choice.chosen


#: "Giovedì non possiamo, ci iscriviamo a venerdì"; "io non ci sarò ma parteciperanno due colleghe".
_OTHERS_COME = re.compile(
    r"\b(?:ma|pero|invece|tuttavia|but)\b.{0,40}\b(?:parteciper\w+|verr\w+|vien\w+|veng\w+|sar\w+ present\w+|"
    r"iscriv\w+|will)\b"
)


def _instead(folded: str, choice: Choice) -> bool:
    """Whether the words give up one thing only to take another."""
    return bool(choice.chosen and choice.excluded and _ENROLS.search(folded)) or bool(_OTHERS_COME.search(folded))


def _ruled_out(folded: str, choice: Choice, *, refuses: bool, undecided: bool) -> set[str]:
    """The wishes that the words contradict."""
    out: set[str] = set()
    if refuses or undecided:
        out |= {Intent.REGISTER, Intent.NEWS_ON}
    if undecided or _HOLDS_ON.search(folded):
        out.add(Intent.CANCEL)
    if not _erases(folded, choice):
        out.add(Intent.PRIVACY_ERASE)
    return out


#: "mi iscrivo", "segnateci", "partecipo", "ci saremo": said of oneself.
_ENROLS = re.compile(
    r"\b(?:iscriv(?:o|iamo|ete\w*|i|imi|ici|ermi|erci)|segn(?:a\w*|ar?mi|ar?ci|iamo\w*)|(?:mi|ci) segn\w+|"
    r"partecip(?:o|iamo|ero|eremo|erei|eremmo)|vengo|veniamo|verr(?:o|emo|ei|emmo)|prenot(?:o|iamo|a\w*)|"
    r"ci sar(?:o|emo)|(?:posso|possiamo|potrei|potremmo) (?:partecipare|venire|esserci|iscriver\w+))\b"
)


def _support(choice: Choice, details: Details, *, asks: bool, does: bool) -> float:
    """How much the particulars alone say "register": who says which meeting, and who or how many, is registering."""
    meeting = bool(choice.chosen or choice.candidates) and not choice.weak
    who, many = details.organisation is not None, details.participants is not None
    if meeting and details.form:
        return 1.0
    if meeting and (who or many):
        return 0.95 if does else 0.5 if asks else 0.85
    if (who and many and not asks) or (meeting and does):
        return 0.6
    return 0.0
