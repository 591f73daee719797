"""The peers: the barest bots and loops that do the same outward thing, each in a process of its own.

``python -m benchmarks.load.peers NAME …`` runs one; the parent measures it from outside.
"""

import asyncio
import sys
import time


async def ptb_echo(token: str, api: str) -> None:
    from telegram import Update
    from telegram.ext import ApplicationBuilder, MessageHandler, filters

    async def echo(update: Update, _context) -> None:
        await update.message.reply_text(update.message.text)

    app = ApplicationBuilder().token(token).base_url(f"{api}/bot").build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    await app.initialize()
    await app.start()
    await app.updater.start_polling(poll_interval=0)
    print("ready", flush=True)
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
        await message.answer(message.text)

    @dispatcher.startup()
    async def ready() -> None:
        print("ready", flush=True)

    await dispatcher.start_polling(bot, handle_signals=False)


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
