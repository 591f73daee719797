"""The sandbox's page: chat on the left, mail on the right, time on top; and the console.

Everything behind it is real traffic.

The page's own API: ``GET /api/state``, ``POST /api/chat | /api/mail | /api/clock | /api/meeting``.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

import aiosmtplib
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.app import System
from bot.sandbox.clock import SandboxClock
from bot.sandbox.fake_bot_api import ApiError, BotApi
from bot.sandbox.fake_mail import Post
from conversation.times import local_zone, speak_day, to_local
from db import outbox
from db.meetings import all_meetings, as_hour, sector_names
from db.questions import count_answered
from db.reports import expected_at
from db.sandboxes import ever_changed, mark_sandbox
from knowledge.town import Box
from office.kinds import say_kind
from office.moving import change_meeting
from web.assets import asset_routes
from web.console.routes import console_routes
from web.console.world import World

_PAGE = Path(__file__).parent / "page"
_NO_FRAMES, _OWN_FRAME = b"frame-ancestors 'none'", b"frame-ancestors 'self'"


class SandboxPages:
    """What the page shows and moves. ``mailboxes``: those that one can write from; ``chat_id``: whose chat it is."""

    def __init__(
        self,
        system: System,
        telegram: BotApi,
        post: Post,
        clock: SandboxClock,
        *,
        mailboxes: Sequence[Box],
        chat_id: int,
        world: World,
    ) -> None:
        self.system, self.telegram, self.post, self.clock = system, telegram, post, clock
        self.mailboxes, self.chat_id = {box.address: box for box in mailboxes}, chat_id
        self.version = 0
        telegram.on_change = post.on_change = self._changed
        clock.listeners.append(self._changed)
        routes = [
            Route("/", self._page),
            Route("/api/state", self._state),
            Route("/api/chat", _safely(self._chat), methods=["POST"]),
            Route("/api/mail", _safely(self._mail), methods=["POST"]),
            Route("/api/clock", _safely(self._clock), methods=["POST"]),
            Route("/api/meeting", _safely(self._meeting), methods=["POST"]),
            Route("/api/file/{file_id}", self._file),
            Mount("/page", StaticFiles(directory=_PAGE)),
            *asset_routes(),
            *console_routes(world),
        ]
        self.app = Starlette(routes=routes, middleware=[Middleware(_Framed), Middleware(_Told, self._changed)])

    def _changed(self) -> None:
        self.version += 1

    async def _page(self, _request: Request) -> Response:
        from jinja2 import Environment, FileSystemLoader

        pages = Environment(loader=FileSystemLoader(_PAGE), autoescape=True)
        page = pages.get_template("index.html").render(town=self.system.library.town)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    async def _state(self, request: Request) -> Response:
        if request.query_params.get("version") == str(self.version):
            return JSONResponse({"version": self.version, "now": self._now()})
        version = self.version  # what changes while the database is read is asked for again
        async with self.system.database.begin() as tx:
            meetings, sectors = await all_meetings(tx), await sector_names(tx)
            due = await outbox.next_due(tx, self.clock())
            answered, expected = await count_answered(tx), await expected_at(tx, [m.id for m in meetings])
            changed = await ever_changed(tx)
        chat = self.telegram.chats[self.chat_id]
        return JSONResponse(
            {
                "version": version,
                "now": self._now(),
                "next": f"{say_kind(due[1])}, {_moment(due[0])}" if due else None,
                "messages": [_message(m) for m in chat.messages],
                "mailboxes": [
                    {
                        "address": box.address,
                        "name": box.name,
                        "example": box.writes,
                        "mails": [read_mail(raw, i) for i, raw in enumerate(self.post.delivered[box.address])],
                    }
                    for box in self.mailboxes.values()
                ],
                "office": self.system.office.mailbox,
                "answered": answered,
                "changed": sorted(changed),
                "meetings": [
                    {
                        "id": m.id,
                        "name": f"{speak_day(m.day, 'it')}: {sectors[m.sector]['it']}",
                        "hour": f"{m.hour:%H:%M}" if m.hour else "",
                        "people": expected[m.id].people if m.id in expected else 0,
                    }
                    for m in meetings
                    if m.day and m.is_upcoming(self.clock())
                ],
            }
        )

    def _now(self) -> str:
        return _moment(self.clock())

    async def _chat(self, data: dict[str, Any]) -> None:
        if data.get("press"):
            await self.telegram.presses(self.chat_id, str(data["press"]), int(data["message"]))
        else:
            await self.telegram.says(self.chat_id, str(data["text"])[:4096])

    async def _mail(self, data: dict[str, Any]) -> None:
        sender = str(data["from"])
        if sender not in self.mailboxes:
            msg = "mittente sconosciuto"
            raise ValueError(msg)
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = f'"{self.mailboxes[sender].name}" <{sender}>'
        message["To"] = self.system.office.mailbox
        message["Subject"] = " ".join(str(data.get("subject") or "").split())[:200]
        message["Date"] = format_datetime(self.clock())
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        if data.get("in_reply_to"):
            message["In-Reply-To"] = message["References"] = str(data["in_reply_to"])
        message.set_content(str(data.get("text") or ""))
        await aiosmtplib.send(message, hostname="127.0.0.1", port=self.post.smtp_port, start_tls=False)

    async def _clock(self, data: dict[str, Any]) -> None:
        if data.get("next"):
            async with self.system.database.begin() as tx:
                following = await outbox.next_due(tx, self.clock())
            if following is None:
                msg = "non c'è nessun messaggio in programma: iscriviti prima a un incontro"
                raise ValueError(msg)
            due, _ = following
        else:
            given = datetime.fromisoformat(str(data["to"]))
            due = given if given.tzinfo else given.replace(tzinfo=local_zone())
        self.clock.move_to(due)
        async with self.system.database.begin() as tx:  # the office's commands follow this clock
            await mark_sandbox(tx, self.clock.shift)

    async def _meeting(self, data: dict[str, Any]) -> None:
        async with self.system.database.begin() as tx:
            hour = as_hour(str(data["hour"])) if data.get("hour") else None
            at_once = replace(self.system.settings.schedule, grace=timedelta(0))  # this page has no way to take it back
            await change_meeting(tx, int(data["id"]), at_once, self.clock(), hour=hour)
        self.system.workers.outbox.wake()
        self._changed()

    async def _file(self, request: Request) -> Response:
        found = self.telegram.files.get(request.path_params["file_id"])
        if found is None:
            return Response(status_code=404)
        return Response(
            found[1],
            media_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{found[0]}"'},
        )


class _Framed:
    """Lets the sandbox's own page show the console in a frame, which the console itself forbids everybody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(k, v.replace(_NO_FRAMES, _OWN_FRAME)) for k, v in message["headers"]]
            await send(message)

        await self._app(scope, receive, framed)


