"""What the bot knows from documents: every fact, on what it rests, how it is asked. They come with the program."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.times import to_local
from db.taught import fact_uses
from web.console.routes import ROOT
from web.console.visit import Visit

_LANGUAGES = {
    "it": "italiano",
    "en": "inglese",
    "fr": "francese",
    "de": "tedesco",
    "es": "spagnolo",
    "other": "altre lingue",
}


def address_of(fact_id: str) -> str:
    """Its page."""
    return f"{ROOT}/voci/documenti/{fact_id}"


async def show(visit: Visit) -> Response:
    """All of them, by their title, with how often each was told."""
    async with visit.look() as tx:
        uses = await fact_uses(tx)
    facts = sorted(visit.world.library.facts.values(), key=lambda fact: fact.title["it"].casefold())
    rows = [(fact.title["it"], address_of(fact.id), uses[fact.id]) for fact in facts]
    return await visit.show("document_facts.html", title="Voci dei documenti", rows=rows)


async def show_one(visit: Visit) -> Response:
    """One: what it answers, from which documents, to which questions."""
    library = visit.world.library
    fact = library.facts.get(visit.path["fact"])
    if fact is None:
        raise HTTPException(404)
    async with visit.look() as tx:
        uses = await fact_uses(tx)
    return await visit.show(
        "document_fact.html",
        title=fact.title["it"],
        fact=fact,
        documents=library.documents,
        languages=_LANGUAGES,
        valid=fact.is_valid(to_local(visit.times.now).date()),
        uses=uses[fact.id],
    )
