"""``chat``: the same handlers in the terminal. With ``--jsonl``, one JSON object a line in and one out."""

import asyncio
import json
import sys
import time
from typing import Any

from bot.commands.knowing import open_knowing
from bot.commands.opening import read_moment
from bot.sandbox.database import sandbox_database
from bot.settings import Settings, read_settings
from conversation.channel import Channel
from conversation.message import Address, Button, Event, Incoming, Reply
from conversation.times import Clock
from conversation.understanding.classifier import IntentClassifier
from db.engine import Database, Transaction
from db.meetings import all_meetings
from db.pact import has_adhesion
from db.people import find_person
from db.registrations import registrations_of
from db.requests import has_open_hand_over
from handlers.dispatch import answer
from handlers.intents import contract_name
from handlers.services import Services


class Terminal:
    """A conversation per name, on one database."""

    def __init__(self, database: Database, knowing: IntentClassifier, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._services = Services(knowing, settings.office)
        self._buttons: dict[str, list[Button]] = {}
        self._turns = 0

    async def turn(self, line: dict[str, Any]) -> dict[str, Any]:
        """One line of ``chat --jsonl`` in, one out (docs: contract)."""
        name = str(line.get("chat") or "terminale")
        address = Address(Channel.TERMINAL, name)
        press, label = str(line.get("press") or ""), ""
        text = str(line.get("text") or "")
        if press:
            known = self._buttons.get(name, [])
            found = next((b for b in known if press in {b.data, b.data.partition("#")[0]}), None) or next(
                (b for b in known if press == b.label), None
            )
            press, label = (found.data, found.label) if found else (press, "")
        event = Event.PRESS if press else Event.WORDS
        incoming = Incoming(address, text=text, event=event, press=press, label=label, at=self._clock())
        self._turns += 1
        start = time.perf_counter()
        async with self._database.begin() as tx:
            key = f"terminal:{name}:{self._turns}:{time.time_ns()}"
            turn, replies = await answer(tx, incoming, key, services=self._services, now=self._clock())
            state = await _state(tx, address)
        spent = (time.perf_counter() - start) * 1000
        self._buttons[name] = [b for reply in replies for row in reply.buttons for b in row] or self._buttons.get(
            name, []
        )
        record = turn.record
        return {
            "chat": name,
            "replies": [_reply(reply) for reply in replies],
            "intent": contract_name(record.intent),
            "outcome": record.outcome,
            "asks": record.asks,
            "sources": [{"id": s.id, "title": s.title, "date": s.date} for s in record.sources],
            "language": record.language,
            "ms": round(spent, 2),
            "state": state,
        }


def _reply(reply: Reply) -> dict[str, Any]:
    buttons = [
        {"label": b.label, **({"url": b.url} if b.url else {"data": b.data.partition("#")[0]})}
        for row in reply.buttons
        for b in row
    ]
    return {"text": reply.plain, "buttons": buttons, "files": [f.name for f in reply.files]}


async def _state(tx: Transaction, address: Address) -> dict[str, Any]:
    person = await find_person(tx, address)
    days = {m.id: m for m in await all_meetings(tx)}
    held = await registrations_of(tx, person.id) if person else []
    return {
        "registrations": [
            {
                "meeting": day.isoformat() if (day := days[r.meeting_id].day) else None,
                "sector": days[r.meeting_id].sector,
                "organisation": r.organisation,
                "participants": r.participants,
                "status": r.status.value,
            }
            for r in held
        ],
        "adhesion": bool(person and await has_adhesion(tx, person.id)),
        "handed_over": await has_open_hand_over(tx, address),
    }


async def talk(*, jsonl: bool, at: str) -> int:
    """Talk until the input ends."""
    settings = read_settings()
    async with sandbox_database(settings, read_moment(at) if at else None) as (database, clock):
        terminal = Terminal(database, await open_knowing(database, settings), settings, clock)
        await (_lines(terminal) if jsonl else _by_hand(terminal))
    return 0


async def _lines(terminal: Terminal) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError:
            data = None
        if isinstance(data, dict):
            answered = await terminal.turn(data)
        else:
            answered = {"error": "una riga deve essere un oggetto JSON con chat e text o press"}
        sys.stdout.write(json.dumps(answered, ensure_ascii=False) + "\n")
        sys.stdout.flush()


async def _by_hand(terminal: Terminal) -> None:
    sys.stdout.write("Scrivi al bot (riga vuota o Ctrl+D per uscire; un numero preme il pulsante).\n\n")
    choices: list[dict[str, str]] = []
    while True:
        sys.stdout.write("> ")
        sys.stdout.flush()
        text = (await asyncio.to_thread(sys.stdin.readline)).strip()
        if not text:
            return
        pressed = text.isdigit() and 1 <= int(text) <= len(choices) and choices[int(text) - 1].get("data")
        answered = await terminal.turn({"press": pressed} if pressed else {"text": text})
        choices = []
        for reply in answered["replies"]:
            sys.stdout.write(f"\n{reply['text']}\n")
            for name in reply["files"]:
                sys.stdout.write(f"  (allegato: {name})\n")
            for button in reply["buttons"]:
                choices.append(button)
                sys.stdout.write(
                    f"  [{len(choices)}] {button['label']}{' → ' + button['url'] if 'url' in button else ''}\n"
                )
        sys.stdout.write("\n")
