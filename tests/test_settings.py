"""Settings: each documented, each wrong one refused in a sentence."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings
from conversation.channel import Channel
from conversation.message import Address

ROOT = Path(__file__).parents[1]
MAIL = {"imap_url": "imaps://u:p@mail.example/INBOX", "smtp_url": "smtps://u:p@mail.example"}
TOKEN = "100000:test-token-that-opens-nothing-at-all"


def test_every_setting_is_documented_with_its_default() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE))
    names = {name.upper(): field for name, field in Settings.model_fields.items()}
    assert offered.keys() == names.keys()
    for name, field in names.items():
        assert f"| `{name}` |" in page, name
        default = (
            {None: "", True: "1", False: "0"}.get(field.default, str(field.default))
            if not isinstance(field.default, int | float) or isinstance(field.default, bool)
            else str(field.default)
        )
        assert offered[name] == default, name


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"imap_url": "imaps://u:p@h/INBOX"}, "SMTP_URL manca"),
        ({"smtp_url": "smtps://u:p@h"}, "IMAP_URL manca"),
        ({"telegram_token": "ciao"}, "@BotFather"),
        ({"telegram_token": TOKEN, "clock": "2021-01-15T09:00"}, "CLOCK serve solo per prove"),
        ({"telegram_token": TOKEN, "telegram_mode": "webhook"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_api_url": "http://127.0.0.1:1"}, "TELEGRAM_TOKEN manca"),
        ({"database_url": "mysql://x"}, "sqlite:///"),
        ({"reminders": "sempre"}, "7d"),
        ({"imap_url": "imap://u:p@mail.example", "smtp_url": "smtps://u:p@h"}, "in chiaro"),
        ({"staff_chat": "ufficio"}, "numero del gruppo"),
        ({"quiet_hours": "notte"}, "21-8"),
        ({"staff_email": "ufficio"}, "STAFF_EMAIL non è un indirizzo"),
        ({"public_url": "http://bot.comune.example"}, "comincia con https://"),
        ({"retention_days": "molti"}, "RETENTION_DAYS: serve un numero intero"),
        ({"retention_days": "1"}, "RETENTION_DAYS: serve un numero da 7 in su"),
        ({"telegram_mode": "push"}, "'polling' oppure 'webhook'"),
        ({"clock": "domani"}, "CLOCK: scrivere l'ora"),
    ],
)
def test_a_wrong_configuration_says_what_to_do(given: dict[str, str], part: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(part)):
        read_settings(_env_file=None, **given)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"telegram_token": TOKEN}, "nessun recapito dell'ufficio"),
        ({"telegram_token": TOKEN, "staff_email": "ufficio@lucca.example"}, "STAFF_EMAIL c'è ma la posta manca"),
        ({**MAIL, "staff_chat": "-100123"}, "STAFF_CHAT c'è ma TELEGRAM_TOKEN manca"),
    ],
)
def test_an_office_that_would_not_hear_is_said(given: dict[str, str], part: str) -> None:
    settings = read_settings(_env_file=None, **given)
    assert part in "\n".join(settings.unheard)
    assert settings.office.staff_addresses == ()


def test_an_office_that_hears_has_nothing_to_be_told() -> None:
    settings = read_settings(_env_file=None, **MAIL, staff_email="Ufficio@lucca.example")
    assert settings.unheard == []
    assert settings.office.staff_addresses == (Address(Channel.EMAIL, "ufficio@lucca.example"),)


def test_a_secret_never_shows() -> None:
    settings = read_settings(_env_file=None, telegram_token=TOKEN)
    assert TOKEN not in repr(settings)
    for address in (
        "https://u:topsecret@h",
        "imaps://u:4/topsecret@h",
        "imaps://u:topsecret#x@h",
        "imaps://u@h:topsecret",
    ):
        with pytest.raises(SettingsError) as error:
            read_settings(_env_file=None, imap_url=address, smtp_url="smtps://u:topsecret@h")
        assert "topsecret" not in str(error.value)
        assert "IMAP_URL non è leggibile" in str(error.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TELEGRAM_TOKN", "TELEGRAM_TOKEN"),
        ("STAFF_EMIAL", "STAFF_EMAIL"),
        ("IMAP_URI", "IMAP_URL"),
        ("MAIL_FOLDER", "MAIL_FOLDERS"),
        ("database_ulr", "DATABASE_URL"),
    ],
)
def test_a_misspelt_name_is_no_setting_left_out(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=f"{name.upper()} non è un'impostazione: forse {meant}"):
        read_settings(_env_file=None)


def test_a_file_of_settings_as_notepad_writes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("STAFF_CHAT=-100123\r\n", encoding="utf-8-sig", newline="")
    assert read_settings().staff_chat == "-100123"
    (tmp_path / ".env").write_bytes("STAFF_EMAIL=città@lucca.example\n".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"\.env non è in UTF-8"):
        read_settings()


def test_other_peoples_names_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATH", "PORTS", "BLOCK", "HTTP_URL", "MAIL", "MAILCHECK", "SECRET", "HEROKU_POSTGRESQL_COPPER_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///data/bot.db")
    monkeypatch.setenv("DATABASE_URL_OLD", "x")
    read_settings(_env_file=None)
