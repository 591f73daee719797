"""How many people come, or how many more or fewer, as people say it.

"in tre", "io e due colleghe", "uno di noi non viene".

Of "tre, anzi quattro" the last number is meant; of "tre o quattro" the larger is taken, so that nobody lacks a seat: it
is shown back and can be corrected.
"""

import re
from collections.abc import Sequence
from datetime import date

from conversation.understanding.dates import NUMBERS, find_days
from conversation.understanding.proper_names import ProperName
from conversation.words import fold

MAX_PEOPLE = 500
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_WORDS = r"(?:\d{1,5}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_NUM = rf"(?P<n>{_WORDS})"
_PEOPLE = (
    r"(?:persone|persona|partecipanti|partecipante|presenze|presenti|iscritti|iscritte|soci|socie|componenti|"
    r"operatori|operatrici|dirigenti|atleti|atlete|delegate|ospiti|adulti|pers|volontarie|in tutto|in totale|"
    r"in all|posti|posto|rappresentanti|rappresentante|delegati|membri|volontari|people|persons?|members|"
    r"participants?|seats?|places?|of us|personnes|personen|personas|persoane|persona te|veta)"
)
_WE_ARE = re.compile(
    rf"\b(?:siamo|saremo|saremmo|diventiamo|we are|we'll be|we will be|facciamo|nous serons|nous sommes|"
    rf"wir sind|wir kommen|somos|seremos|vamos|suntem|vom fi|venim|jemi|do te jemi|zu)\s+(?:(?:diventat[ie]|"
    rf"rimast[ie]|ormai|ora|adesso|solo|only|now|circa|zu|in)\s+){{0,3}}{_NUM}\b"
    r"(?!\s*(?:associazion|realta|gruppi|museo|scuol|societa))"
)
_COUNTED = re.compile(rf"\b{_NUM}\s+(?:\w+\s+)?{_PEOPLE}\b")
_SAID = re.compile(rf"\b(?:quindi|dunque|totale|in tutto)\s*:?\s*(?:siamo |saremo |in )*{_NUM}\b")
_TOTALS = (
    _SAID,
    re.compile(rf"\b{_NUM}\s+(?:\w+\s+)?(?:in tutto|in totale|in all|altogether)\b"),
    re.compile(
        rf"\b(?:siamo|saremo|veniamo|verremo|parteciperemo|partecipiamo|saremmo|verremmo|presenti|iscriv\w+|"
        rf"facciamo|venire|partecipare|esserci|adesso|ora|solo|soltanto|realta siamo|"
        rf"fine siamo)\s+(?:\w+\s+)?(?:(?:in|solo in|soltanto in|circa in)\s+){_NUM}\b"
    ),
    _WE_ARE,
    _COUNTED,
    re.compile(rf"\bin\s+{_NUM}\b(?!\s*(?:giorn|settiman|or[ae]\b|minut|ann|mes|via|piazza))"),
    re.compile(
        rf"\b(?:persone|partecipanti|posti|numero|participants|people)\s*(?:(?:previst\w+|saranno|sono|"
        rf"totali|in totale)\s*)?:?\s*{_NUM}\b"
    ),
)
_NOT_THAT_MANY = re.compile(
    r"(?:anziche|invece (?:di|che)(?: in)?|al posto di|non(?: siamo| in)?(?: piu)?(?: in)?)\s*(?:in\s*)?$"
)
_ONE = re.compile(r"un[ao]? (?:sol[ao] )?(?:persona|partecipante|posto)|uno\b|one (?:person|seat|place)")
_WITH_ME = re.compile(r"\bcon me (?:ci sara|verra|viene|ci sono|partecipa\w*)\s+(?:il|la|un|una|un'|anche)\b")
_ALONE = re.compile(
    r"\b(?:da sol[oa]|l'?unic[oa]|unic[oa] (?:partecipante|presente|persona)|un sol[oa] (?:partecipante|"
    r"posto)|sol[oa] io|io sol[oa]|soltanto io|just me|only me|saro sol[oa]|una persona sola|(?:il|la|una|"
    r"un) sol[oa] [a-z]{4,}|partecipante unic[oa]|sol[oa] (?:il|la) sottoscritt[oa]|alone|on my own|"
    r"by myself|iscriv\w+ (?:un|una|un')\s*(?!\w*(?:associazion|societ|grupp|circol|ente|squadr|scuol|"
    r"cooperativ|altr))[a-z]{4,})\b"
)
_CORRECTED = re.compile(
    rf"\b{_WORDS}\b(?:\s+\w+)?\s*[,;.:)(-]*\s*(?:anzi|no(?:,? aspetta\w*)?|scusa(?:te)?|cioe|volevo dire|"
    rf"mi correggo|pardon|sorry|i mean)\s*[,:.]*\s*(?:no,?\s+)?(?:(?:siamo|saremo|veniamo|facciamo|in|"
    rf"we are)\s+)*(?P<right>{_WORDS})\b"
)
#: "Non veniamo più in tre ma in cinque": five.
_NOT_BUT = re.compile(rf"\bnon\b[^.;!?\n]{{0,25}}?\bin\s+{_WORDS}\s*,?\s*ma\s+(?:in\s+)?(?P<right>{_WORDS})\b")
_BETWEEN = re.compile(
    rf"\b(?P<low>{_WORDS})\s*(?:o|oppure|or|/|-|massimo|max|ma forse)\s*(?:forse\s+|in\s+|"
    rf"anche\s+)*(?P<high>{_WORDS})\b"
)
_RELATION = (
    r"(?:colleg\w+|amic\w+|moglie|marito|compagn\w+|figli\w*|fratell\w+|sorell\w+|mamma|madre|padre|babbo|"
    r"papa|nipot\w+|soci[oae]?|volontari\w*|president\w+|segretari\w*|vice\w*|tesorier\w+|consiglier\w+|"
    r"collaborat\w+|ragazz\w+|cugin\w+|fidanzat\w+|partner|vicin[oaie]|dirigent\w+|allenat\w+|atlet\w+|"
    r"maestr[oaie]|insegnant\w+|colleagues?|friends?|wife|husband|sons?|daughters?|kids|children|assistants?|"
    r"members?|altr[aoei]|person[ae]|others?|people|ospit\w+)"
)
#: "mia moglie", "una collega", "due amici", "i due figli": a number, or the one that an article speaks of.
_COMPANION = re.compile(
    rf"(?:\b(?:con|e|ed|piu|accompagnat\w da|insieme (?:a|al|alla)|assieme (?:a|al|alla)|and|with|plus)\b|"
    rf"[,+&])\s*(?:anche\s+|alt?tr[eiao]\s+)?(?:(?:i|le|gli|the|my|i miei|le mie|"
    rf"gli)\s+(?:altr\w+\s+)?(?P<those>{_WORDS})\s+(?:\w+\s+)?{_RELATION}|"
    rf"(?P<many>{_WORDS})\s+(?:\w+\s+)?{_RELATION}|(?P<any>(?:(?<=con )|(?<=piu )|(?<= da )|(?<=with )|"
    rf"(?<=insieme a)|(?<=insieme al)|(?<=insieme all)|(?<=insieme alla))\s*(?:un|una|un'|il proprio|"
    rf"la propria|il nostro|la nostra|nostr[oa]|a|an)\s*(?!(?:po|dubbio|domand|problem|piacere|minut|or[ae]\b|"
    rf"anticip|ritard|link|interess|pc\b|computer|telefon|messagg|nostr))[a-z]{{4,}}\b)|"
    rf"(?<=con )(?P<several>{_WORDS})\s+(?!minut|giorn|or[ae]\b|domand|incontr|mail|settiman|mes[ei]|ann[io]|"
    rf"dubb|associazion|realta|post)[a-z]{{4,}}|(?P<one>(?:il mio|la mia|il|la|l'|un|una|un'|mio|mia|my|a|"
    rf"an)\s*){_RELATION}\b|i (?:miei )?(?P<parents>genitori))"
)
_COMES = re.compile(
    r"\b(?:io|esserci|veng\w*|verr\w*|partecip\w*|saro|iscriv\w*|segn\w*|mett\w*|prenot\w*|venire|me|i|i'll|"
    r"i'd|come|coming|siamo|saremo|ci sono|porto)\b"
)
#: "Vorrei parlare con una persona" says nothing of how many come.
_SPEAKING = re.compile(
    r"\b(?:parl|rispond|contatt|chiam|telefon|speak|talk)\w*\b[^.;,\n]{0,25}?\b(?:una|a|qualche|"
    r"with) (?:\w+ )?pers(?:on|one|ona)\b"
)
#: What may be counted in such a letter without being people.
_THINGS = (
    r"(?:con\b|gli\b|le\b|i\b|milion|migliai|mill[ei]\b|centinai|incontr|riunion|appuntament|dat[ae]\b|giorn|"
    r"mes[ei]|settiman|or[ae]\b|minut|ann[io]|euro|associazion|realta|gruppi|squadr|sezion|sed[ei]|volt[ae]|"
    r"domand|cos[ae]\b|parol|pm\b|am\b|patt[io]|muse[io]|progett|disciplin|class[ei]|tavol|societ|scuol|"
    r"settor|link|mail|meeting|days?\b|weeks?|months?|gennaio|febbraio|january|february|th\b|st\b|nd\b|rd\b|"
    r"e\b|ed\b|o\b|per\b|alle\b|di\b|del\b|della\b|dei\b|il\b|la\b|lo\b|sull|conferm|ci\b|si\b|a\b|ad\b|al\b|"
    r"and\b|for\b)"
)
_GROUP = rf"{_WORDS}\s+(?:(?:nostr[ie]|propri[e]?|altr[ie]|of our|our|liebe)\s+)?(?!{_THINGS})[a-z]{{3,}}"
#: "tre mamme e un papà", "2 docenti e 3 studentesse", "due tecnici più io": groups that add up.
_GROUPS = re.compile(
    rf"(?<![\w/.])(?<!il )(?<!al )(?<!del )(?<!giorno )(?<!unedi )(?<!artedi )(?<!oledi )(?<!ovedi )(?<!nerdi "
    rf"){_GROUP}(?:\s*,\s*{_GROUP}|\s*(?:,\s*)?(?:e|ed|piu|and|\+)\s+(?:{_GROUP}|un['ao]?\s*[a-z]{{3,}}|io\b|"
    rf"me\b|il sottoscritto|la sottoscritta|chi scrive))*"
)
_ME_AND = re.compile(
    rf"\b(?:(?:io|me)\s*(?:e|ed|piu|\+|con|and|plus|with)\s+(?:altr\w+\s+|other\s+)?|"
    rf"con altr[ei]\s+){_NUM}\b(?!\s*(?:or[ae]|giorn))"
)
_ME_AND_ONE = re.compile(
    r"\b(?:io|me(?: stess[oa])?)\b(?:\s*\([^)]*\)|,[^,.;]{3,40},)?\s*(?:e|ed|and|con)\s+(?:il|la|lo|l'|un|una|"
    r"un'|mi[oa]|my|our|the|a)\s*(?!(?:\w+\s+)?(?:associazion|societ|squadr|club|grupp|scuol|class|circol|"
    r"association))[a-z]"
)
_OURS = re.compile(rf"\b{_NUM}\s+(?:dei|delle)\s+nostr[ie]\b")
_PLUS = re.compile(rf"\+\s*{_NUM}\b(?!\s*\d)")
#: Between two people who come together: "Chiara Lippi (io) e Davide Mei", "Lia Neri con il presidente Ugo Tei".
_TOGETHER = re.compile(
    r"\s*(?:\([^)\n]{1,30}\))?\s*(?:(?P<last>,?\s*(?:e|ed|and|con|with|\+|&|insieme a|assieme a))|"
    r",)\s*(?:(?:con|anche)\s+)?(?:(?:il|la|l'|mi[oa]|"
    r"my)\s*)?(?:[a-zà-ù]+(?:\.?ssa)?\.?\s+){0,3}(?:[A-Z][a-z]{1,5}\.?(?:ssa)?\.?\s+)?"
)
_AND_ONE = re.compile(
    r"\s*(?:,[^,.;\n]{3,30},)?\s*(?:e|ed|and|con|with|\+)\s*(?:un|una|un'|la nostra|il nostro|a|an|our)\s*[a-zà-ù]{3,}"
)
_COMING = re.compile(
    r"(?:partecip|verr|saranno presenti|sara presente|presenza di|interverr|iscri|saranno|saremo|siamo|join|"
    r"attend|take part|ader|colleg|present|registr|segn|veng|vien|prenot|io\b|participants)"
)
_LISTED = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+(?P<n>\S.{2,80})$", re.MULTILINE)
_ROLES = re.compile(r"\b(?:president\w*|segretari\w*|vicepresident\w*|tesorier\w*|consiglier\w*)\b")
#: "La scuola chiede di partecipare con quattro docenti": who writes does not come; but "vorrei venire con due
#: colleghi".
_THEY = re.compile(
    r"\b(?:chiede|vorrebbe|desidera|intende|partecipa|partecipera|comunica|conferma|aderisce|sara presente|"
    r"interviene|interverra)\b"
)
_FIRST_PERSON = re.compile(r"\b(?:io|vorrei|verrei|vengo|verro|parteciperei|mi|saro|me)\b")
_TWO_ROLES = re.compile(r"\b(?:il|la) (?:president\w+|responsabil\w+) (?:\w+ \w+ )?e (?:il|la) \w+|\bnoi due\b")
#: "La scuola parteciperà con due insegnanti": they are all who come. With somebody named before, they come along.
_SENDS = re.compile(
    rf"\b(?:partecipera|interverra|sara presente|sara rappresentat\w+|aderisce|"
    rf"participera)\s+(?:\S+\s+){{0,3}}?(?:con|da)\s+{_NUM}\s+[a-z]"
)
_FEWER = re.compile(
    rf"\b(?:(?P<n>{_WORDS})\s+(?:persona |persone )?(?:in|di) meno|(?:togli\w*|"
    rf"leva\w*)\s+(?:solo )?(?P<m>{_WORDS})\s+person[ae]|(?P<k>{_WORDS}|un[oa] solo) (?:di noi|dei nostri|"
    rf"delle nostre) non (?:\w+ )?(?:vien|veng|verr|puo|poss|potr|riesc|ci sar|partecip)\w*)"
)
_MORE = (
    re.compile(
        rf"\b(?:aggiung\w+|saremo|siamo|anche|con)\s+(?:in\s+)?(?:altr[aoei]\s+)?{_NUM}(?:\s+persone|"
        rf"\s+persona)?(?:\s+in piu|\s+di piu|\s+altr[aoei])\b"
    ),
    re.compile(rf"\baggiung\w+ (?:altre |un'altra |anche )?{_NUM}\b"),
)
_BRING = re.compile(
    rf"\b(?:port\w+|invit\w+|aggiung\w+|vengono|si aggiungono) (?:anche )?altr[ei] {_NUM}\b|\b(?:port\w+|"
    rf"invit\w+) (?:anche|pure) {_NUM.replace('?P<n>', '?P<k>')} {_RELATION}|"
    rf"\b{_NUM.replace('?P<n>', '?P<m>')}\s+(?:persone |persona )?(?:in|di) piu\b"
)
#: Characters before a refusal that say whose it is.
_BEFORE = 40
#: "Ada non può venire", "mia figlia non viene più": one fewer; of an association or of nobody it says something else.
_STAYS_AWAY = r"\bnon (?:puo|viene|verra|potra|riesce|ci sara|partecipa|partecipera)\b"
_LESS, _ONE_LESS = re.compile(_STAYS_AWAY), re.compile(rf"(?P<who>.{{0,{_BEFORE}}}){_STAYS_AWAY}")
_NOT_ONE = re.compile(r"associazion|societa|gruppo|club|squadra|scuol|circol|nessun|perche|chi |se ")
_ONE_MORE = re.compile(
    r"\b(?:uno|una|una persona) in piu\b|\b(?:aggiung\w+|viene|verra|porto|si aggiunge|mett\w+)\s+(?:anche|"
    r"pure)\s+(?:il mio|la mia|un|una|un'|mi[oa])\s*" + _RELATION
)


