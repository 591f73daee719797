"""A Bot API server on loopback: what Telegram does for a bot, with its refusals in its own words and codes.

People are moved by ``says``, ``presses``, ``blocks``…; the bot talks to ``app`` exactly as to api.telegram.org. An
independent client (aiogram) drives the same app in the tests, so that the server does not only suit our own.
Sources: core.telegram.org/bots/api; refusals: the official server's source (tdlib/telegram-bot-api).
"""

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.markup import MarkupError, parse_html
from conversation.channel import TELEGRAM_CAPTION, TELEGRAM_TEXT
from conversation.message import utf16_length

_JSON_FIELDS = {
    "reply_markup", "allowed_updates", "entities", "caption_entities", "link_preview_options", "commands",
    "reply_parameters", "scope",
}  # fmt: skip
_MAX_POLL = 50
_SECRET = re.compile(r"[A-Za-z0-9_\-]{1,256}")
_ALL_BUT_MEMBERS = {"message", "edited_message", "callback_query", "my_chat_member", "inline_query"}


class ApiError(Exception):
    """A refusal: HTTP status, Telegram's description, and parameters such as ``retry_after``."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass(slots=True)
class Limits:
    """Messages a second overall and per chat (Bot API FAQ). Zero: no limit."""

    overall: float = 30.0
    per_chat: float = 1.0


@dataclass(slots=True)
class Chat:
    """One chat with its messages, newest last."""

    id: int
    type: str
    user: dict[str, Any]
    started: bool = False
    blocked: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The Bot API's Chat object."""
        if self.type == "private":
            return {"id": self.id, "type": "private", "first_name": self.user["first_name"]}
        return {"id": self.id, "type": self.type, "title": "Gruppo"}


