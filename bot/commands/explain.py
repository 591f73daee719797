"""``explain``: what the bot would understand of raw e-mails and answer, changing nothing.

Runs the real handlers in a transaction that is rolled back.
"""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.commands.knowing import open_knowing
from bot.commands.opening import read_moment
from bot.errors import UsageError
from bot.sandbox.database import sandbox_database
from bot.settings import Settings, read_settings
from conversation.message import Incoming
from conversation.understanding.classifier import IntentClassifier
from db.engine import Database
from handlers.dispatch import answer
from handlers.intents import contract_name
from handlers.queueing import letter
from handlers.services import Services
from handlers.turn import Turn
from mail.reading.message import Letter, as_trust, read_letter
from mail.threads import answer_subject

_WORTH_NAMING = 0.35


async def explain_files(files: Sequence[Path], *, jsonl: bool, at: str) -> int:
    """Explain every file."""
    settings = read_settings()
    given = read_moment(at) if at else None
    missing = [str(f) for f in files if not f.is_file()]
    if missing:
        msg = f"non trovo {', '.join(missing)}"
        raise UsageError(msg)
    async with sandbox_database(settings, given) as (database, clock):
        classifier = await open_knowing(database, settings)
        for file in files:
            found = await explain_one(database, settings, classifier, file, clock())
            sys.stdout.write((json.dumps(found, ensure_ascii=False) if jsonl else _spoken(found)) + "\n")
    return 0


async def explain_one(
    database: Database, settings: Settings, classifier: IntentClassifier, file: Path, now: datetime
) -> dict[str, Any]:
    """One mail as the contract's ``explain --jsonl`` shows it."""
    ours = settings.mailbox
    read = read_letter(file.read_bytes(), ours=ours, authserv_id=settings.mail_authserv_id)
    found = _blank(file, read)
    if read.incoming is None:
        return found
    async with database.rehearse() as tx:
        services = Services(classifier, settings.office)
        turn, replies = await answer(tx, read.incoming, "explain", services=services, now=now)
        _fill(found, turn, read.incoming)
        if replies:
            said = letter(turn, replies[0])
            found["reply"] = {
                "to": (read.incoming.answer_to or read.incoming.address).value,
                "subject": answer_subject(turn.thread, said.title or turn.say("programme.title")),
                "text": said.plain,
                "files": [f.name for f in said.files],
            }
    return found


def _blank(file: Path, read: Letter) -> dict[str, Any]:
    kind = read.screening.kind.value
    return {
        "file": file.name,
        "kind": "robot" if kind == "oversized" else kind,
        "intents": [],
        "requests": [],
        "organisation": None,
        "contact": None,
        "participants": None,
        "trusted_sender": as_trust(read.trust),
        "words": read.incoming.text if read.incoming else read.words,
        "reply": None,
        "evidence": [
            f"posta: {read.screening.reason}",
            *(["busta PEC aperta"] if read.certified else []),
            *(["la guarda una persona"] if read.for_person else []),
        ],
    }


def _fill(found: dict[str, Any], turn: Turn, incoming: Incoming) -> None:
    heard, record = turn.heard, turn.record
    days = {m.id: m.day.isoformat() for m in turn.meetings if m.day}
    named = () if heard.for_others else (m.label for m in heard.intents if m.score >= _WORTH_NAMING)
    names = list(dict.fromkeys([record.intent, *named]))
    chosen = [days[m] for m in heard.meeting.chosen if m in days]
    for name in names[:3]:
        contract = contract_name(name)
        if contract not in {i["name"] for i in found["intents"]} and not (contract == "other" and found["intents"]):
            with_meetings = contract in {"register", "cancel", "change", "resend_link", "calendar"}
            found["intents"].append(
                {
                    "name": contract,
                    "meetings": chosen if with_meetings else [],
                    "ambiguous": with_meetings and heard.meeting.doubt is not None,
                }
            )
    found["requests"] = [
        {
            "act": contract_name(r.act),
            "meetings": [days[m] for m in r.meetings if m in days],
            "organisation": r.organisation,
            "writer": r.writer or incoming.name or None,
            "participants": r.people,
            "answer": r.answer or None,
            "certainty": round(r.certainty, 2),
            "found": list(r.found),
        }
        for r in heard.requests
    ]
    found["organisation"] = heard.details.organisation or None
    found["contact"] = heard.details.contact or incoming.name or None
    found["participants"] = heard.details.participants
    found["evidence"] += list(heard.evidence)


def _spoken(found: dict[str, Any]) -> str:
    lines = [f"{found['file']}: {found['kind']}"]
    lines += [
        f"  vuole: {i['name']} {', '.join(i['meetings'])}{' (dubbio)' if i['ambiguous'] else ''}"
        for i in found["intents"]
    ]
    lines += [_one_request(r) for r in found["requests"]] if len(found["requests"]) > 1 else []
    for key, name in (("organisation", "associazione"), ("contact", "referente"), ("participants", "partecipanti")):
        if found[key]:
            lines.append(f"  {name}: {found[key]}")
    lines += [f"  perché: {e}" for e in found["evidence"]]
    if found["reply"]:
        lines += ["", f"  A: {found['reply']['to']}", f"  Oggetto: {found['reply']['subject']}", ""]
        lines += [f"  {line}" for line in found["reply"]["text"].splitlines()]
    return "\n".join(lines) + "\n"


def _one_request(request: dict[str, Any]) -> str:
    organisation = {None: "", "": "privato"}.get(request["organisation"], request["organisation"])
    people = f"{request['participants']} persone" if request["participants"] else ""
    said = [", ".join(request["meetings"]), organisation, people, request["answer"], f"{request['certainty']:.0%}"]
    return f"  richiesta: {request['act']} {' · '.join(filter(None, said))}"
