"""What a message that goes out is called, by its kind: on pages, at the terminal, in the sandbox."""

from db.models import Kind
from db.outbox import CONFIRMATION, UNFINISHED, is_called_off, is_correction

#: One, and many.
_KINDS = {
    Kind.REPLY.value: ("risposta", "risposte"),
    Kind.STAFF.value: ("segnalazione all'ufficio", "segnalazioni all'ufficio"),
    Kind.NOTICE.value: ("aggiornamento di un incontro", "aggiornamenti di un incontro"),
    Kind.REMINDER.value: ("promemoria", "promemoria"),
    Kind.BROADCAST.value: ("avviso", "avvisi"),
    UNFINISHED: ("promemoria di un'iscrizione a metà", "promemoria di iscrizioni a metà"),
}
#: An answer, by its detail: others are just that. What the office did is known by what the audit trail calls it.
_ANSWERS = {
    CONFIRMATION: "conferma d'iscrizione",
    UNFINISHED: _KINDS[UNFINISHED][0],
    "changed_by_hand": "iscrizione cambiata dall'ufficio",
    "withdrawn_by_hand": "iscrizione ritirata dall'ufficio",
    "link_sent_by_hand": "collegamento rimandato dall'ufficio",
}


def say_kind(name: str, detail: str = "") -> str:
    """One message, in words; ``detail``: its own in the outbox."""
    if name == Kind.REPLY.value and detail in _ANSWERS:
        return _ANSWERS[detail]
    if name == Kind.NOTICE.value and is_called_off(detail):
        return "annullamento di un incontro"
    return "correzione di un aggiornamento" if is_correction(detail) else _KINDS.get(name, (name,))[0]


def say_messages(count: int) -> str:
    """«1 messaggio», «2 messaggi»."""
    return f"{count} {'messaggio' if count == 1 else 'messaggi'}"


def say_kinds(name: str, count: int) -> str:
    """So many: «1 risposta», «2 risposte»."""
    one, many = _KINDS.get(name, (name, name))
    return f"{count} {one if count == 1 else many}"
