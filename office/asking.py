"""What a question that reached the office asks: without greetings, who one is, thanks, signature and addresses.

For what is taught, and for finding out who asks the same.
"""

import re
from collections.abc import Iterator
from functools import cache

from conversation.naming import PHONE, holds_address, is_first_name
from conversation.questions import asking, sentences
from conversation.words import fold, tokens
from knowledge.library import load_phrases
from mail.reading.signatures import looks_like_signature, split_signature

#: What asks in fewer words asks about what was said before it: "Parcheggio. Quanto costa?".
_SHORT = 4
#: A number to call has so many digits at least; a date has fewer.
_NUMBER = 7
#: So few words behind who one is are no question by themselves.
_LEAST = 2
#: What asks in so many words at most says with those before it in its sentence what it asks about.
_LONG = 8
_TITLE = (
    r"\s+(?:signor\w*|sig\.(?:ra\b)?|dott\w*\.?(?:ssa\b)?|utent[ei]|cittadin\w+|associazione|ufficio|redazione|"
    r"segreteria|direzione|staff|colleg\w+|amic\w+|a?\s?tutt[ie]|everyone|everybody|all|m(?:r|rs|s)\b\.?)"
)
#: What greets, thanks or excuses itself before something is said, with the name or the office that it speaks to.
_GREETS = re.compile(
    r"^\s*(?:(?:buon\s?(?:giorno|pomeriggio|dì)|buona\s?(?:sera|giornata)|salve|ciao|gentil\w+|egregi\w*|stimat\w+|"
    r"car[oaie]|spett(?:\.le|\w*)|hello|hi|dear|good (?:morning|afternoon|evening))\b|"
    r"scus(?:a|i|ate|atemi)\b(?: il disturbo)?|(?:(?:molte |tante )?grazie|thanks|thank you)(?: mille| tante| ancora)?"
    rf"(?=\s*[,.!;]))(?:{_TITLE})*"
    rf"(?:(?:{_TITLE}|\s+(?:(?-i:[A-ZÀ-Ý])[\w'’.]*|d[aei]|del(?:la|l['’]\w+)?|e|ed)){{1,6}}(?=\s*(?:[,!:;–\n-]|$)))?"
    r"[\s,.!:;–-]*",
    re.IGNORECASE,
)
_I_AM = (
    r"(?:(?:io )?(?:mi chiamo |sono (?=(?:il|la|lo|un[ao']?|l['’])\b|(?-i:[A-ZÀ-Ý])))|il mio nome è |my name is |"
    r"(?:i am|i['’]m) (?=an?\b|the\b|(?-i:[A-Z])))"
)
#: Who one is, up to what follows it. "Sono previsti sconti" presents nobody.
_PRESENTS = re.compile(
    rf"^(?:{_I_AM}|siamo |we are )[^?:;\n]*?(?:[,:;–]\s*(?:e\s+)?|"
    r"\s+(?:e|and)\s+(?=(?:vorr|vol[el]|chied|desider|mi |ci |avr|ho |abbiamo|would|want|i['’]d)))",
    re.IGNORECASE,
)
#: A sentence that says nothing else.
_ONLY_PRESENTS = re.compile(rf"^{_I_AM}[^\s,:;?]+(?: [^\s,:;?]+){{0,4}}$", re.IGNORECASE)
#: Thanks and farewells behind what is said.
_THANKS = re.compile(
    r"(?:^|(?<=[\s,.;!]))(?:(?:molte |tante )?grazie(?! a(?:i|l|ll[ae'’]|gli|d)?\b)|(?:(?:un |i |con i )?"
    r"(?:miei |più )?(?:cordial\w+|distint\w+|car[oi]) )?salut[oi]|"
    r"(?:kind |best )?regards|thanks|thank you)\b[^?]{0,80}$",
    re.IGNORECASE,
)


#: Words in capitals one after the other: a person, where the first is a first name.
_CAPITALS = re.compile(r"\b([A-ZÀ-Ý][\w'’]+)(?: [A-ZÀ-Ý][\w'’]+)*")


