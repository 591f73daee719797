"""What people say beside what they want: the truth about who answers, goodbyes, complaints."""

import pytest

from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.classifier import IntentClassifier
from handlers.wishes import choose_intent
from tests.support.rehearsal import START, Rehearsal

#: None of these stands in knowledge/intents.toml.
ASK_WHO_ANSWERS = (
    "ma sei umano o no?",
    "tu sei una persona?",
    "scusa ma sei un robot?",
    "parlo con un umano?",
    "sto chattando con una persona vera?",
    "sei un robot vero?",
    "ma sei vera?",
    "ci sei tu o un computer?",
    ("scusate, c'è una persona che risponde o fate tutto in automatico?"),
    "lei è un operatore o una macchina?",
    "sei una voce automatica?",
    "sei finto?",
    "Siete umani?",
    "dimmi la verità: sei un'IA?",
    "e tu chi saresti, un programma?",
    "sei una persona in carne e ossa?",
    "con chi parlo, con un bot?",
    "SEI UN BOT",
    "sei un uomo o una donna?",
    "mi sta rispondendo un robot?",
    "are you a human being?",
    "is there a human behind this?",
    "are you a machine?",
    "am I chatting with a bot?",
    "are you a real human?",
    "do I talk to a person or a computer?",
    "tu es un robot ?",
    "vous êtes une vraie personne ?",
    "est-ce un humain qui me répond ?",
    "je parle avec un robot ?",
    "bist du eine Maschine?",
    "sind Sie ein echter Mensch?",
    "spreche ich mit einem Roboter?",
    "ist das ein Bot?",
    "¿eres una máquina?",
    "¿es usted una persona real?",
    "¿hablo con un robot?",
    "¿eres de verdad?",
    "ești o mașină?",
    "sunteți om sau robot?",
    "vorbesc cu un robot?",
    "a je person i vërtetë?",
    "je makinë?",
    "po flas me robot?",
)


def test_who_asks_whether_it_is_a_person_is_heard(classifier: IntentClassifier) -> None:
    heard = {words: choose_intent(understand(words, Dialogue(), classifier, START)) for words in ASK_WHO_ANSWERS}
    # Who is taken to want a person hears as well that this is none.
    assert [words for words, intent in heard.items() if intent not in {"identity", "human"}] == []
    assert sum(intent == "identity" for intent in heard.values()) >= 0.95 * len(heard)


@pytest.mark.parametrize(
    ("words", "truth"),
    [
        ("sei umano?", "programma automatico"),
        ("parlo con una persona vera?", "programma automatico"),
        ("are you a real human?", "automatic programme"),
        ("vous êtes une vraie personne ?", "programme automatique"),
        ("sind Sie ein echter Mensch?", "automatisches Programm"),
        ("¿es usted una persona real?", "programa automático"),
        ("ești o persoană sau un robot?", "program automat"),
        ("po flas me një robot apo me një njeri?", "program automatik"),
    ],
)
async def test_the_truth_is_told_in_the_language_of_the_question(rehearsal: Rehearsal, words: str, truth: str) -> None:
    assert truth in (await rehearsal.citizen().says(words)).text


@pytest.mark.parametrize(
    "words",
    [
        "vorrei parlare con una persona vera",
        "mi fai parlare con qualcuno dell'ufficio?",
        "voglio un operatore umano",
        "can I speak with someone from the office?",
    ],
)
async def test_who_wants_a_person_gets_one_and_hears_that_this_is_none(rehearsal: Rehearsal, words: str) -> None:
    said = await rehearsal.citizen().says(words)
    assert "automatic" in said.text
    assert len(rehearsal.staff.mails) == 1


@pytest.mark.parametrize(
    "words",
    [
        "buona serata",
        "Buona serata!",
        "buonanotte a tutti",
        "ciao, buona domenica",
        "grazie e buona serata",
        "ci vediamo presto",
        "bye",
    ],
)
async def test_a_goodbye_is_not_answered_by_the_welcome(rehearsal: Rehearsal, words: str) -> None:
    said = await rehearsal.citizen().says(words)
    assert "assistente automatico" not in said.text
    assert "prest" in said.text or "Prego" in said.text or "soon" in said.text


@pytest.mark.parametrize(
    "words",
    [
        "mi ero iscritto e mi avete lasciato fuori, è una vergogna",
        "avete cancellato la mia iscrizione senza dirmi niente!",
        "sono arrabbiata: risultavo iscritta e non mi avete fatto entrare",
        "vi siete dimenticati di mandarmi il link e ho perso l'incontro",
        "nessuno mi ha mai confermato l'iscrizione, che servizio pessimo",
    ],
)
async def test_a_complaint_reaches_a_person(rehearsal: Rehearsal, words: str) -> None:
    said = await rehearsal.citizen().says(words)
    assert "Non risultano" not in said.text
    assert "non risultano" not in said.text
    assert len(rehearsal.staff.mails) == 1
