"""Il registro: who did what, when. Numbers, never anybody's words; nothing here is changed."""

from dataclasses import replace

from starlette.responses import Response

from db.lists import AUDIT, actions
from db.operators import all_operators
from office.operators import ROLES
from web.console.lists import Column, Filter, ListPage, Row, moment_of, show_list
from web.console.visit import Visit

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
    "broadcast_paused": "ha messo in pausa un avviso",
    "broadcast_resumed": "ha ripreso un avviso",
    "broadcast_stopped": "ha fermato un avviso",
    "broadcast_submitted": "ha chiesto l'approvazione di un avviso",
    "broadcast_tried": "ha mandato a sé la prova di un avviso",
    "broadcast_undone": "ha riportato a bozza un avviso",
    "answer_undone": "ha ritirato una risposta",
    "question_answered": "ha risposto a una domanda",
    "question_closed": "ha chiuso una domanda senza rispondere",
    "question_passed_on": "ha passato una domanda a un collega",
    "letter_answered": "ha risposto a un messaggio messo da parte",
    "letter_answer_undone": "ha ritirato una risposta",
    "tried_again": "ha fatto leggere di nuovo un messaggio",
    "not_for_us": "ha tolto un messaggio che non è per noi",
    "spam": "ha tolto un messaggio di pubblicità",
    "note_removed": "ha tolto la nota su una persona",
    "note_written": "ha scritto la nota su una persona",
    "attendance": "ha segnato una presenza",
    "changed_by_hand": "ha cambiato un'iscrizione",
    "contact_changed": "ha cambiato un recapito",
    "joined": "ha unito due persone",
    "link_sent_by_hand": "ha rimandato un collegamento",
    "meeting_added": "ha creato un incontro",
    "meeting_changed": "ha cambiato un incontro",
    "message_seen_to": "ha provveduto a un messaggio non arrivato",
    "message_stopped": "ha fermato un messaggio",
    "interest_in_patto": "ha detto di essere interessato al Patto",
    "pact_ended": "ha segnato chi non è più nel Patto",
    "pact_interested": "ha segnato un interesse per il Patto",
    "pact_invited": "ha segnato un invito al Patto",
    "pact_signed": "ha segnato una firma del Patto",
    "registered_by_hand": "ha iscritto una persona",
    "sent_again": "ha rimandato un messaggio",
    "withdrawn_by_hand": "ha ritirato un'iscrizione",
    "operator_added": "ha invitato un operatore",
    "operator_put_out": "ha chiuso gli accessi di un operatore",
    "operator_removed": "ha tolto un operatore",
    "operator_reset": "ha rifatto il collegamento di un operatore",
    "operator_role": "ha cambiato il ruolo di un operatore",
    "password_changed": "ha scelto una password",
    "totp_off": "ha tolto il codice dell'app",
    "totp_on": "ha attivato il codice dell'app",
}
_KINDS = {
    "meeting": "incontro",
    "operator": "operatore",
    "question": "domanda",
    "inbox": "messaggio",
    "broadcast": "avviso",
    "fact": "voce",
}

_DETAILS = {
    "role": "ruolo",
    "rows": "righe",
    "format": "formato",
    "list": "elenco",
    "people": "persone",
    "changed": "cambiato",
}
_ROLE_NAMES: dict[object, str] = {str(role): said for role, said in ROLES.items()}


def _action(row: Row) -> str:
    action: str = row["action"]
    return ACTIONS.get(action, action)


def _about(row: Row) -> str:
    """What it was done to, as a person would read it out."""
    kind, _, number = row["subject"].partition(":")
    parts = [f"{_KINDS.get(kind, kind)} n. {number}" if number else kind] if kind else []
    if row["person_id"]:
        parts.append(f"persona n. {row['person_id']}")
    if isinstance(row["data"], dict):
        parts += [f"{_DETAILS.get(k, k)}: {_ROLE_NAMES.get(v, v)}" for k, v in row["data"].items()]
    return ", ".join(parts)


_PAGE = ListPage(
    AUDIT,
    (
        Column("at", "Quando", moment_of("at")),
        Column("by", "Chi", lambda row: row["by"] or "il bot o un cittadino"),
        Column("action", "Che cosa", _action),
        Column("subject", "Su che cosa", _about, sorts=False),
    ),
    caption="Registro",
    one="riga",
    many="righe",
    file="registro",
)


async def show(visit: Visit) -> Response:
    """The lines, newest first."""
    async with visit.look() as tx:
        people = [(str(o.id), o.name or o.email) for o in await all_operators(tx)]
        kinds = sorted((ACTIONS.get(action, action), action) for action in await actions(tx))
    filters = (
        Filter("by", "Chi", [("", "tutti"), *people]),
        Filter("action", "Che cosa", [("", "tutto"), *((action, said) for said, action in kinds)]),
        Filter("since", "Dal", type="date"),
        Filter("until", "Al", type="date"),
    )
    return await show_list(visit, replace(_PAGE, filters=filters), "log.html", title="Registro")
