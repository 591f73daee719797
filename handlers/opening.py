"""The turn that begins with a message: who speaks, in what thread, and what the words mean."""

from dataclasses import replace
from datetime import datetime, timedelta

from conversation.message import Incoming
from conversation.times import local_zone
from conversation.understanding import cues, understand
from db.dialogues import open_dialogue
from db.engine import Transaction
from db.meetings import programme
from db.message_counts import Counted
from handlers import buttons
from handlers.commands import BREAK_OFF, COMMANDS, follows_link
from handlers.limits import period_of
from handlers.proving import weigh_proof
from handlers.services import Services
from handlers.turn import Turn

#: How long Telegram keeps what comes while nobody asks (Bot API, "Getting updates"): so long "tomorrow" may have
#: waited.
_KEPT = timedelta(hours=24)


async def open_turn(
    tx: Transaction, incoming: Incoming, key: str, *, services: Services, now: datetime
) -> tuple[Turn, Counted]:
    """The turn, and how much came from there of late."""
    if incoming.address.channel.buttons:
        incoming = buttons.unbind(incoming)
    dialogue, known, counted = await open_dialogue(tx, incoming.address, now, period_of(incoming.address.channel, now))
    incoming = await weigh_proof(tx, incoming, dialogue.asked_in, services.office, now)
    command, incoming = _split_command(incoming)
    meetings, sectors = await programme(tx)
    heard = understand(
        "" if follows_link(command, incoming.text) else incoming.text,
        dialogue,
        services.classifier,
        _written(incoming, now),
        meetings=meetings,
        signature=incoming.signature,
        language=incoming.language,
        sender=incoming.name if incoming.address.channel.is_letter else "",
        is_letter=incoming.address.channel.is_letter,
    )
    turn = Turn(
        tx,
        key,
        incoming,
        heard,
        dialogue,
        services.library,
        services.office,
        meetings,
        sectors,
        now,
        known,
        services.links,
    )
    turn.command = command
    return turn, counted


def _written(incoming: Incoming, now: datetime) -> datetime:
    """When the words were written: "tomorrow" counts from there.

    Of a letter the sender's clock counts, whatever its zone.

    A Date in UTC tells of no zone (RFC 5322 §3.3): many servers write all of theirs so.
    """
    at = incoming.at
    if at is None or at >= now:
        return now
    if incoming.address.channel.is_letter:
        return at.replace(tzinfo=local_zone()) if at.utcoffset() else at
    return at if now - at <= _KEPT else now


def _split_command(incoming: Incoming) -> tuple[str | None, Incoming]:
    """The command at the head of a message, and the message with the words behind it.

    No command in an answer to us in a group.
    """
    found = None if incoming.group and incoming.answers_us else cues.split_command(incoming.text.strip())
    if found is None:
        return None, incoming
    name, words = found
    if incoming.address.channel.is_letter and name != BREAK_OFF and f"/{name}" not in COMMANDS:
        return None, incoming  # "/ Gentili, …": a letter may begin with a stroke
    # "/annulla la mia iscrizione": the command is the verb of the sentence.
    return name, replace(incoming, text=f"{name} {words}" if name == BREAK_OFF and words else words)