class _Told:
    """Says when something was done: the office changes what the page shows, too, and may write to nobody."""

    def __init__(self, app: ASGIApp, done: Callable[[], None]) -> None:
        self._app, self._done = app, done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        if scope.get("method") == "POST":
            self._done()


def _safely(act: Callable[[dict[str, Any]], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        # Another site's page could post here: a JSON body is something a plain form cannot send.
        if "application/json" not in request.headers.get("content-type", ""):
            return JSONResponse({"error": "serve JSON"}, 415)
        try:
            await act(await request.json())
        except (ValueError, KeyError, LookupError, ApiError, aiosmtplib.SMTPException) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"done": True})

    return route


def _moment(instant: datetime) -> str:
    local = to_local(instant)
    return f"{speak_day(local.date(), 'it')} {local.year}, ore {local:%H.%M}"


def _message(message: dict[str, Any]) -> dict[str, Any]:
    document = message.get("document")
    return {
        "id": message["message_id"],
        "mine": not message["from"]["is_bot"],
        "text": message.get("text") or message.get("caption") or "",
        "entities": message.get("entities") or message.get("caption_entities") or [],
        "buttons": message.get("reply_markup", {}).get("inline_keyboard", []),
        "file": {"id": document["file_id"], "name": document["file_name"]} if document else None,
    }


def _sent_at(message: EmailMessage) -> datetime | None:
    """What its header says, if it says a time."""
    date = message["Date"]
    return date.datetime if date is not None else None


def read_mail(raw: bytes, number: int) -> dict[str, Any]:
    """A delivered mail as the page shows it: text, HTML, and the calendar files."""
    message = message_from_bytes(raw, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    files = [
        {
            "name": part.get_filename() or "file",
            "text": part.get_content()
            if isinstance(part.get_content(), str)
            else part.get_content().decode("utf-8", "replace"),
        }
        for part in message.iter_attachments()
    ]
    return {
        "number": number,
        "from": str(message["From"] or ""),
        "subject": str(message["Subject"] or ""),
        "date": _moment(sent) if (sent := _sent_at(message)) else "",
        "id": str(message["Message-ID"] or ""),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "files": files,
    }
