"""What the office taught, and how often each fact is told."""

from datetime import UTC, datetime

from sqlalchemy import insert

from db.engine import Database
from db.models import inbox
from db.taught import fact_uses

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def test_it_is_counted_how_often_each_fact_was_told(database: Database) -> None:
    told = {"outcome": "answered", "intent": "question"}
    evidence = [
        told | {"evidence": ["intento question 0.93: «dove»", "voce rete.cosa 0.90: «che cos'è la rete?»", "giorno"]},
        told | {"evidence": ["voce rete.cosa 0.61: «la voce più breve»"]},
        told | {"evidence": ["voce rete.chi"]},
        told | {"evidence": ["intento question 0.93: «voce rete.cosa»"]},
        told | {"evidence": []},
        told,
        {"outcome": "asked", "intent": "question", "evidence": ["voce rete.cosa 0.90: «»"]},
        {"outcome": "answered", "intent": "register", "evidence": ["voce rete.cosa 0.90: «»"]},
        None,
    ]
    row = {"channel": "email", "sender": "a@posta.example", "received_at": NOW, "next_at": NOW, "state": "done"}
    async with database.begin() as tx:
        await tx.execute(insert(inbox), [row | {"source_key": str(n), "evidence": e} for n, e in enumerate(evidence)])
    async with database.look() as tx:
        assert await fact_uses(tx) == {"rete.cosa": 2, "rete.chi": 1}