class BotApi:
    """The server's state and its methods. One bot, ``token``."""

    def __init__(
        self, token: str, *, name: str = "Prova", username: str = "prova_bot", limits: Limits | None = None
    ) -> None:
        self.token = token
        self.limits = limits or Limits()
        self.me = {"id": int(token.split(":", maxsplit=1)[0]), "is_bot": True, "first_name": name, "username": username,
                   "can_join_groups": True, "can_read_all_group_messages": False,
                   "supports_inline_queries": False}  # fmt: skip
        self.chats: dict[int, Chat] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.refusals = 0
        self.calls: deque[tuple[str, dict[str, Any]]] = deque(maxlen=10_000)
        #: For tests: called before each method; may raise ``ApiError`` or wait.
        self.before: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._updates: deque[dict[str, Any]] = deque()
        self._update_ids = itertools.count(100_001)
        self._message_ids = itertools.count(1)
        self._file_ids = itertools.count(1)
        self._queries: dict[str, bool] = {}
        self._changed = asyncio.Condition()
        self._poll_generation = 0
        self._closing = False
        self._webhook: dict[str, Any] = {"url": ""}
        self._allowed: set[str] = set(_ALL_BUT_MEMBERS)
        self._sent: deque[float] = deque()
        self._sent_to: dict[int, float] = defaultdict(lambda: -10.0)
        self._pushing: asyncio.Task[None] | None = None
        methods = ("getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage",
            "editMessageText",
                   "editMessageReplyMarkup", "deleteMessage", "answerCallbackQuery", "sendDocument", "sendChatAction",
                   "getFile", "getChat", "setMyCommands", "getMyCommands", "deleteMyCommands", "setMyDescription",
                   "setMyShortDescription")  # fmt: skip
        self._methods = {name.lower(): (name, getattr(self, f"_{_snake(name)}")) for name in methods}
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._serve_file),
            ]
        )

    # What people do

    def person(self, chat_id: int, first_name: str, *, last_name: str = "", language: str = "it") -> Chat:
        """A person with a private chat (not started yet); the same one when it is there already."""
        if chat_id not in self.chats:
            user = {"id": chat_id, "is_bot": False, "first_name": first_name, "language_code": language}
            if last_name:
                user["last_name"] = last_name
            self.chats[chat_id] = Chat(chat_id, "private", user)
        return self.chats[chat_id]

    def group(self, chat_id: int, user: dict[str, Any]) -> Chat:
        """A group in which ``user`` writes."""
        self.chats[chat_id] = Chat(chat_id, "group", user, started=True)
        return self.chats[chat_id]

    async def says(self, chat_id: int, text: str, **extra: Any) -> dict[str, Any]:
        """The person writes ``text``; ``extra``: other fields of the Message (photo, voice…)."""
        chat = self.chats[chat_id]
        chat.started = True
        message: dict[str, Any] = {
            "message_id": next(self._message_ids),
            "from": chat.user,
            "chat": chat.as_json(),
            "date": int(time.time()),
            **extra,
        }
        if text:
            message["text"] = text
            if text.startswith("/"):
                length = utf16_length(text.split(maxsplit=1)[0])
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        chat.messages.append(message)
        await self._push({"message": message})
        return message

    async def edits(self, chat_id: int, message_id: int, text: str) -> None:
        """The person edits an earlier message."""
        message = self._message(chat_id, message_id)
        message.update(text=text, edit_date=int(time.time()))
        await self._push({"edited_message": message})

    async def presses(self, chat_id: int, data: str, message_id: int | None = None) -> None:
        """Press a button of the newest message that has it, by its label or ``data`` (its mark may be left out)."""
        chat = self.chats[chat_id]
        for message in reversed(chat.messages):
            if message_id is not None and message["message_id"] != message_id:
                continue
            for button in itertools.chain(*message.get("reply_markup", {}).get("inline_keyboard", [])):
                pressed = str(button.get("callback_data", ""))
                if pressed and data in {pressed, pressed.partition("#")[0], button["text"]}:
                    query_id = f"q{next(self._message_ids)}"
                    self._queries[query_id] = False
                    query = {"id": query_id, "from": chat.user, "message": message, "chat_instance": str(chat_id),
                             "data": pressed}  # fmt: skip
                    await self._push({"callback_query": query})
                    return
        msg = f"no button {data!r} in chat {chat_id}"
        raise LookupError(msg)

    async def blocks(self, chat_id: int, *, blocked: bool = True) -> None:
        """The person blocks the bot, or unblocks it."""
        chat = self.chats[chat_id]
        chat.blocked = blocked
        member, kicked = {"user": self.me, "status": "member"}, {"user": self.me, "status": "kicked", "until_date": 0}
        old, new = (member, kicked) if blocked else (kicked, member)
        change = {"chat": chat.as_json(), "from": chat.user, "date": int(time.time()), "old_chat_member": old,
                  "new_chat_member": new}  # fmt: skip
        await self._push({"my_chat_member": change})

    async def push_raw(self, update: dict[str, Any]) -> int:
        """Any update; its id."""
        return await self._push(update)

    # Delivery of updates

    async def _push(self, update: dict[str, Any]) -> int:
        number = next(self._update_ids)
        kind = next(iter(update))
        async with self._changed:
            if kind in self._allowed or kind not in _ALL_BUT_MEMBERS | {"chat_member", "message_reaction"}:
                self._updates.append({"update_id": number, **json.loads(json.dumps(update))})
            self._changed.notify_all()
        self.on_change()
        if self._webhook["url"] and (self._pushing is None or self._pushing.done()):
            self._pushing = asyncio.create_task(self._push_to_webhook())
        return number

    async def _push_to_webhook(self) -> None:
        """Updates in order; any answer but 2xx is tried again with a growing pause."""
        import httpx

        pause = 0.2
        async with httpx.AsyncClient(timeout=60) as client:
            while self._updates and self._webhook["url"]:
                update = self._updates[0]
                headers = (
                    {"X-Telegram-Bot-Api-Secret-Token": self._webhook["secret"]} if self._webhook["secret"] else {}
                )
                try:
                    answer = await client.post(self._webhook["url"], json=update, headers=headers)
                    delivered = answer.is_success
                except httpx.HTTPError:
                    delivered = False
                if delivered:
                    self._updates.popleft()
                    pause = 0.2
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10)

    async def close(self) -> None:
        """Let go of whoever is polling, before the server stops."""
        async with self._changed:
            self._closing = True
            self._changed.notify_all()

    # The HTTP side

    async def _serve(self, request: Request) -> Response:
        known = self._methods.get(request.path_params["method"].lower())
        try:
            if request.path_params["token"] != self.token:
                raise ApiError(401, "Unauthorized")  # noqa: TRY301 - one place turns refusals into answers
            if known is None:
                raise ApiError(404, "Not Found: method not found")  # noqa: TRY301 - as above
            name, method = known
            values = await _parameters(request)
            self.calls.append((name, values))
            if self.before is not None:
                await self.before(name, values)
            return JSONResponse({"ok": True, "result": await method(values)})
        except ApiError as error:
            if error.code == 429:
                self.refusals += 1
            body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
            if error.parameters:
                body["parameters"] = error.parameters
            return JSONResponse(body, error.code)

    async def _serve_file(self, request: Request) -> Response:
        found = self.files.get(request.path_params["path"].removeprefix("documents/").split("/")[0])
        if request.path_params["token"] != self.token or found is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(found[1], media_type="application/octet-stream")

    # Methods

    async def _get_me(self, _values: dict[str, Any]) -> Any:
        return self.me

    async def _get_updates(self, values: dict[str, Any]) -> Any:
        if self._webhook["url"]:
            raise ApiError(
                409,
                (
                    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
                    "the webhook first"
                ),
            )
        if values.get("allowed_updates"):
            self._allowed = set(values["allowed_updates"])
        offset, limit = int(values.get("offset") or 0), min(max(int(values.get("limit") or 100), 1), 100)
        timeout = min(max(float(values.get("timeout") or 0), 0), _MAX_POLL)
        self._poll_generation += 1
        mine = self._poll_generation
        end = time.monotonic() + timeout
        async with self._changed:
            self._changed.notify_all()
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            while not self._updates and mine == self._poll_generation and not self._closing:
                left = end - time.monotonic()
                if left <= 0:
                    break
                try:
                    await asyncio.wait_for(self._changed.wait(), left)
                except TimeoutError:
                    break
            if mine != self._poll_generation:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            return list(itertools.islice(self._updates, limit))

    async def _set_webhook(self, values: dict[str, Any]) -> Any:
        secret = str(values.get("secret_token") or "")
        if secret and not _SECRET.fullmatch(secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self._webhook = {"url": str(values.get("url") or ""), "secret": secret}
        if values.get("allowed_updates"):
            self._allowed = set(values["allowed_updates"])
        async with self._changed:
            self._poll_generation += 1
            self._changed.notify_all()
        if self._webhook["url"] and self._updates:
            self._pushing = asyncio.create_task(self._push_to_webhook())
        return True

    async def _delete_webhook(self, values: dict[str, Any]) -> Any:
        self._webhook = {"url": "", "secret": ""}
        if str(values.get("drop_pending_updates", "")).lower() == "true":
            self._updates.clear()
        return True

    async def _get_webhook_info(self, _values: dict[str, Any]) -> Any:
        return {
            "url": self._webhook["url"],
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }

    async def _send_message(self, values: dict[str, Any]) -> Any:
        chat = self._chat(values)
        text, entities = _parse(values, "text", TELEGRAM_TEXT, "message is too long")
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        keyboard = _keyboard(values.get("reply_markup"))
        self._count(chat)
        message = self._post(chat, keyboard, text=text, **({"entities": entities} if entities else {}))
        self.on_change()
        return message

    async def _send_document(self, values: dict[str, Any]) -> Any:
        chat = self._chat(values)
        document = values.get("document")
        if isinstance(document, str) and document.startswith("attach://"):
            document = values.get(document.removeprefix("attach://"))
        if not isinstance(document, tuple):
            raise ApiError(400, "Bad Request: there is no document in the request")
        caption, entities = _parse(values, "caption", TELEGRAM_CAPTION, "message caption is too long")
        keyboard = _keyboard(values.get("reply_markup"))
        self._count(chat)
        file_id = f"file{next(self._file_ids)}"
        self.files[file_id] = document
        about = {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_name": document[0],
            "file_size": len(document[1]),
        }
        extra: dict[str, Any] = {"caption": caption} if caption else {}
        if entities:
            extra["caption_entities"] = entities
        message = self._post(chat, keyboard, document=about, **extra)
        self.on_change()
        return message

    async def _edit_message_text(self, values: dict[str, Any]) -> Any:
        message = self._message(int(values.get("chat_id") or 0), int(values.get("message_id") or 0))
        text, entities = _parse(values, "text", TELEGRAM_TEXT, "message is too long")
        keyboard = _keyboard(values.get("reply_markup"))
        if text == message.get("text") and keyboard == message.get("reply_markup"):
            raise ApiError(400, _NOT_MODIFIED)
        message.update(text=text, entities=entities, edit_date=int(time.time()))
        _set_keyboard(message, keyboard)
        self.on_change()
        return message

    async def _edit_message_reply_markup(self, values: dict[str, Any]) -> Any:
        message = self._message(int(values.get("chat_id") or 0), int(values.get("message_id") or 0))
        keyboard = _keyboard(values.get("reply_markup"))
        if keyboard == message.get("reply_markup"):
            raise ApiError(400, _NOT_MODIFIED)
        _set_keyboard(message, keyboard)
        self.on_change()
        return message

    async def _delete_message(self, values: dict[str, Any]) -> Any:
        chat = self._chat(values)
        chat.messages.remove(self._message(chat.id, int(values.get("message_id") or 0)))
        self.on_change()
        return True

    async def _answer_callback_query(self, values: dict[str, Any]) -> Any:
        query = str(values.get("callback_query_id") or "")
        if utf16_length(str(values.get("text") or "")) > 200:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        if self._queries.get(query) is not False:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._queries[query] = True
        return True

    async def _send_chat_action(self, values: dict[str, Any]) -> Any:
        self._chat(values)
        return True

    async def _get_file(self, values: dict[str, Any]) -> Any:
        file_id = str(values.get("file_id") or "")
        if file_id not in self.files:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        name, content = self.files[file_id]
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(content),
            "file_path": f"documents/{file_id}/{name}",
        }

    async def _get_chat(self, values: dict[str, Any]) -> Any:
        return {**self._chat(values).as_json(), "accent_color_id": 0, "max_reaction_count": 11}

    async def _set_my_commands(self, values: dict[str, Any]) -> Any:
        commands = values.get("commands") or []
        for command in commands:
            if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command["command"]):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: command description is invalid")
        self.commands[str(values.get("language_code") or "")] = commands
        return True

    async def _get_my_commands(self, values: dict[str, Any]) -> Any:
        return self.commands.get(str(values.get("language_code") or ""), [])

    async def _delete_my_commands(self, values: dict[str, Any]) -> Any:
        self.commands.pop(str(values.get("language_code") or ""), None)
        return True

    async def _set_my_description(self, _values: dict[str, Any]) -> Any:
        return True

    async def _set_my_short_description(self, _values: dict[str, Any]) -> Any:
        return True

    # Shared by the methods

    def _chat(self, values: dict[str, Any]) -> Chat:
        try:
            chat = self.chats.get(int(values.get("chat_id") or 0))
        except ValueError:
            chat = None
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def _message(self, chat_id: int, message_id: int) -> dict[str, Any]:
        chat = self.chats.get(chat_id)
        for message in chat.messages if chat else []:
            if message["message_id"] == message_id:
                return message
        raise ApiError(400, "Bad Request: message to edit not found")

    def _count(self, chat: Chat) -> None:
        """Refuse what is over the limits: a sliding second overall, and the time since the chat's last message."""
        now = time.monotonic()
        while self._sent and now - self._sent[0] >= 1:
            self._sent.popleft()
        if self.limits.overall and len(self._sent) >= self.limits.overall:
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        if self.limits.per_chat and now - self._sent_to[chat.id] < 1 / self.limits.per_chat:
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sent.append(now)
        self._sent_to[chat.id] = now

    def _post(self, chat: Chat, keyboard: dict[str, Any] | None, **content: Any) -> dict[str, Any]:
        message = {
            "message_id": next(self._message_ids),
            "from": self.me,
            "chat": chat.as_json(),
            "date": int(time.time()),
            **content,
        }
        _set_keyboard(message, keyboard)
        chat.messages.append(message)
        return message