def find_headcount(text: str, names: Sequence[ProperName]) -> tuple[int | None, int | None]:
    """How many people come in all, and how many are added to those already coming (or, below zero, taken away).

    ``names``: the proper names of ``text``.
    """
    folded = _SPEAKING.sub(" ", _settle(fold(text)))
    difference = _find_difference(folded)
    if difference is not None:
        return None, difference
    return _find_total(text, folded, names), None


def corrects_headcount(text: str) -> bool:
    """Whether the words put one number in the place of another: they take nothing back but the number."""
    return bool(_NOT_BUT.search(fold(text)))


def count_totals(text: str) -> int:
    """How often the text says how many people: "due persone … tre persone" is two."""
    return sum(1 for _ in _COUNTED.finditer(_settle(fold(text))))


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
    folded = re.sub(rf"(?<=\d) \({_WORDS}\)", "", folded)
    folded = _NOT_BUT.sub(lambda m: f"in {m['right']}", folded)
    folded = _CORRECTED.sub(lambda m: m["right"], folded)
    return _BETWEEN.sub(lambda m: max(m["low"], m["high"], key=lambda w: _number(w) or 0), folded)


def _find_difference(folded: str) -> int | None:
    if match := _FEWER.search(folded):
        return -(_number(match["n"] or match["m"] or match["k"].split()[0]) or 1)
    if (match := _BRING.search(folded)) and (number := _number(match["n"] or match["m"] or match["k"])):
        return number
    for pattern in _MORE:
        if (match := pattern.search(folded)) and (number := _number(match["n"])):
            return number
    if _ONE_MORE.search(folded):
        return 1
    less = _LESS.search(folded)
    if less is not None:
        line = folded.rfind("\n", 0, less.start()) + 1
        less = _ONE_LESS.match(folded, max(line, less.start() - _BEFORE))
    return -1 if less and not _NOT_ONE.search(less["who"]) and not _ALONE.search(folded) else None


