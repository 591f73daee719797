"""How many people come, or how many more or fewer, as people say it: "in tre", "io e due colleghe", "uno di noi non viene".

Of "tre, anzi quattro" the last number is meant; of "tre o quattro" the larger is taken, so that nobody lacks a seat: it
is shown back and can be corrected.
"""

import re
from datetime import date

from conversation.understanding.dates import NUMBERS, find_days
from conversation.words import fold

MAX_PEOPLE = 500
_WORDS = r"(?:\d{1,5}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_NUM = rf"(?P<n>{_WORDS})"
_PEOPLE = (
    r"(?:persone|persona|partecipanti|partecipante|presenze|presenti|iscritti|iscritte|soci|socie|componenti|operatori|operatrici|"
    r"dirigenti|atleti|atlete|delegate|ospiti|adulti|volontarie|in tutto|in totale|in all|posti|posto|rappresentanti|rappresentante|"
    r"delegati|membri|volontari|people|persons|participants|seats|places|of us|personnes|personen|personas|persoane|persona te|veta)"
)
_TOTALS = (
    re.compile(
        rf"\b(?:siamo|saremo|veniamo|verremo|parteciperemo|partecipiamo|saremmo|verremmo|presenti|iscriv\w+|facciamo|venire|partecipare|"
        rf"esserci|adesso|ora|solo|soltanto|realta siamo|fine siamo)\s+(?:\w+\s+)?(?:(?:in|solo in|soltanto in|circa in)\s+){_NUM}\b"
    ),
    re.compile(
        rf"\b(?:siamo|saremo|saremmo|diventiamo|we are|we'll be|we will be|facciamo)\s+(?:solo |only |now |circa )?{_NUM}\b"
        r"(?!\s*(?:associazion|realta|gruppi|museo|scuol|societa))"
    ),
    re.compile(rf"\b{_NUM}\s+(?:\w+\s+)?{_PEOPLE}\b"),
    re.compile(rf"\bin\s+{_NUM}\b(?!\s*(?:giorn|settiman|or[ae]\b|minut|ann|mes|via|piazza))"),
    re.compile(rf"\b(?:persone|partecipanti|posti|numero|participants|people)\s*:?\s*{_NUM}\b"),
)
_NOT_THAT_MANY = re.compile(
    r"(?:anziche|invece (?:di|che)(?: in)?|al posto di|non(?: siamo| in)?(?: piu)?(?: in)?)\s*(?:in\s*)?$"
)
_ONE = re.compile(r"un[ao]? (?:sol[ao] )?(?:persona|partecipante|posto)|uno\b")
_ALONE = re.compile(
    r"\b(?:da sol[oa]|sol[oa] io|io sol[oa]|soltanto io|vengo io|just me|only me|saro sol[oa]|una persona sola|partecipo io)\b"
)
_CORRECTED = re.compile(
    rf"\b{_WORDS}\b(?:\s+\w+)?\s*[,;.:)(-]*\s*(?:anzi|no(?:,? aspetta\w*)?|scusa(?:te)?|cioe|volevo dire|mi correggo|pardon|sorry|i mean)\s*[,:.]*\s*"
    rf"(?:no,?\s+)?(?:(?:siamo|saremo|veniamo|facciamo|in|we are)\s+)*(?P<right>{_WORDS})\b"
)
_BETWEEN = re.compile(
    rf"\b(?P<low>{_WORDS})\s*(?:o|oppure|or|/|-|massimo|max|ma forse)\s*(?:forse\s+|in\s+|anche\s+)*(?P<high>{_WORDS})\b"
)
_RELATION = (
    r"(?:colleg\w+|amic\w+|moglie|marito|compagn\w+|figli\w*|fratell\w+|sorell\w+|mamma|madre|padre|babbo|papa|nipot\w+|soci[oae]?|volontari\w*|"
    r"president\w+|segretari\w*|vice\w*|tesorier\w+|consiglier\w+|collaborat\w+|ragazz\w+|cugin\w+|fidanzat\w+|partner|vicin[oaie]|"
    r"dirigent\w+|allenat\w+|atlet\w+|maestr[oaie]|insegnant\w+|colleagues?|friends?|wife|husband|sons?|daughters?|kids|children|assistants?|members?|"
    r"altr[aoei]|person[ae]|others?|people|ospit\w+)"
)
#: "mia moglie", "una collega", "due amici", "i due figli": a number, or the one that an article speaks of.
_COMPANION = re.compile(
    rf"(?:\b(?:con|e|ed|piu|insieme (?:a|al|alla)|assieme (?:a|al|alla)|and|with|plus)\b|[,+&])\s*(?:anche\s+|alt?tr[eiao]\s+)?"
    rf"(?:(?:i|le|gli|the|my|i miei|le mie|gli)\s+(?:altr\w+\s+)?(?P<those>{_WORDS})\s+(?:\w+\s+)?{_RELATION}|(?P<many>{_WORDS})\s+(?:\w+\s+)?{_RELATION}|"
    rf"(?P<one>(?:il mio|la mia|il|la|l'|un|una|un'|mio|mia|my|a|an)\s*){_RELATION}\b|i (?:miei )?(?P<parents>genitori))"
)
_COMES = re.compile(
    r"\b(?:io|veng\w*|verr\w*|partecip\w*|saro|iscriv\w*|segn\w*|mett\w*|prenot\w*|venire|me|i|i'll|i'd|come|coming|siamo|saremo|ci sono|porto)\b"
)
_ME_AND = re.compile(
    rf"\b(?:io|me)\s*(?:e|ed|piu|\+|con|and|plus|with)\s+(?:altr\w+\s+|other\s+)?{_NUM}\b(?!\s*(?:or[ae]|giorn))"
)
_NAME = r"[A-ZÀ-Ý][a-zà-ÿ'’]+(?: [A-ZÀ-Ý][a-zà-ÿ'’]+)?"
_ME_AND_NAMES = re.compile(rf"\b[Ii]o(?P<more>(?:\s*,\s*{_NAME})*)\s+ed?\s+{_NAME}")
_PERSON = r"[A-ZÀ-Ý][a-zà-ÿ'’]+\b(?:[ \t]+(?:(?:[Dd]e|[Dd]i|[Dd]a|[Dd]el|[Dd]ella|[Dd]ei|[Ll]o|[Ll]a)[ \t]+)?[A-ZÀ-Ý][a-zà-ÿ'’]+\b){1,3}"
_NAMED = re.compile(
    r"(?:[Pp]arteciperanno|[Vv]erranno|[Ss]aranno presenti|[Pp]artecipanti:?|[Ii]scriv\w+)\s*:?\s+"
    r"(?P<list>(?:[^.\n]|(?<=[Dd]ott)\.|(?<=[Pp]rof)\.|(?<=[Ss]ig)\.|(?<=[Aa]vv)\.)+)"
)
_LISTED = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+(?P<n>\S.{2,80})$", re.MULTILINE)
_ROLES = re.compile(r"\b(?:president\w*|segretari\w*|vicepresident\w*|tesorier\w*|consiglier\w*)\b")
_TWO_ROLES = re.compile(r"\b(?:il|la) (?:president\w+|responsabil\w+) (?:\w+ \w+ )?e (?:il|la) \w+|\bnoi due\b")
_FEWER = re.compile(
    rf"\b(?:(?P<n>{_WORDS})\s+(?:persona |persone )?(?:in|di) meno|(?:togli\w*|leva\w*)\s+(?:solo )?(?P<m>{_WORDS})\s+person[ae]|"
    rf"(?P<k>{_WORDS}|un[oa] solo) (?:di noi|dei nostri|delle nostre) non (?:\w+ )?(?:vien|veng|verr|puo|poss|potr|riesc|ci sar|partecip)\w*)"
)
_MORE = (
    re.compile(
        rf"\b(?:aggiung\w+|saremo|siamo|anche|con)\s+(?:in\s+)?(?:altr[aoei]\s+)?{_NUM}(?:\s+persone|\s+persona)?(?:\s+in piu|\s+di piu|\s+altr[aoei])\b"
    ),
    re.compile(rf"\baggiung\w+ (?:altre |un'altra |anche )?{_NUM}\b"),
)
_ONE_MORE = re.compile(
    r"\b(?:uno|una|una persona) in piu\b|\b(?:aggiung\w+|viene|verra|porto|si aggiunge|mett\w+)\s+(?:anche|pure)\s+(?:il mio|la mia|un|una|un'|mi[oa])\s*"
    + _RELATION
)