def what_asks(question: str) -> list[str]:
    """The sentences that ask, each from where it asks on; of one that hardly says what about, the one before it, too.

    Where nothing plainly asks: all that is said.
    """
    said, found = list(_said(question)), list[str]()
    for place, sentence in enumerate(said):
        asked = asking(sentence)
        if asked and len(tokens(asked)) <= _LONG:
            asked = sentence
        if asked and len(tokens(asked)) < _SHORT and place and not asking(said[place - 1]):
            asked = f"{said[place - 1].rstrip(' .,:;!')}, {asked[:1].lower()}{asked[1:]}"
        if asked:
            found.append(asked[:1].upper() + asked[1:])
    return found or [sentence for sentence in said if len(tokens(sentence)) > 1]


def gist(question: str) -> str:
    """What is compared of a question, to see who asks the same; all of it, where nothing else is left."""
    return " ".join(what_asks(question)) or question


def without_names(question: str, name: str) -> list[str]:
    """The same, with "…" for people's names, that of who asked (``name``) and numbers to call; of all that is said one.

    For a person to look through.
    """
    asked = what_asks(question)
    if not any(asking(sentence) for sentence in asked):
        asked = sorted(asked, key=len)[-1:]
    hidden = [_hidden(sentence, name) for sentence in asked]
    return [sentence for sentence in hidden if len(tokens(sentence)) > 1]


def without_name(text: str, name: str) -> str:
    """``text`` with "…" where ``name`` stands, or a part of it."""
    parts = "|".join(re.escape(part) for part in name.split() if len(part) > 1)
    return re.sub(rf"\b(?:{parts})(?:\s+(?:{parts}))*\b", "…", text) if parts else text


def _hidden(sentence: str, name: str) -> str:
    def hide(run: re.Match[str]) -> str:
        only_begins = not run.start() and run[0] == run[1] and fold(run[0]) in _common()
        return "…" if is_first_name(run[1]) and not only_begins else run[0]

    sentence = _CAPITALS.sub(hide, sentence)
    return PHONE.sub(_without_number, without_name(sentence, name))


def _without_number(found: re.Match[str]) -> str:
    digits = sum(map(str.isdecimal, found[0]))
    return found[0].replace(found[0].strip(), "…") if digits >= _NUMBER else found[0]


@cache
def _common() -> frozenset[str]:
    """Words that the wishes write small: some are first names, too ("Mia figlia")."""
    return frozenset(tokens(" ".join(phrase for group in load_phrases("intents").values() for phrase in group)))


def _said(question: str) -> Iterator[str]:
    """Its sentences, without what greets, closes, signs, presents who writes, or holds an address."""
    spoken, _ = split_signature(question.split("\n"))
    said = [line for line in spoken if line.strip()]
    for line in said:
        if line is said[-1] and len(said) > 1 and "?" not in line and looks_like_signature(line):
            continue
        for sentence in sentences(line):
            plain = _THANKS.sub("", _without_opening(" ".join(sentence.split()))).rstrip(" ,;")
            plain = " ".join("…" if holds_address(word) else word for word in plain.split())
            if tokens(plain) and not _names_only(plain) and not _ONLY_PRESENTS.match(plain):
                yield plain[:1].upper() + plain[1:]


def _names_only(sentence: str) -> bool:
    """Whether it is but the name of who wrote."""
    words = tokens(sentence)
    return "?" not in sentence and len(words) < _SHORT and is_first_name(words[0])


def _without_opening(sentence: str) -> str:
    """Without greetings and who one is."""
    before = ""
    while before != sentence:
        before, sentence = sentence, without_greeting(sentence)
        said = _PRESENTS.sub("", sentence, count=1)
        sentence = said if len(tokens(said)) > _LEAST else sentence
    return sentence


def without_greeting(text: str) -> str:
    """Without the greeting that it begins with, and the name of who is greeted."""
    rest = _GREETS.sub("", text, count=1)
    name, _, said = rest.partition(" ")
    return said if rest != text and said and is_first_name(name.strip(",.!")) else rest
