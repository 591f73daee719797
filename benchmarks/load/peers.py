"""The peers: the barest bots and loops that do the same outward thing, each in a process of its own.

``python -m benchmarks.load.peers NAME …`` runs one; the parent measures it from outside.
"""

import asyncio
import re
import sys
import time
from typing import Any


async def ptb_echo(token: str, api: str) -> None:
    from telegram import Update
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    async def echo(update: Update, _context: object) -> None:
        assert update.message is not None
        assert update.message.text is not None
        await update.message.reply_text(update.message.text)

    app = ApplicationBuilder().token(token).base_url(f"{api}/bot").build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    await app.initialize()
    await app.start()
    assert app.updater is not None
    await app.updater.start_polling(poll_interval=0)
    print(f"ready {time.process_time():.2f}", flush=True)
    await asyncio.Event().wait()


async def aiogram_echo(token: str, api: str) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        assert message.text is not None
        await message.answer(message.text)

    @dispatcher.startup()
    async def ready() -> None:
        print(f"ready {time.process_time():.2f}", flush=True)

    await dispatcher.start_polling(bot, handle_signals=False)


async def ptb_stored(token: str, api: str, file: str) -> None:
    """The least that may be compared: PTB and SQLAlchemy on SQLite as durable as ours.

    An update is stored before it is acknowledged, its answer looked up in the facts (FTS5) and queued in the
    transaction that settles it, sent, and the queued row settled.
    """
    from sqlalchemy import event, text
    from sqlalchemy.ext.asyncio import create_async_engine
    from telegram import Bot

    from knowledge.library import load_library

    facts = load_library().facts
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    async with engine.begin() as tx:
        for table in (
            "inbox(id INTEGER PRIMARY KEY, chat INTEGER, words TEXT, state TEXT DEFAULT 'new')",
            "outbox(id INTEGER PRIMARY KEY, chat INTEGER, words TEXT, state TEXT DEFAULT 'sending', reference TEXT)",
            "dialogues(chat INTEGER PRIMARY KEY, last TEXT)",
        ):
            await tx.execute(text(f"CREATE TABLE {table}"))
        await tx.execute(
            text("CREATE VIRTUAL TABLE facts USING fts5(id, body, tokenize='unicode61 remove_diacritics 2')")
        )
        bodies = [
            {"id": f.id, "body": " ".join([*(q for asked in f.questions.values() for q in asked), f.answer["it"]])}
            for f in facts.values()
        ]
        await tx.execute(text("INSERT INTO facts VALUES (:id, :body)"), bodies)
    store = text("INSERT OR IGNORE INTO inbox(id, chat, words) VALUES (:id, :chat, :words)")
    recall = text("SELECT last FROM dialogues WHERE chat = :chat")
    find = text("SELECT id FROM facts WHERE facts MATCH :words ORDER BY bm25(facts) LIMIT 1")
    remember = text("INSERT INTO dialogues VALUES (:chat, :last) ON CONFLICT (chat) DO UPDATE SET last = excluded.last")
    queue = text("INSERT INTO outbox(chat, words) VALUES (:chat, :words) RETURNING id")
    settle = text("UPDATE inbox SET state = 'done', words = NULL WHERE id = :id")
    sent = text("UPDATE outbox SET state = 'sent', words = NULL, reference = :reference WHERE id = :id")

    async def turn(update: dict[str, Any]) -> None:
        chat, words = update["message"]["chat"]["id"], update["message"]["text"]
        async with engine.begin() as tx:
            await tx.execute(recall, {"chat": chat})
            asked = " OR ".join(re.findall(r"\w{3,}", words.lower())) or "nulla"
            fact = (await tx.execute(find, {"words": asked})).scalar()
            answer = facts[fact].answer["it"][:4000] if fact else "Non lo so."
            await tx.execute(remember, {"chat": chat, "last": fact})
            number = (await tx.execute(queue, {"chat": chat, "words": answer})).scalar_one()
            await tx.execute(settle, {"id": update["update_id"]})
        message = await bot.send_message(chat, answer)
        async with engine.begin() as tx:
            await tx.execute(sent, {"id": number, "reference": str(message.message_id)})

    bot = Bot(token, base_url=f"{api}/bot")
    await bot.initialize()
    print(f"ready {time.process_time():.2f}", flush=True)
    offset = 0
    while True:
        updates = await bot.do_api_request(
            "getUpdates", api_kwargs={"offset": offset, "timeout": 10, "limit": 100}, read_timeout=20
        )
        if not updates:
            continue
        rows = [
            {"id": u["update_id"], "chat": u["message"]["chat"]["id"], "words": u["message"]["text"]} for u in updates
        ]
        async with engine.begin() as tx:
            await tx.execute(store, rows)
        offset = updates[-1]["update_id"] + 1
        for first in range(0, len(updates), 8):
            await asyncio.gather(*(turn(u) for u in updates[first : first + 8]))


async def ptb_broadcast(token: str, api: str, first: str, count: str) -> None:
    """PTB's AIORateLimiter: what its documentation offers for many messages."""
    from telegram.ext import AIORateLimiter, ApplicationBuilder

    limiter = AIORateLimiter(overall_max_rate=30, overall_time_period=1, max_retries=10)
    app = ApplicationBuilder().token(token).base_url(f"{api}/bot").rate_limiter(limiter).build()
    await app.initialize()
    start = time.perf_counter()
    numbers = range(int(count))
    results = await asyncio.gather(
        *(app.bot.send_message(int(first) + n % (int(count) * 9 // 10), f"promemoria {n}") for n in numbers),
        return_exceptions=True,
    )
    lost = sum(isinstance(r, Exception) for r in results)
    print(f"done {time.perf_counter() - start:.3f} {lost}", flush=True)


def imap_loop(host: str, port: str, user: str, password: str) -> None:
    """A bare IMAPClient loop: fetch in hundreds, parse, five headers, the text."""
    from email import message_from_bytes
    from email.header import decode_header, make_header

    from imapclient import IMAPClient

    client = IMAPClient(host, int(port), ssl=False)
    client.login(user, password)
    client.select_folder("INBOX", readonly=True)
    start = time.perf_counter()
    uids = client.search("ALL")
    for i in range(0, len(uids), 100):
        for data in client.fetch(uids[i : i + 100], ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"]).values():
            message = message_from_bytes(data[b"BODY[]"])
            for name in ("From", "To", "Subject", "Date", "Message-ID"):
                str(make_header(decode_header(message.get(name, ""))))
            part = next((p for p in message.walk() if p.get_content_type() == "text/plain"), message)
            part.get_payload(decode=True)
    print(f"done {time.perf_counter() - start:.3f} {len(uids)}", flush=True)


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    work = globals()[name](*arguments)
    if asyncio.iscoroutine(work):
        asyncio.run(work)
