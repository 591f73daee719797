"""What was read, and what rules find beside it, together.

One choice of meetings, one association, one number, one list of wishes.

Where both agree, or where what was learnt is sure, it is taken; where they differ, it is asked (docs/understanding.md
has the figures).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from conversation.intents import Intent
from conversation.meeting import Meeting
from conversation.understanding import acts
from conversation.understanding.acts import DOES
from conversation.understanding.classifier import Match
from conversation.understanding.decode import NO_DAY, POINTERS, Count
from conversation.understanding.details import Details
from conversation.understanding.meetings import Choice, Doubt
from conversation.understanding.mentions import MentionKind
from conversation.understanding.organisations import is_private, same_organisation
from conversation.understanding.ranking import as_compared, says_what_it_is
from conversation.understanding.reader import LetterReading, organisation_of
from conversation.understanding.roles import BACK, EXCLUDE, LEFT, OWN, TOTAL, WANT, WRITER
from conversation.understanding.scope import FEW
from conversation.words import fold

#: From this probability on the likeliest meetings are taken at their word, unless rules find others; from the lower
#: ones where rules find the same, the last where a sentence plainly registers (letters-1 and -2, 137 letters: above the
#: borders 122 exact and 2 wrong, one of them a withdrawal).
SURE_SET, AGREED_SET, AGREED_REGISTERING = 0.92, 0.6, 0.5
#: From this probability on a mention speaks for its meetings.
_WANTS = 0.3
#: Below this a set of meetings is not even proposed.
_PROPOSED = 0.15
#: What "no association" counts beside a candidate, and how sure a number must be where rules find another.
_NO_NAME, _SURE_COUNT, _LIKELY_COUNT = 0.4, 0.8, 0.4


def weigh_meetings(reading: LetterReading, ruled: Choice, meetings: Sequence[Meeting], now: datetime) -> Choice:
    """The meetings that are meant. ``ruled``: what rules make of the same words."""
    meant = reading.meant
    upcoming = [m.id for m in meetings if m.is_upcoming(now)]
    order = {m: i for i, m in enumerate(upcoming)}
    away = tuple(sorted(meant.excluded | meant.left, key=lambda m: order.get(m, 99)))
    best = tuple(sorted(meant.best, key=lambda m: order.get(m, 99)))
    evidence = (*ruled.evidence, f"incontri letti {best} {meant.sureness:.2f}")
    if NO_DAY in meant.clash and ruled.doubt is Doubt.CONTRADICTION:
        return replace(ruled, evidence=evidence, excluded=away or ruled.excluded)
    if (clash := meant.clash - {NO_DAY}) and best:
        return Choice((), tuple(m for m in upcoming if m in clash), Doubt.CONTRADICTION, away, evidence)
    if not best:
        return _nothing_wanted(reading, ruled, away, upcoming, evidence)
    if meant.either:
        return Choice(
            (), best if len(best) > 1 else _others(reading, order), Doubt.AMBIGUOUS, away, evidence, meant.over
        )
    # Rules take every day for a wish: they may find more, but what they do not find is asked about.
    agreed = set(best) == set(ruled.chosen)
    differs = (bool(ruled.chosen) and not set(best) <= set(ruled.chosen)) or bool(set(best) & set(ruled.excluded))
    differs = differs or any(_is_denied(reading, meeting) for meeting in best)
    agreed = agreed and not differs
    registers = reading.does(acts.REGISTERS) >= DOES > reading.does(acts.ASKS)
    enough = AGREED_SET if not registers else AGREED_REGISTERING
    if (meant.sureness >= SURE_SET and not differs) or (agreed and meant.sureness >= enough):
        weak = ruled.weak if agreed and ruled.weak else meant.by_self
        return Choice(best, (), None, away, evidence, meant.over, weak=weak)
    offered = _others(reading, order) or tuple(upcoming)
    return Choice(
        (), tuple(m for m in upcoming if m in {*offered, *ruled.chosen}), Doubt.AMBIGUOUS, away, evidence, meant.over
    )


_CLAUSE = re.compile(r"[.;:,!?\n(]")
_NOT = re.compile(r"\b(?:non|nicht|pas|not|don't|nu|nuk)\b|^\s*no\b")


def _is_denied(reading: LetterReading, meeting: int) -> bool:
    """Whether all that speaks for ``meeting`` stands behind a "not" in its clause.

    Then it is asked about, whatever was learnt.
    """
    plain, places = reading.page.plain, []
    for mention, p in zip(reading.page.mentions, reading.roles, strict=True):
        if meeting in mention.fits and p[WANT] > _WANTS:
            clause = _CLAUSE.split(plain[: mention.start])[-1]
            places.append(_NOT.search(clause) is not None)
    return bool(places) and all(places)


def weigh_given_up(reading: LetterReading, ruled: Choice) -> Choice:
    """Of a change, what is left apart from what is wanted instead; rules take every day for one that is meant."""
    left = reading.meant.left | reading.meant.excluded
    if not left < set(ruled.chosen):
        return ruled
    return replace(
        ruled,
        chosen=tuple(m for m in ruled.chosen if m not in left),
        excluded=tuple(m for m in ruled.chosen if m in left),
    )


#: A day was named for which there is no meeting.
_NO_MEETING = frozenset({Doubt.NO_SUCH_DAY, Doubt.CONTRADICTION, Doubt.PAST})


def _others(reading: LetterReading, order: dict[int, int]) -> tuple[int, ...]:
    """Every meeting of a set that is likely enough to be asked about."""
    found = {m for chosen, p in reading.meant.sets for m in chosen if p >= _PROPOSED}
    return tuple(sorted(found, key=lambda m: order.get(m, 99)))


def _nothing_wanted(
    reading: LetterReading, ruled: Choice, away: tuple[int, ...], upcoming: Sequence[int], evidence: tuple[str, ...]
) -> Choice:
    meant = reading.meant
    if meant.over or meant.missed:
        pool = tuple(m for m in upcoming if m not in away)
        doubt = Doubt.PAST if meant.over else ruled.doubt or Doubt.NO_SUCH_DAY
        near = ruled.candidates if ruled.doubt is doubt and ruled.candidates else pool
        return Choice((), near, doubt, away, evidence, meant.over)
    if meant.sureness < SURE_SET and (others := _others(reading, {m: i for i, m in enumerate(upcoming)})):
        return Choice((), others, Doubt.AMBIGUOUS, away, evidence)
    if ruled.doubt in _NO_MEETING and not ruled.chosen and reading.does(acts.REGISTERS) >= DOES:
        return replace(ruled, evidence=evidence, excluded=away)
    if ruled.chosen and ruled.weak and meant.sureness < 1:
        return replace(ruled, evidence=evidence, excluded=away)
    return Choice((), (), None, away, evidence)


def weigh_details(reading: LetterReading, ruled: Details, text: str, sender: str) -> Details:
    """Who comes, and how many.

    ``ruled``: what rules make of the same words; a form's labels are taken at their word.
    """
    count = reading.counts[0] if reading.counts else None
    if ruled.form and (count is None or count.sureness < _ELSE or count.people == ruled.participants):
        return ruled
    named, sure = organisation_of(reading, doubt=_NO_NAME)
    organisation = ("" if is_private(text) else ruled.organisation) if named is None else named
    people, more = ruled.participants, ruled.more
    if people is not None and (count is None or count.people != people) and _counts_else(reading, people):
        people = None
    enough = _SURE_COUNT if people is not None else _LIKELY_COUNT
    says = count is not None and (count.people > 1 or reading.does(acts.REGISTERS) >= DOES)
    if count is not None and says and more is None and count.sureness >= enough:
        people = count.people
    contact = _whole_name(_writer(reading) or ruled.contact, sender)
    evidence = (
        *ruled.evidence,
        f"associazione letta {sure:.2f}",
        *((f"persone lette {count.sureness:.2f}",) if count else ()),
    )
    return replace(ruled, organisation=organisation, participants=people, contact=contact, evidence=evidence)


def people_told_of(reading: LetterReading) -> int | None:
    """How many come by those who are told of ("il direttore e la segretaria"), where it is asked how many."""
    count = reading.counts[0] if reading.counts else None
    return count.people if count is not None and count.sureness >= _LIKELY_COUNT else None


#: From this probability on a number is believed against a form; from the lower one it counts something else than
#: people.
_ELSE, _SURELY_ELSE = 0.9, 0.85


def _counts_else(reading: LetterReading, number: int) -> bool:
    """Whether every place where the number stands surely counts something else."""
    mentions = list(zip(reading.page.mentions, reading.roles, strict=True))
    days = (m for m, p in mentions if (m.kind is MentionKind.BARE and p[TOTAL] < DOES) or m.day is not None)
    if any(number in {m.number, m.day.day if m.day else None} for m in days):
        return True
    found = [
        float(p[BACK])
        for m, p in mentions
        if m.number == number and m.kind in {MentionKind.NUMBER, MentionKind.BARE} and not _acts_upon(reading, m.start)
    ]
    return bool(found) and min(found) >= _SURELY_ELSE


def _acts_upon(reading: LetterReading, place: int) -> bool:
    """Whether the sentence at ``place`` rather registers or changes something."""
    given = reading.sentences[reading.page.sentence_of(place)].acts
    return float(given[acts.REGISTERS] + given[acts.CHANGES] + given[acts.WITHDRAWS]) >= DOES


def _whole_name(name: str, sender: str) -> str:
    """A first name alone with the surname that the header has."""
    known = fold(sender).split()
    return sender if len(name.split()) == 1 and len(known) in {2, 3} and fold(name) in known else name


def _writer(reading: LetterReading) -> str:
    """The name of who writes: the likeliest of those that are likelier that than anything else."""
    best, name = 0.0, ""
    for mention, p in zip(reading.page.mentions, reading.roles, strict=True):
        if mention.kind is MentionKind.NAME and mention.name is not None and int(np.argmax(p)) == WRITER:
            whole = len(mention.name.text.split()) > 1
            score = float(p[WRITER]) + 0.5 * whole
            if score > best:
                best, name = score, mention.name.text
    return name


_WISHES: dict[str, int] = {
    Intent.REGISTER: acts.REGISTERS,
    Intent.CANCEL: acts.WITHDRAWS,
    Intent.CHANGE: acts.CHANGES,
    Intent.ADHESION: acts.ADHERES,
}
#: Below this probability a wish is not heard at all; what words that give something up make of a withdrawal.
HEARD, _TAKEN_BACK = 0.08, 0.6
#: An act as likely as this is heard even in few words that no phrase of the library is like.
_PLAINLY, _PLAIN_SHARE = 0.7, 0.75
#: How probably a sentence of a longer text withdraws or changes, for a "non" in it to refuse a meeting.
_REFUSED = 0.2
#: What a registration is answered with anyway.
_FOLLOWS = frozenset({Intent.RESEND_LINK, Intent.MY_REGISTRATIONS, Intent.CALENDAR, Intent.QUESTION})
#: What wanting a meeting, without a word of registering, makes of the wish to register.
_WANTED = 0.6


def weigh_wishes(ranked: Sequence[Match], reading: LetterReading, *, takes_back: bool, erases: bool) -> list[Match]:
    """The wishes by probability: in a longer text the acts of its sentences say which.

    The library's phrases which of the others.

    ``takes_back``: the words give something up. Then nothing is registered on an act alone: who is asked whether to
    withdraw loses nothing. ``erases``: it is data that are to go, and no registration.
    """
    words = sum(w.isalnum() for w, _, _ in reading.page.words)
    # Among many words a "non" may refuse anything: some sentence must be heard to withdraw or change.
    takes_back = takes_back and (words <= FEW or _gives(reading) >= _REFUSED)
    share = 0.5 if words <= FEW else 0.8
    known = {m.label: m for m in ranked}
    registers = bool(reading.meant.best) and reading.does(acts.REGISTERS) >= DOES
    found = [
        replace(m, score=m.score * (0.5 if registers and m.label in _FOLLOWS else 1.0))
        for m in ranked
        if m.label not in _WISHES
    ]
    for label, act in _WISHES.items():
        before = known.get(label)
        does = reading.does(act)
        score = share * does + (1 - share) * (before.score if before else 0.0)
        if does >= _PLAINLY:
            score = max(score, _PLAIN_SHARE * does)
        if label == Intent.REGISTER and reading.meant.best and not reading.meant.by_self:
            score = max(score, _WANTED * reading.meant.sureness)  # who wants a meeting wants to be registered for it
        if label == Intent.CANCEL and before is not None and (takes_back or before.score > DOES):
            # "È stato annullato?", "come si disdice?" speak of it and take nothing back.
            score = max(score, before.score, _TAKEN_BACK * (takes_back and "?" not in reading.page.plain))
        if label == Intent.CANCEL and erases:
            score = min(score, before.score if before else 0.0)
        if label == Intent.REGISTER and takes_back and not reading.meant.best - reading.meant.left:
            score *= 0.5
        if score >= HEARD:
            found.append(
                Match(label, min(score, 1.0), before.phrase if before else "", before.fused if before else 0.0)
            )
    cancels, enrols = (known[w].score if w in known else 0.0 for w in (Intent.CANCEL, Intent.REGISTER))
    given_up = reading.meant.left | reading.meant.excluded
    if cancels > enrols and (takes_back or cancels > DOES) and not (erases or given_up):
        # Where the library hears a withdrawal, nothing is registered on what letters taught alone.
        found = [replace(m, score=m.score * 0.5) if m.label == Intent.REGISTER else m for m in found]
    if given_up and reading.meant.best - given_up:
        # Who gives up one meeting for another does not only withdraw.
        found = [replace(m, score=m.score * 0.5) if m.label == Intent.CANCEL else m for m in found]
    if registers and reading.does(acts.ADHERES) >= DOES:  # the meeting first: the pact follows
        found = [replace(m, score=1.0) if m.label == Intent.REGISTER else m for m in found]
    return sorted(found, key=lambda m: -m.score)


#: How probably something is withdrawn or changed for several meetings to be told apart, and from what probability on a
#: word is background and points to none. Who holds them would be asked about one, and forget the rest: of 24 letters by
#: a stranger (letters-10) 7 are known for such with 0.2 and 0.9, 15 with these.
_PERHAPS_GIVES, _BACKGROUND = 0.05, 0.97


def told_apart(reading: LetterReading) -> tuple[frozenset[int], ...]:
    """The meetings that a text speaks of one by one where something is withdrawn or changed.

    For each word that points to one, the ids of those it may mean. None where all that is named is given up.
    """
    if _gives(reading) < _PERHAPS_GIVES and not reading.counts:
        return ()
    named = [
        (frozenset(mention.fits), float(p[LEFT] + p[EXCLUDE]))
        for mention, p in zip(reading.page.mentions, reading.roles, strict=True)
        if mention.kind in POINTERS
        and not (mention.in_name or mention.all_of)
        and mention.start < reading.page.signed
        and p[BACK] < _BACKGROUND
    ]
    alike = all(given_up >= DOES for _, given_up in named)
    return () if alike else tuple(fits for fits, _ in named)


def only_asks(reading: LetterReading) -> bool:
    """Whether something is asked and nothing is to be done: then a meeting that is mentioned is what is asked about."""
    does = max(reading.does(act) for act in (acts.REGISTERS, acts.WITHDRAWS, acts.CHANGES))
    return reading.does(acts.ASKS) >= DOES > does


def _gives(reading: LetterReading) -> float:
    """How probably something is withdrawn or changed."""
    return max(reading.does(acts.WITHDRAWS), reading.does(acts.CHANGES))


def gives_up(reading: LetterReading) -> bool:
    """Whether a registration is withdrawn or changed, and none asked for."""
    return _gives(reading) >= DOES > reading.does(acts.REGISTERS)


#: From this probability on a sentence may ask or wish what the library's phrases know.
_TELLS = 0.1


def what_tells(reading: LetterReading) -> list[str]:
    """The sentences that ask, or wish something else than to register, when there are several sentences."""
    above = [s for s in reading.sentences if s.start < reading.page.signed]
    telling = [acts.ASKS, acts.WISHES, acts.ADHERES, acts.WITHDRAWS, acts.CHANGES]
    asking = [s for s in above if float(s.acts[telling].sum()) >= _TELLS]
    return [reading.page.text[s.start : s.end] for s in asking] if len(above) > 1 else []


@dataclass(frozen=True, slots=True)
class Wish:
    """One registration of several in a letter. ``people``: ``None`` not said."""

    meetings: tuple[int, ...]
    organisation: str
    people: int | None


#: What a second association's name must weigh among the names to be one that is registered, too.
_ANOTHER = 0.08


def several_wishes(reading: LetterReading, choice: Choice) -> tuple[Wish, ...]:
    """The registrations of a letter for two associations or more, each with its own meeting or number; else none."""
    places = _own_names(reading)
    if len(places) < 2 or not choice.chosen:
        return ()
    page, wishes = reading.page, list[Wish]()
    for i, (name, at) in enumerate(places):
        sentence = page.sentence_of(at)
        shares = i > 0 and page.sentence_of(places[i - 1][1]) == sentence
        begin = at if shares else page.sentences[sentence][0]
        if i + 1 < len(places):
            following = places[i + 1][1]
            end = (
                following if page.sentence_of(following) == sentence else page.sentences[page.sentence_of(following)][0]
            )
        else:
            end = page.signed
        people = next((c.people for c in reading.counts if begin <= c.place < end), None)
        pointed = [
            set(m.fits)
            for m, p in zip(page.mentions, reading.roles, strict=True)
            if begin <= m.start < end and p[WANT] > DOES and not m.in_name
        ]
        own = tuple(m for m in choice.chosen if any(m in fits for fits in pointed))
        if people is None and not own:
            return ()
        wishes.append(Wish(own or choice.chosen, name, people))
    return tuple(wishes)


#: What stands between two associations that are both registered: at least this, or the end of a sentence.
_APART = re.compile(r"[.;:,\n]|\b(?:e|ed|and|et|und|y|si|dhe|inoltre|anche|mentre|poi|nonche)\b")


def _own_names(reading: LetterReading) -> list[tuple[str, int]]:
    """The associations that the text itself registers, in order, each where it first stands.

    Each says what it is ("circolo", "ASD") and stands apart from the one before: two words of one name are no two
    associations.
    """
    found: list[tuple[str, int]] = []
    end = 0
    whole = {
        as_compared(r.candidate.text): r.candidate.text
        for r in reading.names
        if r.candidate is not None and r.score >= _ANOTHER
    }
    for mention, p in zip(reading.page.mentions, reading.roles, strict=True):
        if mention.kind is not MentionKind.NAME or mention.name is None or p[OWN] < DOES:
            continue
        if mention.start >= reading.page.signed:
            break
        name = next((text for key, text in whole.items() if as_compared(mention.name.text) in key), mention.name.text)
        apart = not found or _APART.search(reading.page.plain, end, mention.start)
        if apart and says_what_it_is(name) and not any(same_organisation(name, known) for known, _ in found):
            found.append((name, mention.start))
        end = mention.end
    return found


#: From this probability on a mention of a chosen meeting may be what a number belongs to. A choice, not measured.
_MAY_HAVE_NUMBER = 0.4


def by_meeting(reading: LetterReading, chosen: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """``(meeting id, people)`` where each of several meetings has a number of its own."""
    counts: Sequence[Count] = reading.counts
    if len(chosen) < 2 or len(counts) < 2:
        return ()
    places = [
        (m.start, next(iter(set(m.fits) & set(chosen))))
        for m, p in zip(reading.page.mentions, reading.roles, strict=True)
        if len(set(m.fits) & set(chosen)) == 1 and p[WANT] > _MAY_HAVE_NUMBER
    ]
    told = {reading.page.sentence_of(count.place) for count in counts}
    beside = list(dict.fromkeys(meeting for place, meeting in places if reading.page.sentence_of(place) in told))
    if set(beside) == set(chosen) and len(beside) == len(counts):  # as many days as numbers beside each other: in order
        return tuple(sorted(zip(beside, (c.people for c in counts), strict=True)))
    found: dict[int, int] = {}
    for count in counts:
        mine = reading.page.sentence_of(count.place)
        ranked = sorted(places, key=lambda p: (reading.page.sentence_of(p[0]) != mine, abs(p[0] - count.place)))
        if ranked and ranked[0][1] not in found:
            found[ranked[0][1]] = count.people
    return tuple(sorted(found.items())) if set(found) == set(chosen) else ()


#: From this probability on a further sentence is a wish of its own.
_BESIDE = 0.7


def also_wished(reading: LetterReading, intent: str) -> tuple[str, ...]:
    """What is wished beside ``intent`` in a sentence of its own: joining the pact beside a registration."""
    beside = {Intent.ADHESION: acts.ADHERES} if intent == Intent.REGISTER else {}
    return tuple(wish for wish, act in beside.items() if reading.does(act) >= _BESIDE)
