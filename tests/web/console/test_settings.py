"""Impostazioni: what is set and from where, what is wrong and what to do.

No secret, and nothing that holds the page.
"""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bot.installation import installation_of
from bot.settings import Settings, read_settings
from db.operators import Role
from office.installation import AdviceError, Check, FaultError, Installation
from tests.support.looking import open_looking
from tests.web.console.conftest import OpenDesk
from web.console import settings as page

SECRETS = {
    "telegram_token": "100000:segretissimo-del-bot",
    "imap_url": "imaps://casella:parola-di-imap@mail.example/INBOX",
    "smtp_url": "smtps://casella:parola-di-smtp@mail.example",
    "secret_key": "chiave-dei-collegamenti",
    "oidc_client_secret": "parola-del-comune",
    "telegram_webhook_secret": "parola-del-webhook",
    "mail_oauth_client_secret": "parola-di-oauth",
    "mail_oauth_url": "https://nome:parola-nascosta@accesso.example/token",
    "database_url": "postgresql://bot:parola-del-database@db.example/bot",
    "oidc_issuer": "https://accesso.example",
    "oidc_client_id": "console",
}


def given(**more: str) -> Settings:
    return read_settings(_env_file=None, **SECRETS | {"public_url": "https://bot.comune.example"} | more)


async def good() -> str:
    return "risponde come @prova_bot"


async def bad() -> str:
    msg = "l'accesso è rifiutato: controllare utente e password"
    raise FaultError(msg)


async def advice() -> str:
    msg = "nessun responsabile: python -m bot staff add"
    raise AdviceError(msg)


async def silent() -> str:
    """Silent at the farewell too."""
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(3)
    return "never"


async def broken() -> str:
    raise KeyError("casella:parola")


CHECKS = [
    Check("Telegram", good, far=True),
    Check("casella (IMAP)", bad, far=True),
    Check("console", advice),
    Check("invio (SMTP)", silent, far=True),
    Check("conoscenze", broken, far=True),
]


def row_of(said: str, name: str) -> str:
    """The words of one check's row."""
    (row,) = [r for r in re.findall(r"<tr>(.*?)</tr>", said, re.DOTALL) if f">{name}<" in r]
    return re.sub(r"<[^>]+>", " ", row)


async def test_each_setting_is_explained_and_no_secret_is_shown(desk_with: OpenDesk) -> None:
    installation = installation_of(given(office_hours="9-17", staff_totp="required"))
    names = [s.name.lower() for _, settings in installation.groups for s in settings]
    assert sorted(names) == sorted(Settings.model_fields)
    async with desk_with(installation=Installation(installation.groups)) as desk:
        said = await desk.says(await desk.entered(Role.MANAGER), "/console/impostazioni")
    for secret in ("segretissimo", "parola", "chiave-dei", "casella:", "db.example"):
        assert secret not in said
    assert str(Settings.model_fields["office_hours"].description) in said.replace("&#39;", "'")
    text = " ".join(re.sub(r"<[^>]+>", " ", said).split())
    assert re.search(r"OFFICE_HOURS .*? 9-17 \(scelto da chi segue il programma\)", text)
    assert re.search(r"Ore di silenzio QUIET_HOURS .*? 21-8 \(com&#39;è di partenza\)", text)
    assert re.search(r"DATABASE_URL .*? PostgreSQL \(scelto da chi segue il programma\)", text)
    assert "7 giorni, 1 giorno e 1 ora prima" in text
    assert "1 giorno prima alle 9 e lo stesso giorno alle 9" in text
    assert re.search(r"APPROVE_ABOVE .*? mai \(com", text)
    assert "manca" not in text
    assert re.search(r"IMAP_URL .*? impostato \(scelto da chi segue il programma\)", text)
    assert "Lucca Learning City" in text
    assert "Patto per l&#39;apprendimento permanente" in text


def test_each_setting_has_a_name_in_plain_words() -> None:
    settings = [s for _, group in installation_of(given()).groups for s in group]
    titles = [s.title for s in settings]
    assert [s.name for s in settings if not s.title] == []
    assert [t for t in titles if "_" in t or not t[0].isupper() or t.endswith(".")] == []
    assert len(set(titles)) == len(titles)


async def test_days_on_which_the_office_is_closed_are_named(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        said = await desk.says(await desk.entered(Role.MANAGER), "/console/impostazioni")
    assert "5 aprile 2021" in said
    assert "Lunedì dell" in said
    assert "1 gennaio 2021" not in said  # it is past
    assert "Pasqua" not in said  # a Sunday


async def test_servers_are_asked_when_somebody_wants_it_and_hold_nobody(
    desk_with: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_PATIENCE", 0.2)
    async with desk_with(installation=Installation(checks=CHECKS)) as desk:
        client = await desk.entered(Role.MANAGER)
        first = await desk.says(client, "/console/impostazioni")
        assert "da vedere" in row_of(first, "Console")
        assert "Casella" not in first
        began = time.monotonic()
        answer = await client.post("/console/impostazioni")
        assert time.monotonic() - began < 2.5
        assert answer.status_code == 200
        assert "va bene" in row_of(answer.text, "Telegram")
        assert "non va" in row_of(answer.text, "Casella (IMAP)")
        assert "controllare utente e password" in row_of(answer.text, "Casella (IMAP)")
        assert "nessuna risposta" in row_of(answer.text, "Invio (SMTP)").lower()
        assert "KeyError" in row_of(answer.text, "Conoscenze")
        assert "parola" not in answer.text
        assert "Cose che non vanno: 3" in answer.text


async def test_a_proxy_that_is_not_believed_is_named(desk_with: OpenDesk) -> None:
    async with desk_with() as desk:
        client = await desk.entered(Role.MANAGER)
        assert "FORWARDED_ALLOW_IPS" not in await desk.says(client, "/console/impostazioni")
        client.headers["X-Forwarded-For"] = "192.0.2.7"
        assert "FORWARDED_ALLOW_IPS" in await desk.says(client, "/console/impostazioni")
        client.headers["X-Forwarded-For"] = "127.0.0.1"  # the proxy was believed: this is what uvicorn made of it
        assert "FORWARDED_ALLOW_IPS" not in await desk.says(client, "/console/impostazioni")


@pytest.mark.browser
async def test_the_page_is_fine(
    desk_with: OpenDesk, browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_PATIENCE", 0.2)
    groups = installation_of(given(database_url=f"sqlite:///{tmp_path / 'x.db'}")).groups
    shown = [Check(check.name, check.run) for check in CHECKS]
    async with desk_with(installation=Installation(groups, shown)) as desk, open_looking(desk, browser) as looking:
        await looking.fine(await desk.entered(Role.MANAGER), "/console/impostazioni")
