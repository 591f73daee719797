"""Oggi: what needs a person, what comes next, whether all parts are alive."""

from starlette.responses import Response

from web.console.visit import Visit


async def show(visit: Visit) -> Response:
    """The day."""
    return await visit.show("today.html", title="Oggi")
