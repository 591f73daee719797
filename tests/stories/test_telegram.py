"""The Telegram channel: webhook and polling, groups, edits, photos, long and hostile texts, refusals, pacing."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.sandbox.fake_bot_api import Limits
from conversation.message import Incoming, TurnRecord
from db.engine import Transaction
from db.models import outbox
from tests.conftest import OpenTown
from tests.stories.test_registering import registered
from tests.support.town import Town, until


async def test_webhook_delivers_each_update_once(
    town_with: OpenTown, one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.heartbeat._SECONDS", 1.0)
    async with town_with(one_database_url, mode="webhook") as town:
        anna = town.citizen()
        await anna.writes("/programma")
        await anna.hears("giovedì 21 gennaio")
        url = f"http://127.0.0.1:{town.settings.port}/telegram/webhook"
        async with httpx.AsyncClient() as client:
            update = {
                "update_id": 1,
                "message": {"message_id": 9, "date": 1, "chat": {"id": 2001, "type": "private"}, "text": "ciao"},
            }
            assert (await client.post(url, json=update)).status_code == 403
            headers = {"X-Telegram-Bot-Api-Secret-Token": "parola_segreta-1"}
            assert (await client.post(url, content=b"{", headers=headers)).status_code == 400
            for _ in range(2):
                assert (await client.post(url, json=update, headers=headers)).status_code == 200

            async def well() -> bool:
                health = (await client.get(url.replace("/telegram/webhook", "/health"))).json()
                assert health["database"]
                return bool(health["status"] == "up" and health["seconds_since"].keys() == {"worker", "mailbox"})

            await until(well, "a sign of life of both")
            metrics = (await client.get(url.replace("/telegram/webhook", "/metrics"))).text
            assert "luccabot_outbox_oldest_due_seconds 0" in metrics
            assert 'luccabot_inbox_messages{state="set_aside"} 0' in metrics
            assert "2001" not in metrics
        assert len(await town.rows("SELECT * FROM inbox WHERE source_key = 'telegram:1'")) == 1


async def test_in_a_group_nothing_personal_is_said(town: Town) -> None:
    anna = town.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    group = town.telegram.group(-500, anna.chat.user)
    await town.telegram.says(-500, "@lucca_learning_city_bot mi iscrivo a giovedì e mandami il link")
    await town.telegram.says(-500, "chiacchiere tra noi")
    await town.telegram.says(-500, "/programma")
    await until(lambda: len([m for m in group.messages if m["from"]["is_bot"]]) == 2, "two answers in the group")
    said = "\n".join(m["text"] for m in group.messages if m["from"]["is_bot"])
    assert "scrivimi in privato" in said
    assert "giovedì 21 gennaio" in said
    assert "zoom.example" not in said
    assert "Anna" not in said
    assert "Querce" not in said


async def test_photos_voice_and_stickers_are_answered_kindly(town: Town) -> None:
    anna = town.citizen()
    voice = {"voice": {"file_id": "x", "file_unique_id": "y", "duration": 3}}
    await anna.writes("", **voice)
    await anna.hears("solo i messaggi scritti")


async def test_an_edited_message_is_read_again(town: Town) -> None:
    anna = town.citizen()
    message = await anna.writes("siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await anna.hears("2 persone")
    await anna.edits(message["message_id"], "siamo la Polisportiva Le Querce, veniamo in cinque giovedì")
    await anna.hears("5 persone")


@pytest.mark.parametrize(
    "words",
    [
        "<b>ciao</b> & <script>",
        "x" * 4000,
        "\u202eoic\u200b",
        "'; DROP TABLE people; --",
        "🎉" * 300,
        "</b>",
        "%s {0} {name}",
    ],
)
async def test_hostile_text_gets_an_answer(town: Town, words: str) -> None:
    anna = town.citizen()
    await anna.writes(words)
    await until(lambda: anna.from_bot, "any answer")


async def test_what_a_person_typed_is_never_markup(town: Town) -> None:
    anna = town.citizen()
    await anna.writes("siamo l'Associazione <b>Prova</b> & Figli, veniamo in due giovedì")
    notice = await anna.hears("art. 6.1.e")
    assert notice.get("entities", []) == []


async def test_an_unknown_update_is_recorded(town: Town) -> None:
    number = await town.telegram.push_raw({"message_reaction_of_the_future": {"what": "ever"}})
    town.telegram._allowed.add("message_reaction_of_the_future")
    await until(
        lambda: town.rows(f"SELECT 1 FROM inbox WHERE source_key = 'telegram:{number}' AND kind = 'unknown'"),
        "the record",
    )


async def test_a_message_that_cannot_be_handled_is_set_aside_and_blocks_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.dispatch import handle
    from workers import incoming

    async def fails(tx: Transaction, incoming: Incoming, *args: Any, **kwargs: Any) -> TurnRecord:
        if "bomba" in incoming.text:
            raise RuntimeError("boom")
        return await handle(tx, incoming, *args, **kwargs)

    monkeypatch.setattr(incoming, "handle", fails)
    monkeypatch.setattr(incoming, "_RETRY_SECONDS", (0, 0))
    anna, bruno = town.citizen(), town.citizen("Bruno", 3)
    await anna.writes("bomba")
    await bruno.writes("/programma")
    await bruno.hears("giovedì 21 gennaio")
    await anna.writes("/programma")
    await anna.hears("giovedì 21 gennaio")
    rows = await town.rows("SELECT payload IS NOT NULL, error FROM inbox WHERE state = 'set_aside'")
    assert len(rows) == 1
    assert rows[0][0]
    assert "boom" in rows[0][1]
    await town.staff.gets("messo da parte")


async def test_people_are_answered_in_the_order_they_wrote(each_town: Town) -> None:
    anna = each_town.citizen()
    for number in range(1, 9):
        await each_town.telegram.says(anna.id, f"/start m_{number}" if number % 2 else "/annulla")
    await until(lambda: len(anna.from_bot) >= 8, "eight answers")
    await each_town.quiet()
    stops = {each_town.system.library.say(f"welcome.{key}", "it") for key in ("stopped", "nothing_open")}
    assert [m["text"] in stops for m in anna.from_bot] == [False, True] * 4


async def test_no_429_at_full_rate_limit(town_with: OpenTown, database_url: str) -> None:
    """120 messages to 100 chats, twenty of them twice: the server refuses none, though they come in a heap.

    The margins are wide, for a busy machine delivers late what was sent in time; the default ones are measured in
    benchmarks/load.
    """
    limits = Limits(30, 1)
    async with town_with(database_url, limits=limits, telegram_rate=15, telegram_chat_seconds=2.0) as town:
        people = [town.citizen(f"P{n}", 5000 + n) for n in range(100)]
        from conversation.channel import Channel
        from conversation.message import Address, Reply
        from db.outbox import queue_reply

        for person in people:
            person.chat.started = True
        async with town.system.database.begin() as tx:
            for n in range(120):
                place = Address(Channel.TELEGRAM, str(people[n % 100].id))
                await queue_reply(tx, f"pace:{n}", place, Reply(f"messaggio {n}"), now=town.clock())
        town.outbox_worker.wake()
        await until(lambda: sum(len(p.from_bot) for p in people) == 120, "120 messages", patience=30)
        assert town.telegram.refusals == 0


async def test_a_429_is_waited_out_and_nothing_is_lost(each_town: Town) -> None:
    each_town.telegram.limits.per_chat = 2
    anna = each_town.citizen()
    for _ in range(3):
        await each_town.telegram.says(anna.id, "/programma")
    await until(lambda: len(anna.heard("giovedì 21 gennaio")) == 3, "three answers", patience=20)
    assert each_town.telegram.refusals > 0
    async with each_town.system.database.begin() as tx:
        uncertain_rows = await tx.scalar(select(func.count()).where(outbox.c.doubts > 0))
    assert uncertain_rows == 0  # a refusal is known not to have been sent
