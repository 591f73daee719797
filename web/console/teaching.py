"""Che cosa sa: what the bot answers and from where, what it could not answer, and facts that the office teaches."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.times import to_local
from db.engine import Transaction
from db.operators import Role
from db.taught import (
    FactState,
    Taught,
    fact_told_for,
    fact_uses,
    get_taught,
    newest_versions,
    published_facts,
    questions_about,
)
from office.errors import RefusedError
from office.teaching import (
    add_draft,
    change,
    group_of,
    keep_trial,
    prefilled,
    publish,
    read_wording,
    unanswered_groups,
    withdraw,
)
from office.trial_process import ask, try_draft
from web.console.document_facts import address_of
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import whole

_PAGE = f"{ROOT}/voci"
#: Seconds that a page waits for a trial; a longer one goes on, and is found when the page is opened again.
_PATIENCE = 20.0
_QUESTION = 300
#: Groups, and facts, that are shown.
_GROUPS, _MOST_USED = 20, 10
STATES = {FactState.DRAFT: "bozza", FactState.PUBLISHED: "pubblicata", FactState.WITHDRAWN: "ritirata"}
_FIELDS = (
    "title",
    "variants",
    "answer",
    "source",
    "said_on",
    "valid_until",
    "title_en",
    "variants_en",
    "answer_en",
    "source_en",
)
_BUSY = "La macchina è occupata: riprova tra poco."
_trials: set[asyncio.Task[tuple[str, bool]]] = set()


async def show(visit: Visit) -> Response:
    """What waits for an answer, what the office has taught, what is used; a question can be tried."""
    question = visit.query.get("domanda", "").strip()[:_QUESTION]
    async with visit.look() as tx:
        groups, taught, uses = await unanswered_groups(tx), await newest_versions(tx), await fact_uses(tx)
        published = await published_facts(tx)
    facts = visit.world.library.facts
    used = [(facts[name].title["it"], count, address_of(name)) for name, count in uses.most_common() if name in facts]
    asked, fault = await _try(visit, question, None, published)
    return await visit.show(
        "facts.html",
        title="Che cosa sa",
        groups=groups[:_GROUPS],
        more=len(groups) - _GROUPS,
        taught=taught,
        states=STATES,
        uses=uses,
        used=used[:_MOST_USED],
        question=question,
        asked=asked,
        fault=fault,
    )


async def _try(
    visit: Visit, question: str, draft: Taught | None, published: list[Taught]
) -> tuple[dict[str, Any] | None, str]:
    """What ``question`` would be met with, or why that cannot be said."""
    if not question:
        return None, ""
    try:
        return await ask(question, draft, published, visit.world.knowledge), ""
    except (RefusedError, TimeoutError) as error:
        return None, str(error) or _BUSY


async def begin(visit: Visit) -> Response:
    """The form of a new fact; ``domande``: a question that was not answered; filled in from all equal ones."""
    number = whole(visit.query.get("domande", ""))
    async with visit.look() as tx:
        group = await group_of(tx, number) if number is not None else None
        source = await _source(visit, tx)
        told = await fact_told_for(tx, number) if number is not None and group is None else None
    if told is not None:
        return await visit.redirect(f"{_PAGE}/{told}", "Questa domanda è già insegnata: la voce è questa.")
    values = prefilled(group, source, visit.times.now)
    if group is None:
        return await _form(visit, values)
    return await _form(visit, values, group=group.number, draft=group.draft)


async def add(visit: Visit) -> Response:
    """A draft of a new fact."""
    group = whole(visit.text("domande"))
    try:
        wording = read_wording(_given(visit), to_local(visit.times.now).date())
        async with visit.begin() as tx:
            draft = await add_draft(tx, wording, visit.times.now, by=visit.by, group=group)
    except RefusedError as refused:
        return await _form(visit, _given(visit), group=group, fault=str(refused))
    said = "Bozza salvata. Ora provala: nessuno la riceve finché non è pubblicata."
    return await visit.redirect(f"{_PAGE}/{draft.id}", said, accepted=_drafts(f"{_PAGE}/nuova"))


def _drafts(action: str) -> str:
    """What the browser keeps of the form that is sent there."""
    return f"voce-domande-{action} voce-risposta-{action}"


async def one(visit: Visit) -> Response:
    """One version: what it says, what its trial found, what can be done with it."""
    question = visit.query.get("domanda", "").strip()[:_QUESTION]
    async with visit.look() as tx:
        taught, published, uses = await _found(visit, tx), await published_facts(tx), await fact_uses(tx)
    asked, fault = await _try(visit, question, taught, published)
    beside = [other.id for other in published]
    current = taught.evaluated is not None and taught.evaluated["beside"] == beside
    return await visit.show(
        "fact.html",
        title=taught.wording.title["it"],
        taught=taught,
        state=STATES[taught.state],
        states=FactState,
        values=_written(taught),
        trial=taught.evaluated,
        current=current,
        uses=uses[taught.fact_id],
        decides=visit.may(Role.MANAGER),
        question=question,
        asked=asked,
        fault=fault,
    )


async def save(visit: Visit) -> Response:
    """Change the draft, or begin a new version."""
    try:
        wording = read_wording(_given(visit), to_local(visit.times.now).date())
        async with visit.begin() as tx:
            draft = await change(tx, visit.path["number"], wording, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await _form(visit, _given(visit), number=visit.path["number"], fault=str(refused))
    accepted = _drafts(f"{_PAGE}/{visit.path['number']}")
    return await visit.redirect(f"{_PAGE}/{draft.id}", "Bozza salvata. Ora provala.", accepted=accepted)


async def edit(visit: Visit) -> Response:
    """The form with what it says now."""
    async with visit.look() as tx:
        taught = await _found(visit, tx)
    return await _form(visit, _written(taught), number=taught.id)


async def trial(visit: Visit) -> Response:
    """Try the draft; the page waits for it, but not for ever."""
    async with visit.look() as tx:
        draft = await _found(visit, tx)
        published, citizens = await published_facts(tx), await questions_about(tx, draft.fact_id)
    task = asyncio.create_task(_run(visit, draft, published, citizens))
    _trials.add(task)
    task.add_done_callback(_trials.discard)
    here = f"{_PAGE}/{draft.id}"
    done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
    if not done:
        return await visit.redirect(here, "La prova è ancora in corso: riapri questa pagina tra un minuto.")
    said, bad = task.result()
    return await visit.redirect(here, said, bad=bad)


async def _run(visit: Visit, draft: Taught, published: list[Taught], citizens: list[str]) -> tuple[str, bool]:
    """Try it and keep what was found: what to say of it, and whether it failed."""
    try:
        found = await try_draft(draft, published, citizens, visit.world.knowledge)
    except (RefusedError, TimeoutError) as error:
        return str(error) or _BUSY, True
    async with visit.begin() as tx:
        kept = await keep_trial(tx, draft, found, visit.times.now, by=visit.by)
    said = "Prova finita: il risultato è qui sotto." if kept else "Nel frattempo la bozza è cambiata: provala di nuovo."
    return said, not kept


async def tell(visit: Visit) -> Response:
    """Publish it."""
    here = f"{_PAGE}/{visit.path['number']}"
    try:
        async with visit.begin() as tx:
            in_spite = visit.text("viste") == "1"
            await publish(
                tx, visit.path["number"], visit.times.now, by=visit.by, role=visit.operator.role, in_spite=in_spite
            )
    except RefusedError as refused:
        return await visit.redirect(here, str(refused), bad=True)
    return await visit.redirect(here, "Pubblicata: entro pochi secondi il bot risponde così.")


async def take_back(visit: Visit) -> Response:
    """Withdraw it."""
    here = f"{_PAGE}/{visit.path['number']}"
    try:
        async with visit.begin() as tx:
            await withdraw(tx, visit.path["number"], visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(here, str(refused), bad=True)
    return await visit.redirect(
        here, "Ritirata: entro pochi secondi il bot passa di nuovo queste domande a una persona."
    )


async def _form(
    visit: Visit,
    values: Mapping[str, str],
    *,
    number: int | None = None,
    group: int | None = None,
    draft: int | None = None,
    fault: str = "",
) -> Response:
    """``group``: of the questions that it is made of; ``draft``: the row of one that is being made of them already."""
    return await visit.show(
        "fact_form.html",
        title="Cambia la voce" if number else "Voce nuova",
        status=422 if fault else 200,
        action=f"{_PAGE}/{number}" if number else f"{_PAGE}/nuova",
        values={name: values.get(name, "") for name in _FIELDS},
        group=group,
        draft=draft,
        fault=fault,
    )


def _given(visit: Visit) -> dict[str, str]:
    return {name: visit.text(name) for name in _FIELDS}


def _written(taught: Taught) -> dict[str, str]:
    """A version as the form has it."""
    said = taught.wording
    return {
        "title": said.title["it"],
        "variants": "\n".join(said.variants["it"]),
        "answer": said.answers["it"],
        "source": said.source["it"],
        "said_on": said.said_on.isoformat(),
        "valid_until": said.valid_until.isoformat() if said.valid_until else "",
        "title_en": said.title.get("en", ""),
        "variants_en": "\n".join(said.variants.get("en", ())),
        "answer_en": said.answers.get("en", ""),
        "source_en": said.source.get("en", ""),
    }


async def _source(visit: Visit, tx: Transaction) -> str:
    """Who said it the last time: mostly the same office. The first time: the town's."""
    taught = await newest_versions(tx)
    return taught[0].wording.source["it"] if taught else visit.world.library.town.office


async def _found(visit: Visit, tx: Transaction) -> Taught:
    taught = await get_taught(tx, visit.path["number"])
    if taught is None:
        raise HTTPException(404)
    return taught