def _find_total(text: str, folded: str, names: Sequence[ProperName]) -> int | None:
    for pattern in (_ME_AND, _PLUS):
        if match := pattern.search(folded):
            return 1 + (_number(match["n"]) or 1)
    for pattern in (*_TOTALS, _OURS):
        for match in pattern.finditer(folded):
            article = match["n"] in {"un", "una", "uno"} and not _ONE.match(folded[match.start("n") :])
            number = None if article else _number(match["n"])
            if (
                number is not None
                and not _FIRST_YEAR <= number <= _LAST_YEAR
                and not _NOT_THAT_MANY.search(folded[: match.start("n")])
            ):
                return max(number, _count_groups(text, names) or 0) if pattern in {_COUNTED, _WE_ARE} else number
    if _ME_AND_ONE.search(folded) or _WITH_ME.search(folded):
        return 2
    if _ALONE.search(folded):
        return 1
    some = _count_named(text, names) or _count_sent(folded) or _count_companions(folded) or _count_groups(text, names)
    return some or (1 if re.search(r"\b(?:vengo|partecipo|ci sono|verro) io\b", folded) else None)


def _count_named(text: str, names: Sequence[ProperName]) -> int | None:
    """People told one by one, by name or by office; at least two."""
    coming = _COMING.search(fold(text))
    if coming is None:
        return None
    listed = [m for m in _LISTED.finditer(text) if re.search(r"[A-ZÀ-Ý][a-zà-ÿ'’]+", m["n"])]
    if len(listed) > 1:
        return len(listed)
    people = [n for n in names if n.person > n.organisation and n.person >= 0]
    best = max((_count_chain(text, people, i) for i in range(len(people))), default=0)
    after = fold(text)[coming.start() :].split(".")[0]
    count = max(best, len(_ROLES.findall(after)) if " e " in after else 0)
    return count if count > 1 else None