def find_headcount(text: str) -> tuple[int | None, int | None]:
    """How many people come in all, and how many are added to those already coming (or, below zero, taken away)."""
    folded = _settle(fold(text))
    difference = _find_difference(folded)
    return (None, difference) if difference is not None else (_find_total(text, folded), None)


def count_totals(text: str) -> int:
    """How often the text says how many people: "due persone … tre persone" is two."""
    return len(re.findall(rf"\b{_WORDS}\s+(?:\w+\s+)?{_PEOPLE}\b", _settle(fold(text))))


def bare_number(text: str) -> int | None:
    """The one number of a short answer ("3", "in tre", "saremo 4"); ``None`` when there is none or several."""
    if re.match(r"\s*-\s*\d", text):
        return 0
    settled = _settle(fold(text))
    if find_days(settled, date(2001, 1, 1)) and not re.fullmatch(r"\s*\d+\s*", settled):
        return None
    words = re.findall(r"\d+|[a-z]+", settled)
    numbers = [n for w in words if (n := _number(w)) is not None and w not in {"un", "una"}]
    return numbers[0] if len(numbers) == 1 and len(words) <= 8 else None


def _settle(folded: str) -> str:
    """The text with one number where a number is put right at once, or given as between two."""
    folded = _CORRECTED.sub(lambda m: m["right"], folded)
    return _BETWEEN.sub(lambda m: max(m["low"], m["high"], key=lambda w: _number(w) or 0), folded)