_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


async def _parameters(request: Request) -> dict[str, Any]:
    """Query string, JSON, URL-encoded or multipart: the Bot API takes all four. Files become ``(name, bytes)``."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if "json" in kind:
        try:
            values |= await request.json()
        except ValueError as error:
            raise ApiError(400, "Bad Request: can't parse JSON object") from error
    elif kind:
        async with request.form(max_part_size=60 * 1024 * 1024) as form:
            for key, value in form.multi_items():
                values[key] = (value.filename or "file", await value.read()) if isinstance(value, UploadFile) else value
    for key in _JSON_FIELDS & values.keys():
        if isinstance(values[key], str):
            try:
                values[key] = json.loads(values[key])
            except ValueError as error:
                raise ApiError(400, f"Bad Request: can't parse {key} JSON object") from error
    return values


def _parse(values: dict[str, Any], name: str, limit: int, too_long: str) -> tuple[str, list[dict[str, Any]]]:
    text, entities = str(values.get(name) or ""), values.get("entities") or []
    if str(values.get("parse_mode") or "").upper() == "HTML":
        try:
            text, entities = parse_html(text)
        except MarkupError as error:
            raise ApiError(400, f"Bad Request: can't parse entities: {error}") from error
    if utf16_length(text) > limit:
        raise ApiError(400, f"Bad Request: {too_long}")
    return text, entities


def _keyboard(markup: Any) -> dict[str, Any] | None:
    if not isinstance(markup, dict) or not markup.get("inline_keyboard"):
        return None
    for button in itertools.chain(*markup["inline_keyboard"]):
        data = button.get("callback_data")
        if data is not None and not 1 <= len(str(data).encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        if not button.get("text"):
            raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    return markup


def _set_keyboard(message: dict[str, Any], keyboard: dict[str, Any] | None) -> None:
    if keyboard is None:
        message.pop("reply_markup", None)
    else:
        message["reply_markup"] = keyboard