def _count_chain(text: str, people: Sequence[ProperName], first: int) -> int:
    """How many come with the person ``first``, names joined by commas and at the end "e"."""
    count, joined, end = 1, False, people[first].end
    for person in people[first + 1 :]:
        between = _TOGETHER.fullmatch(text, end, person.start)
        if between is None:
            break
        count, joined, end = count + 1, bool(between["last"]), person.end
    if one_more := _AND_ONE.match(text, end):
        count, joined = count + 1, bool(one_more)
    me = re.search(r"\b[Ii]o\s*(?:,|e|ed|con)\s*$", text[: people[first].start])
    itself = (
        me is not None and "," in me.group() and text[people[first].end :].lstrip().startswith(",")
    )  # "io, Lia Neri, e Ugo": she is Lia
    announced = re.search(
        r"(?:artecipant[ie]|arteciperanno|erranno|resent[ie]|scriv\w+)\s*:?\s*$", text[: people[first].start]
    )
    return (count + (me is not None and not itself)) if joined or me or announced else 1


def _count_groups(text: str, names: Sequence[ProperName]) -> int | None:
    """Groups of people that add up, names (which may hold numbers) apart."""
    for name in names:
        text = text.replace(name.text, "·")
    folded = _settle(fold(text))
    if not _COMING.search(folded) and not _COMES.search(folded):
        return None
    for match in _GROUPS.finditer(folded):
        if re.match(r"un[ao]?\b", match.group()):
            continue
        numbers = [_number(n) or 0 for n in re.findall(rf"\b({_WORDS})(?=['\s])", match.group())]
        if max(numbers, default=0) > MAX_PEOPLE:
            continue
        return sum(numbers) + len(re.findall(r"\b(?:io|me|sottoscritt[oa]|chi scrive)\b", match.group()))
    return None


def _count_sent(folded: str) -> int | None:
    """How many an association sends."""
    match = _SENDS.search(folded)
    if match is None or _ROLES.search(match.group()):
        return None
    return _number(match["n"])


def _count_companions(folded: str) -> int | None:
    """The one who writes, with those who come along: "vengo con mia moglie e i due figli" is four."""
    for sentence in re.split(r"[.;!?\n]", folded):
        comes = _COMES.search(sentence)
        if comes is None:
            continue
        along = 0
        for match in _COMPANION.finditer(sentence, comes.start()):
            one = match["one"] or match["any"]
            along += (
                2
                if match["parents"]
                else 1
                if one
                else _number(match["those"] or match["many"] or match["several"]) or 0
            )
        if along:
            sends = (
                _THEY.search(sentence)
                and not _FIRST_PERSON.search(sentence)
                and not _ROLES.search(sentence.split(" con ")[0])
            )
            return along if sends else 1 + along
    if re.search(rf"\bmy {_RELATION} and (?:i|me)\b|\b{_RELATION} ed? io\b", folded) or _TWO_ROLES.search(folded):
        return 2
    return None


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else NUMBERS.get(word)
