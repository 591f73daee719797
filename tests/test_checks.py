"""What ``doctor`` says of the console, and of what was set by halves."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.checks import checks_of
from bot.settings import SettingsError, read_settings
from db.engine import Database, Transaction
from db.operators import Role, update_operator
from office.desk import TERMINAL
from office.entering import Times
from office.installation import CheckOutcome, Finding, run_checks
from office.operators import Crew, crew_of, invite

REAL = {
    "imap_url": "imaps://u:p@mail.example/INBOX",
    "smtp_url": "smtps://u:p@mail.example",
    "staff_email": "ufficio@comune.example",
    "public_url": "https://bot.comune.example",
}
NOW = datetime(2021, 1, 15, 9, tzinfo=UTC)


async def say(database: Database, **given: str) -> dict[str, Finding]:
    """What is found without asking a server."""
    settings: Any = read_settings(_env_file=None, **REAL | {"database_url": database.url} | given)
    near = [check for check in checks_of(settings) if not check.far]
    return {found.name: found for found in await run_checks(near, seconds=20)}


async def add(database: Database, name: str, role: Role, **values: object) -> None:
    async with database.begin() as tx:
        made = await invite(tx, f"{name}@comune.example", Times(NOW, NOW), role=role, by=TERMINAL)
        if values:
            await update_operator(tx, made.operator.id, **values)


async def test_who_may_enter_is_told_until_a_manager_is_in(one_database: Database) -> None:
    await add(one_database, "anna", Role.OPERATOR)
    found = (await say(one_database))["console"]
    assert (found.mark, "staff add NOME@COMUNE --role responsabile" in found.said) == (CheckOutcome.ADVICE, True)
    await add(one_database, "renzo", Role.MANAGER)
    found = (await say(one_database))["console"]
    assert (found.mark, "staff reset" in found.said) == (CheckOutcome.ADVICE, True)
    await add(one_database, "paola", Role.MANAGER, password="kept")
    found = (await say(one_database))["console"]
    assert found == Finding("console", CheckOutcome.GOOD, "operatori 3, di cui responsabili 2")


async def test_no_address_means_no_console(one_database: Database) -> None:
    found = (await say(one_database, public_url=""))["console"]
    assert (found.mark, found.said[:10]) == (CheckOutcome.ADVICE, "PUBLIC_URL")


async def test_a_manager_without_a_code_is_told(one_database: Database) -> None:
    await add(one_database, "renzo", Role.MANAGER, password="kept")
    name = "codice dell'app"
    found = (await say(one_database))[name]
    assert (found.mark, "STAFF_TOTP=required" in found.said) == (CheckOutcome.ADVICE, True)
    assert (await say(one_database, staff_totp="required"))[name].mark is CheckOutcome.GOOD
    await add(one_database, "paola", Role.MANAGER, password="kept", totp="ABC")
    assert "password: 1;" in (await say(one_database))[name].said


async def test_who_works_there_is_asked_once_each_time(one_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def counted(tx: Transaction) -> Crew:
        asked.append("")
        return await crew_of(tx)

    monkeypatch.setattr("bot.checks.crew_of", counted)
    settings: Any = read_settings(_env_file=None, **REAL | {"database_url": one_database.url})
    near = [check for check in checks_of(settings) if not check.far]
    for times in (1, 2):
        assert {found.name for found in await run_checks(near, seconds=20)} > {"console", "codice dell'app"}
        assert len(asked) == times


def test_the_municipalitys_log_in_is_whole_or_not_there() -> None:
    with pytest.raises(SettingsError, match="OIDC_ISSUER, OIDC_CLIENT_ID e OIDC_CLIENT_SECRET insieme"):
        read_settings(_env_file=None, **REAL, oidc_issuer="https://accesso.example")


async def test_whom_the_proxy_speaks_for_is_told(one_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert "su questa macchina" in (await say(one_database))["proxy"].said
    assert (await say(one_database, public_url="http://127.0.0.1:8000"))["proxy"].said == "non serve"
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.7")
    assert (await say(one_database))["proxy"].said == "è creduto 10.0.0.7"
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert (await say(one_database))["proxy"].mark is CheckOutcome.ADVICE


async def test_an_office_that_nobody_reaches_is_told(one_database: Database) -> None:
    assert (await say(one_database))["ufficio"].said.endswith("ufficio@comune.example")
    assert (await say(one_database, staff_email=""))["ufficio"].mark is CheckOutcome.ADVICE
    assert (await say(one_database))["informativa"].mark is CheckOutcome.ADVICE
    assert (await say(one_database, dpo_contact="dpo@comune.example"))["informativa"].mark is CheckOutcome.GOOD
