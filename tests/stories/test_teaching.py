"""A fact is taught elsewhere, and the running bot answers with it within seconds; withdrawn, it does not any more."""

from datetime import date

from db.engine import Database
from db.operators import Role
from office.desk import TERMINAL
from office.teaching import add_draft, keep_trial, publish, read_wording, withdraw
from tests.conversation.test_taught import HELD_BACK
from tests.office.test_teaching import CLEAN, FORM
from tests.support.town import Town, until


async def test_a_running_worker_learns_and_forgets_what_another_process_publishes(each_town: Town) -> None:
    town, anna = each_town, each_town.citizen()
    await anna.writes(HELD_BACK[0])
    await anna.hears("ufficio")
    elsewhere, now = Database(town.system.settings.database_url), town.clock()
    async with elsewhere.begin() as tx:
        draft = await add_draft(tx, read_wording(FORM, date(2021, 1, 15)), now, by=TERMINAL)
        await keep_trial(tx, draft, CLEAN, now, by=TERMINAL)
        await publish(tx, draft.id, now, by=TERMINAL, role=Role.MANAGER)
    taught = town.system.workers.inbox.taught
    assert taught is not None
    known = draft.fact_id
    await until(lambda: known in taught.classifier.library.facts, "the worker learns it", patience=20)
    await anna.writes(HELD_BACK[0])
    await anna.hears("rastrelliera per venti biciclette")
    async with elsewhere.begin() as tx:
        await withdraw(tx, draft.id, now, by=TERMINAL)
    await elsewhere.close()
    await until(lambda: known not in taught.classifier.library.facts, "the worker forgets it", patience=20)
    await anna.writes("vengo in bici: dove la lascio, ditemi?")
    await anna.hears("ufficio")
