"""Messaggi fermi: what was held after a long stop or a restore, how many, what they say; let go by who has seen it."""

from datetime import datetime

from starlette.responses import Response

from office.errors import RefusedError
from office.held import held, let_go, samples
from office.kinds import say_kinds
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import sentence, whole

_NOTHING = "Non c'è niente di fermo."
_WHY = {
    "restored": (
        "Il bot è ripartito da una copia più vecchia: forse questi messaggi erano già partiti, e qualcuno li "
        "riceverebbe due volte."
    ),
    "stopped": "Il bot è rimasto spento a lungo: questi messaggi dovevano partire nel frattempo.",
}


async def show(visit: Visit) -> Response:
    """How many, of which kind, and some of them as they would be read."""
    return await _show(visit)


async def _show(visit: Visit, fault: str = "") -> Response:
    async with visit.look() as tx:
        hold = await held(tx)
        shown = await samples(tx, visit.desk, hold) if hold else []
    if hold is None:
        return await visit.redirect(f"{ROOT}/", _NOTHING)
    return await visit.show(
        "held.html",
        title="Messaggi fermi",
        status=409 if fault else 200,
        fault=fault,
        hold=hold,
        why=_WHY.get(hold.reason, _WHY["stopped"]),
        kinds=[say_kinds(kind, count) for kind, count in sorted(hold.kinds.items())],
        samples=shown,
    )


async def release(visit: Visit) -> Response:
    """What was seen goes out."""
    seen = whole(visit.text("visti"))
    try:
        before = datetime.fromisoformat(visit.text("prima"))
    except ValueError:
        before = None
    if seen is None or before is None or before.tzinfo is None:
        return await _show(visit, "Guarda prima quali sono.")
    try:
        async with visit.begin() as tx:
            found = await let_go(tx, visit.times.now, by=visit.by, before=before, most=seen)
    except RefusedError as refused:
        return await _show(visit, sentence(refused))
    return await visit.redirect(f"{ROOT}/", f"Messaggi che partono: {found.messages}." if found else _NOTHING)
