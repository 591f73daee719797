"""How the lines of the registry read: what was done, to what, with which details."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from db.attendance import How
from db.questions import Closing
from office.newcomers import Unheard
from office.operators import ROLES
from web.console.frame import say_day
from web.console.words import say_channel

#: How the registry's lines read. One that is not here reads as it is stored.
ACTIONS = {
    "entered": "è entrato nella console",
    "data_copied": "ha scaricato la copia dei dati di una persona",
    "erased": "ha cancellato i dati di una persona",
    "links_revoked": "ha annullato i collegamenti di una persona",
    "exported": "ha scaricato un elenco",
    "fact_drafted": "ha scritto la bozza di una voce",
    "fact_published": "ha pubblicato una voce",
    "fact_tried": "ha provato la bozza di una voce",
    "fact_withdrawn": "ha ritirato una voce",
    "broadcast": "ha mandato un avviso",
    "broadcast_drafted": "ha scritto la bozza di un avviso",
    "broadcast_changed": "ha cambiato la bozza di un avviso",
    "broadcast_paused": "ha messo in pausa un avviso",
    "broadcast_resumed": "ha ripreso un avviso",
    "broadcast_stopped": "ha fermato un avviso",
    "broadcast_submitted": "ha chiesto l'approvazione di un avviso",
    "broadcast_thrown_away": "ha buttato la bozza di un avviso",
    "broadcast_tried": "ha mandato a sé la prova di un avviso",
    "broadcast_undone": "ha riportato a bozza un avviso",
    "answer_undone": "ha ritirato la risposta a una domanda",
    "question_answered": "ha risposto a una domanda",
    "question_corrected": "ha corretto la risposta a una domanda",
    "answer_correction_undone": "ha ritirato la correzione di una risposta",
    "question_closed": "ha chiuso una domanda senza rispondere",
    "question_passed_on": "ha passato una domanda a un collega",
    "letter_answered": "ha risposto a un messaggio messo da parte",
    "letter_answer_undone": "ha ritirato la risposta a un messaggio messo da parte",
    "tried_again": "ha fatto leggere di nuovo un messaggio",
    "not_for_us": "ha tolto un messaggio che non è per noi",
    "spam": "ha tolto un messaggio di pubblicità",
    "note_removed": "ha tolto la nota su una persona",
    "note_written": "ha scritto la nota su una persona",
    "phone_removed": "ha tolto il telefono di una persona",
    "phone_written": "ha scritto il telefono di una persona",
    "attendance": "ha segnato una presenza",
    "changed_by_hand": "ha cambiato un'iscrizione",
    "contact_changed": "ha cambiato un recapito",
    "joined": "ha unito due persone",
    "link_sent_by_hand": "ha rimandato un collegamento",
    "meeting_added": "ha creato un incontro",
    "meeting_changed": "ha cambiato un incontro",
    "meeting_change_undone": "ha ritirato un cambiamento di un incontro",
    "meeting_correction_undone": "ha ritirato la correzione di un incontro",
    "message_seen_to": "ha provveduto a un messaggio non arrivato",
    "message_stopped": "ha fermato un messaggio",
    "message_resumed": "ha rimesso in partenza un messaggio",
    "interest_in_patto": "ha detto di essere interessato al Patto",
    "pact_ended": "ha segnato chi non è più nel Patto",
    "pact_interested": "ha segnato un interesse per il Patto",
    "pact_invited": "ha segnato un invito al Patto",
    "pact_removed": "ha tolto un'associazione dal Patto",
    "pact_signed": "ha segnato una firma del Patto",
    "registered_by_hand": "ha iscritto una persona",
    "sent_again": "ha rimandato un messaggio",
    "all_sent_again": "ha rimandato i messaggi in dubbio",
    "withdrawn_by_hand": "ha ritirato un'iscrizione",
    "operator_added": "ha invitato un operatore",
    "operator_put_out": "ha chiuso gli accessi di un operatore",
    "operator_removed": "ha tolto un operatore",
    "operator_reset": "ha rifatto il collegamento di un operatore",
    "operator_role": "ha cambiato il ruolo di un operatore",
    "password_changed": "ha scelto una password",
    "totp_off": "ha tolto il codice dell'app",
    "totp_on": "ha attivato il codice dell'app",
    "released": "ha fatto partire ciò che aspettava",
    "changed": "ha cambiato la propria iscrizione",
    "expired": "dati cancellati perché scaduti",
    "imported": "ha importato un'iscrizione",
    "notice_accepted": "ha accettato l'informativa",
    "notice_renewed": "ha visto l'informativa nuova",
    "registered": "si è iscritto a un incontro",
    "stopped": "non vuole più messaggi",
    "updates_off": "non vuole più le novità",
    "updates_on": "ha chiesto le novità",
    "withdrawn": "ha ritirato la propria iscrizione",
}
#: What a line is about; the number follows.
KINDS = {
    "meeting": "incontro",
    "operator": "operatore",
    "question": "domanda",
    "inbox": "messaggio",
    "outbox": "messaggio in uscita",
    "registration": "iscrizione",
    "broadcast": "avviso",
    "organisation": "associazione",
}

_FIELDS = {
    "title": "titolo",
    "day": "giorno",
    "hour": "ora",
    "duration": "durata",
    "link": "collegamento",
    "passcode": "codice",
    "capacity": "posti",
    "cancelled": "annullamento",
    "participants": "persone",
    "organisation": "associazione",
}
_CLOSINGS: dict[str, str] = {
    Closing.ANSWERED_ELSEWHERE.value: "già risposto altrove",
    Closing.NO_QUESTION.value: "non chiede niente",
    Closing.NOT_FOR_US.value: "non è per noi",
    Closing.SPAM.value: "è pubblicità",
}
_PRESENCE: dict[str, str] = {How.HAND.value: "presente", How.ABSENT.value: "assente", "unknown": "non si sa"}
_UNHEARD: dict[str, str] = {
    Unheard.TOLD_BY_VOICE.value: "detto a voce",
    Unheard.OWN_MISTAKE.value: "corretto un nostro errore",
    Unheard.NO_ADDRESS.value: "non ha un recapito",
}
#: The lists that are downloaded, by the names of their files.
_LISTS = {"patto-associazioni": "associazioni e Patto", "patto": "Patto"}
_ROLES: dict[str, str] = {str(role): said for role, said in ROLES.items()}


def _in(words: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: words.get(str(value), str(value))


#: For each kind of detail what it is called, and how its value reads.
_DETAILS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "changed": ("cambiato", _in(_FIELDS)),
    "channel": ("canale", say_channel),
    "format": ("formato", str),
    "how": ("presenza", _in(_PRESENCE)),
    "list": ("elenco", _in(_LISTS)),
    "lost": ("domande che perdono la risposta", str),
    "messages": ("messaggi", str),
    "notice": ("informativa", lambda value: f"versione {value}"),
    "people": ("persone", str),
    "role": ("ruolo", _in(_ROLES)),
    "rows": ("righe", str),
    "taken": ("domande che cambiano risposta", str),
    "unheard": ("nessun messaggio", _in(_UNHEARD)),
    "version": ("versione", str),
    "why": ("motivo", _in(_CLOSINGS)),
    "worse": ("domande che peggiorano", str),
}


def say_details(data: object, operators: Mapping[int, str]) -> list[str]:
    """The details of a line, each in words. ``operators``: their names, by number."""
    details = data if isinstance(data, dict) else {}
    values = details.get("values", {})
    return [_say_detail(name, value, values, operators) for name, value in details.items() if name != "values"]


def _say_detail(name: str, value: object, values: Mapping[str, Any], operators: Mapping[int, str]) -> str:
    """«cambiati: giorno, ora da 17.30 a 18.00»; ``values``: of fields that were changed, before and after."""
    if name == "to" and isinstance(value, int):
        return f"passata a: {operators.get(value, f'operatore n. {value}')}"
    said, words = _DETAILS.get(name, (name, str))
    if not isinstance(value, list):
        return f"{said}: {words(value)}"
    many = "cambiati" if name == "changed" and len(value) > 1 else said
    return f"{many}: {', '.join(_say_change(one, values[one]) if one in values else words(one) for one in value)}"


def _say_change(name: str, values: Sequence[Any]) -> str:
    """«ora 17.30», «ora da 17.30 a 18.00», «ora non più 18.00»."""
    called = _FIELDS.get(name, name)
    before, after = ("" if value is None else _VALUES[name](value) for value in values)
    if name == "cancelled":
        return after
    if not after:
        return f"{called} non più {before}"
    return f"{called} da {before} a {after}" if before else f"{called} {after}"


_VALUES: dict[str, Callable[[Any], str]] = {
    "day": lambda value: say_day(date.fromisoformat(value)),
    "hour": lambda value: "{0.hour}.{0:%M}".format(time.fromisoformat(value)),
    "duration": lambda value: f"{value} minuti",
    "capacity": str,
    "participants": str,
    "cancelled": lambda value: "annullato" if value else "rimesso in programma",
}
