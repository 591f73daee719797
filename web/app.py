"""Routes of the one web application.

The webhook stores the update and then answers 200; a wrong secret is 403, a store that fails 503 (Telegram tries
again). Health says whether the database answers, all its pages can be read, and when the worker, the mailbox and
Telegram were last heard of; metrics are numbers only, in Prometheus' text format; how many messages there are may be a
minute old.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from conversation.links import Purpose
from conversation.times import Clock
from db.counters import Counters
from db.engine import Database
from db.heartbeats import WORKER, gauges
from db.pages import PageWatch
from office.parts import parts_of
from web.assets import asset_routes
from web.bodies import read_body
from web.console.routes import console_routes
from web.console.world import World
from web.links.confirming import confirm_page
from web.links.managing import manage_page
from web.links.pages import Reception
from web.links.unsubscribing import unsubscribe_page

log = structlog.get_logger("web")

WEBHOOK_PATH = "/telegram/webhook"
#: As much as polling takes of an update (``bot.telegram.polling``).
_MAX_BODY = 2 * 1024 * 1024
Receive = Callable[[dict[str, Any]], Awaitable[None]]


def build_web(
    database: Database,
    *,
    clock: Clock,
    webhook_secret: str = "",
    receive: Receive | None = None,
    reception: Reception | None = None,
    parts: Sequence[str] = (WORKER,),
    world: World | None = None,
) -> Starlette:
    """The app. ``parts``: those that must give signs of life. ``receive`` stores one update.

    Without it there is no webhook, without ``reception`` no page for links, without ``world`` no console.
    """
    routes = [Route("/health", _health(database, parts)), Route("/metrics", _metrics(database, clock))]
    if reception is not None:
        pages = {
            Purpose.UNSUBSCRIBE: unsubscribe_page(reception),
            Purpose.CONFIRM: confirm_page(reception),
            Purpose.MANAGE: manage_page(reception),
        }
        routes += [Route(f"/{purpose}/{{token}}", page, methods=["GET", "POST"]) for purpose, page in pages.items()]
    if receive is not None:
        routes.append(Route(WEBHOOK_PATH, _webhook(webhook_secret, receive), methods=["POST"]))
    if world is not None:
        routes += [*asset_routes(), *console_routes(world)]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False  # it would redirect to whatever Host was claimed
    return app


def _health(database: Database, parts: Sequence[str]) -> Callable[[Request], Awaitable[Response]]:
    pages = PageWatch(database.url)

    async def health(_request: Request) -> Response:
        try:
            await pages.require()
            async with database.begin() as tx:
                real_now = datetime.now(UTC)
                found = await parts_of(tx, parts, real_now)
        except Exception as error:
            log.warning("health_failed", error=type(error).__name__)
            return JSONResponse({"status": "down", "database": False}, 503)
        ages = {part.name: round((real_now - part.seen).total_seconds()) if part.seen else None for part in found}
        quiet = any(part.silent for part in found)
        return JSONResponse({"status": "degraded" if quiet else "up", "database": True, "seconds_since": ages})

    return health


def _metrics(database: Database, clock: Clock) -> Callable[[Request], Awaitable[Response]]:
    counters = Counters(database)

    async def metrics(_request: Request) -> Response:
        counted = await counters.read()
        async with database.look() as tx:
            found = {**counted, **await gauges(tx, clock(), datetime.now(UTC))}
        lines = [f"luccabot_{name} {value:g}" for name, value in found.items()]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    return metrics


def _webhook(secret: str, receive: Receive) -> Callable[[Request], Awaitable[Response]]:
    async def webhook(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        body = await read_body(request, _MAX_BODY)
        if body is None:
            return Response(status_code=413, headers={"Connection": "close"})
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = None
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            return Response(status_code=400)
        try:
            await receive(update)
        except Exception:
            log.exception("webhook_store_failed")
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=200)

    return webhook
