"""What the bot understood of a question that it passed on, and what it would have answered by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from conversation.intents import Intent

#: After «Ha capito che…».
WISHES = {
    Intent.REGISTER: "vuole iscriversi",
    Intent.CANCEL: "vuole ritirare un'iscrizione",
    Intent.CHANGE: "vuole cambiare un'iscrizione",
    Intent.RESEND_LINK: "chiede il collegamento di un incontro",
    Intent.MY_REGISTRATIONS: "chiede a che cosa è iscritto",
    Intent.CALENDAR: "chiede quali incontri ci sono",
    Intent.ADHESION: "vuole aderire al Patto",
    Intent.NEWS_ON: "vuole sapere dei nuovi incontri",
    Intent.NEWS_OFF: "non vuole più messaggi",
    Intent.HUMAN: "vuole parlare con una persona",
    Intent.PRIVACY_INFO: "chiede dei suoi dati",
    Intent.PRIVACY_EXPORT: "vuole una copia dei suoi dati",
    Intent.PRIVACY_ERASE: "vuole essere cancellato",
    Intent.GREETING: "saluta",
    Intent.THANKS: "ringrazia",
    Intent.FAREWELL: "si congeda",
    Intent.IDENTITY: "chiede se risponde una persona",
    Intent.QUESTION: "fa una domanda",
    Intent.WHY: "chiede da dove viene una risposta",
    Intent.OFF_LIMITS: "chiede un parere, per esempio politico",
    Intent.COMPLAINT: "si lamenta",
    Intent.UNDECIDED: "non ha ancora deciso",
    Intent.YES: "dice di sì",
    Intent.NO: "dice di no",
    Intent.OTHER: "parla d'altro",
}


def say_understood(evidence: Mapping[str, Any]) -> str:
    """«Ha capito che fa una domanda, sicuro 83 su 100.»; empty where it was not kept."""
    wish = WISHES.get(evidence.get("intent", ""))
    sure = evidence.get("certainty")
    if not wish or sure is None:
        return ""
    if not sure:
        return "Non ha capito che cosa vuole: niente di ciò che gli si può chiedere somiglia a queste parole."
    return f"Ha capito che {wish}, sicuro {_of_hundred(sure)}."


def say_threshold(evidence: Mapping[str, Any], facts: Sequence[Sequence[Any]]) -> str:
    """From when on it tells a fact by itself, and what was nearer than each; empty where it was not kept."""
    enough, beyond = evidence.get("enough"), evidence.get("beyond", 0.0)
    if enough is None:
        return ""
    said = f"Risponde da sé da {_of_hundred(enough)}."
    if beyond > max([fact[1] for fact in facts], default=0.0):
        said += f" Qui però somiglia di più a una domanda a cui nessun documento risponde: {_of_hundred(beyond)}."
    return said


def _of_hundred(share: float) -> str:
    return f"{round(100 * share)} su 100"
