"""What several pages say in the same words, and whether their words are plain: read from templates and code."""

import ast
import re
from pathlib import Path

import pytest

import office
import web.console
from conversation.channel import CHANNELS
from db.forecast import Kind
from office.kinds import say_kind, say_kinds, say_messages
from tests.handlers.test_another_channel import SMS
from web.console.words import channels, say_by, say_channel

TEMPLATES = sorted((Path(web.console.__file__).parent / "templates").glob("*.html"))
#: What bars, faults and cards say stands in code: of the pages, and of what refuses.
MODULES = sorted(file for room in (office, web.console) for file in Path(str(room.__file__)).parent.glob("*.py"))
#: Gulpease: from 60 on who has a diploma reads it easily, from 80 on who left school at fourteen.
PLAIN = 60
#: Words of a paragraph, or of a help, that has a sentence in it: others are labels.
_SENTENCE = 6
#: What a button says first is what it does.
VERBS = set(
    re.findall(
        r"\w+",
        """aggiungi annulla approva attiva butta cambia cancella carica cerca chiedi chiudi conferma copia crea
        entra esci falli fallo ferma guarda insegnala invita iscrivi manda metti mostra passa prova pubblica
        rifai rimanda rimetti riportalo riprendi rispondi ritira salva scarica scrivi segna sposta stampa togli
        torna unisci vedi""",
    )
)
#: What somebody did elsewhere, and says here.
SAID = {"Ho provveduto", "Ho provveduto a quelli scelti"}


def sentences_of(template: str) -> list[str]:
    """What one reads: paragraphs, lines of lists, helps of fields; a word for each that is filled in."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", template, flags=re.DOTALL)
    found = re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", plain, flags=re.DOTALL)
    found += re.findall(r'help="([^"]*)"', template)
    texts = (re.sub(r"<[^>]+>", "", re.sub(r"\{\{.*?\}\}", "dato", one, flags=re.DOTALL)) for one in found)
    return [text for text in texts if len(re.findall(r"\w+", text)) >= _SENTENCE]


def sentences_in(code: str) -> list[str]:
    """What is said by a module: its texts but for docstrings, with a word for each that is filled in."""
    tree = ast.parse(code)
    unsaid = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            unsaid |= {id(part) for part in ast.walk(node)}
            found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "dato" for p in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unsaid:
            found.append(node.value)
    texts = (text for text in found if not re.search(r"[<>{}\\]|\w/\w", text))  # marks for machines, not words
    return [text for text in texts if len(re.findall(r"\w+", text)) >= _SENTENCE]


def gulpease(texts: list[str]) -> float:
    words = re.findall(r"\w+", " ".join(texts))
    ends = sum(max(1, len(re.findall(r"[.!?](?=\s|$)", text))) for text in texts)
    return 89 + (300 * ends - 10 * sum(map(len, words))) / len(words)


def test_the_texts_of_each_page_are_plain() -> None:
    assert gulpease(["Quantunque l'amministrazione riconosca la complessità procedurale dell'adempimento"]) < PLAIN
    found = {file.name: sentences_of(file.read_text(encoding="utf-8")) for file in TEMPLATES}
    measured = {name: round(gulpease(texts)) for name, texts in found.items() if texts}
    assert len(measured) > len(TEMPLATES) / 2
    assert {name: ease for name, ease in measured.items() if ease < PLAIN} == {}


def test_what_is_said_after_a_click_is_plain() -> None:
    found = {f"{file.parent.name}/{file.name}": sentences_in(file.read_text(encoding="utf-8")) for file in MODULES}
    assert "Torna alla console e riprova" in " ".join(found["console/guard.py"])
    assert sum(map(len, found.values())) > 300
    measured = {name: round(gulpease(texts)) for name, texts in found.items() if texts}
    assert {name: ease for name, ease in measured.items() if ease < PLAIN} == {}


def test_every_button_says_what_it_does() -> None:
    said = set()
    for file in TEMPLATES:
        text = file.read_text(encoding="utf-8")
        for words in re.findall(r"submit\((.*?)\) *\}\}", text, flags=re.DOTALL):  # pieces in the middle begin small
            said |= set(re.findall(r'"([A-Z][^"]*)"', words))
        for button in re.findall(r'<(?:button|a)\b[^>]*class="btn[^>]*>(.*?)</(?:button|a)>', text, flags=re.DOTALL):
            said.add(re.sub(r"<span.*?</span>|\{%.*?%\}", "", button, flags=re.DOTALL).strip())
    named = {one for one in said if not one.startswith("{{")}
    assert len(named) > len(VERBS)
    assert {one for one in named - SAID if re.split(r"\W", one.lower())[0] not in VERBS} == set()


def test_a_channel_that_is_added_is_said_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, SMS.value, SMS)
    assert channels() == [("email", "e-mail"), ("telegram", "Telegram"), ("voice", "a voce"), ("sms", "SMS")]
    assert ("sms", "SMS") in channels(written=True)
    assert "voice" not in dict(channels(written=True))
    assert (say_channel("sms"), say_by("sms"), say_channel("")) == ("SMS", "per SMS", "—")


def test_what_the_program_what_the_office_writes_and_what_it_is_told_have_words_of_their_own() -> None:
    said = {kind: say_kind(kind.value) for kind in (Kind.NOTICE, Kind.BROADCAST, Kind.STAFF)}
    assert [words.split()[0] for words in said.values()] == ["aggiornamento", "avviso", "segnalazione"]
    assert [say_messages(0), say_messages(1), say_messages(2)] == ["0 messaggi", "1 messaggio", "2 messaggi"]
    assert [say_kinds("notice", 1), say_kinds("broadcast", 2)] == ["1 aggiornamento di un incontro", "2 avvisi"]