def _find_difference(folded: str) -> int | None:
    if match := _FEWER.search(folded):
        return -(_number(match["n"] or match["m"] or match["k"].split()[0]) or 1)
    for pattern in _MORE:
        if (match := pattern.search(folded)) and (number := _number(match["n"])):
            return number
    return 1 if _ONE_MORE.search(folded) else None


def _find_total(text: str, folded: str) -> int | None:
    if match := _ME_AND.search(folded):
        return 1 + (_number(match["n"]) or 1)
    for pattern in _TOTALS:
        for match in pattern.finditer(folded):
            article = match["n"] in {"un", "una", "uno"} and not _ONE.match(folded[match.start("n") :])
            number = None if article else _number(match["n"])
            if number is not None and not _NOT_THAT_MANY.search(folded[: match.start("n")]):
                return number
    return _count_named(text) or _count_companions(folded) or (1 if _ALONE.search(folded) else None)


def _count_named(text: str) -> int | None:
    """People told one by one, by name or by office; at least two."""
    if match := _ME_AND_NAMES.search(text):
        return 2 + match["more"].count(",")
    named = _NAMED.search(text)
    if named is None:
        return None
    listed = [m for m in _LISTED.finditer(text, named.start()) if re.search(r"[A-ZÀ-Ý][a-zà-ÿ'’]+", m["n"])]
    if len(listed) > 1:
        return len(listed)
    names = re.findall(rf"{_PERSON}|(?<=\. )[A-ZÀ-Ý][a-zà-ÿ'’]+|(?<=ssa )[A-ZÀ-Ý][a-zà-ÿ'’]+", named["list"])
    count = max(len(names), len(_ROLES.findall(named["list"])))
    return count if count > 1 else None


def _count_companions(folded: str) -> int | None:
    """The one who writes, with those who come along: "vengo con mia moglie e i due figli" is four."""
    for sentence in re.split(r"[.;!?\n]", folded):
        comes = _COMES.search(sentence)
        if comes is None:
            continue
        along = 0
        for match in _COMPANION.finditer(sentence, comes.start()):
            along += 2 if match["parents"] else 1 if match["one"] else _number(match["those"] or match["many"]) or 0
        if along:
            return 1 + along
    if re.search(rf"\bmy {_RELATION} and (?:i|me)\b|\b{_RELATION} ed? io\b", folded) or _TWO_ROLES.search(folded):
        return 2
    return None


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else NUMBERS.get(word)
