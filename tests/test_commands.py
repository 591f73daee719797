"""The commands as other people's scripts use them (the contract)."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.commands.chat import talk
from bot.commands.explain import explain_files
from bot.sandbox.fake_mail import Post
from bot.sandbox.running import free_port
from db.broadcast_rows import addressed
from db.broadcasts import BroadcastState, all_broadcasts, get_broadcast
from db.engine import Database
from db.operators import Role
from office.desk import TERMINAL
from office.tables import Table
from office.teaching import add_draft, keep_trial, publish, read_wording, withdraw
from tests.conversation.test_taught import HELD_BACK
from tests.office.test_teaching import CLEAN, FORM, TODAY
from tests.stories.test_registering import registered
from tests.support.people import NOW, register
from tests.support.terminal import ROOT, luccabot, luccabot_process, python
from tests.support.town import Town

#: The commands read what was learnt before: they have no patience for the learning.
pytestmark = pytest.mark.usefixtures("one_classifier")


async def chat(*lines: dict[str, str]) -> list[dict[str, Any]]:
    said = await luccabot_process("chat", "--jsonl", stdin="\n".join(json.dumps(line) for line in lines) + "\n")
    return [json.loads(line) for line in said.splitlines()]


async def test_chat_jsonl_keeps_the_contract() -> None:
    first, second, third, other, wrong = await chat(
        {"chat": "c1", "text": "siamo la Polisportiva Le Querce, veniamo in tre giovedì, mi chiamo Marta Prova"},
        {"chat": "c1", "press": "Sì, iscrivimi"},
        {"chat": "c1", "text": "chi ha creato la rete delle learning city?"},
        {"chat": "c2", "text": "sono iscritto?"},
        {"chat": "c1", "press": "meeting:abc"},
    )
    assert first.keys() == {"chat", "replies", "intent", "outcome", "asks", "sources", "language", "ms", "state"}
    assert (first["intent"], first["outcome"], first["asks"]) == ("register", "asked", "consent")
    assert {"label": "No", "data": "no"} in first["replies"][0]["buttons"]
    assert second["outcome"] == "registered"
    assert second["asks"] is None
    assert second["replies"][0]["files"] == ["incontro.ics"]
    assert second["state"] == {
        "registrations": [
            {
                "meeting": "2021-01-21",
                "sector": "sport",
                "organisation": "Polisportiva Le Querce",
                "participants": 3,
                "status": "confirmed",
            }
        ],
        "adhesion": False,
        "handed_over": False,
    }
    assert third["sources"][0].keys() == {"id", "title", "date"}
    assert other["state"]["registrations"] == []
    assert wrong["outcome"] == "unclear"


async def test_chat_takes_unreadable_lines() -> None:
    said = await luccabot("chat", "--jsonl", stdin='{"chat": "c"\n[1]\n{"chat":"c","text":"ciao"}\n')
    lines = [json.loads(line) for line in said.splitlines()]
    assert ["error" in line for line in lines] == [True, True, False]


async def test_explain_keeps_the_contract(tmp_path: Path) -> None:
    automatic = tmp_path / "auto.eml"
    automatic.write_bytes(b"From: a@b.example\r\nAuto-Submitted: auto-replied\r\nSubject: fuori\r\n\r\nassente\r\n")
    said = await luccabot("explain", "--jsonl", "tests/mails/pec_transport.eml", str(automatic))
    letter, auto = (json.loads(line) for line in said.splitlines())
    expected = {
        "file",
        "kind",
        "intents",
        "requests",
        "organisation",
        "contact",
        "participants",
        "trusted_sender",
        "words",
        "reply",
        "evidence",
    }
    assert letter.keys() == auto.keys() == expected
    assert letter["kind"] == "human"
    assert letter["intents"][0] == {"name": "register", "meetings": ["2021-01-21"], "ambiguous": False}
    assert letter["organisation"] == "ASD Polisportiva Esempio"
    (request,) = letter["requests"]
    assert request["act"] == "register"
    assert request["meetings"] == ["2021-01-21"]
    assert request["found"]
    assert letter["participants"] == 2
    assert letter["trusted_sender"] is None
    assert letter["reply"]["to"] == "asdpolisportiva@pec-prova.example"
    assert letter["reply"]["files"] == ["incontro.ics"]
    assert (auto["kind"], auto["reply"], auto["intents"]) == ("auto_reply", None, [])


async def test_programme_registrations_forecast_person_and_staff(tmp_path: Path) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}", "CLOCK": "2021-01-15T09:00"}
    assert "nuovi: 7" in await luccabot("programme", "load", "knowledge/programme.toml", env=here)
    assert "uguali: 7" in await luccabot("programme", "load", "knowledge/programme.toml", env=here)
    assert "giovedì 21 gennaio 2021  orario da comunicare" in await luccabot("programme", "show", env=here)
    rows = [
        {
            "meeting": "2021-01-21",
            "sector": "sport",
            "name": "Marta Prova",
            "organisation": '=HYPERLINK("x")',
            "participants": 3,
            "status": "confirmed",
            "channel": "email",
            "address": "Marta@lequerce.example",
            "registered_at": "2021-01-15T08:00:00+00:00",
        }
    ]
    (tmp_path / "in.json").write_text(json.dumps(rows))
    assert "nuove: 1" in await luccabot("registrations", "import", str(tmp_path / "in.json"), env=here)
    assert "nuove: 0, aggiornate: 1" in await luccabot("registrations", "import", str(tmp_path / "in.json"), env=here)
    (exported,) = json.loads(await luccabot("registrations", "export", env=here))
    assert exported.keys() == rows[0].keys()
    assert exported["address"] == "marta@lequerce.example"
    assert "'=HYPERLINK" in await luccabot("registrations", "export", "--format", "csv", env=here)
    await luccabot("registrations", "export", "--format", "xlsx", "--output", str(tmp_path / "out.xlsx"), env=here)
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")
    assert "1" in await luccabot("registrations", "export", "--meeting", "2", env=here)
    assert json.loads(await luccabot("doubts", "--json", env=here)) == []
    data = json.loads(await luccabot("person", "export", "marta@lequerce.example", env=here))
    assert data["registrations"][0]["participants"] == 3
    assert "cancellati" in await luccabot("person", "erase", "marta@lequerce.example", env=here)
    await luccabot("person", "export", "marta@lequerce.example", code=1, env=here)
    assert "aggiunto" in await luccabot("staff", "add", "Anna@lucca.example", env=here)
    assert "c'era già" in await luccabot("staff", "add", "anna@lucca.example", env=here)
    assert "non è un indirizzo" in await luccabot("staff", "add", "anna", code=1, env=here)
    assert "database: SQLite" in await luccabot("doctor", env=here)


@pytest.mark.parametrize(
    ("arguments", "environment", "part"),
    [
        (("run",), {"IMAP_URL": "imaps://u:p@h/INBOX"}, "SMTP_URL manca"),
        (("worker",), {}, "niente da fare"),
        (("migrate",), {"DATABASE_URL": "mysql://x"}, "sqlite:///"),
        (("programme", "load", "knowledge/programme.toml"), {"DATABASE_URL": "sqlite:///:memory:"}, "in memoria"),
        (
            ("programme", "load", "missing.toml"),
            {"DATABASE_URL": "sqlite:///{folder}/bot.db"},
            "non si può leggere",
        ),
        (("registrations", "export", "--format", "pdf"), {}, "json, csv o xlsx"),
        (("evaluate", "missing.jsonl"), {}, "non si può leggere"),
        (("run",), {"TELEGRAM_TOKN": "100000:abc"}, "forse TELEGRAM_TOKEN?"),
        (("run",), {"TELEGRAM_BOT_TOKEN": "100000:abc"}, "forse TELEGRAM_TOKEN?"),
        (("run",), {"STAFF_EMAIL": "ufficio@lucca.example"}, "manca il canale"),
        (("programme", "show"), {"DATABASE_URL": "sqlite:///tests/mails/pec_transport.eml"}, "non è un database"),
        (("programme", "show"), {"DATABASE_URL": "sqlite:///tests"}, "non si può aprire o scrivere (è una cartella)"),
        (("programme", "show"), {"DATABASE_URL": "postgresql://u:segreta@127.0.0.1:9/x"}, "nessuno risponde"),
    ],
)
async def test_faults_are_said_in_a_sentence(
    arguments: tuple[str, ...], environment: dict[str, str], part: str, tmp_path: Path
) -> None:
    given = {name: value.replace("{folder}", str(tmp_path)) for name, value in environment.items()}
    said = await luccabot(*arguments, code=1, env=given)
    assert part in said
    assert "Traceback" not in said
    assert "segreta" not in said


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "Usage: "),
        (("programme",), "Il programma degli incontri."),
        (("rn",), "Did you mean 'run'?"),
        (("run", "extra"), "extra"),
        (("chat", "--nope"), "--nope"),
        (("web", "--port", "x"), "--port"),
        (("explain",), "FILES"),
        (("person", "export"), "ADDRESS"),
    ],
)
async def test_wrong_use_ends_with_two_and_says_how_it_is_used(arguments: tuple[str, ...], part: str) -> None:
    assert part in await luccabot(*arguments, code=2)


async def test_commands_are_listed_as_one_needs_them_and_groups_below() -> None:
    listed = re.findall(r"^  (\w+)  ", (await luccabot("--help")).partition("Commands:")[2], re.MULTILINE)
    assert listed[:3] == ["run", "web", "worker"]
    assert listed[-6:] == ["programme", "registrations", "person", "staff", "broadcast", "mailbox"]


async def test_ctrl_c_ends_a_command_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.commands.database.show", interrupted)
    assert await luccabot("programme", "show", code=130) == ""


async def test_a_fault_ends_the_process() -> None:
    said = await luccabot_process("run", code=1, env={"TELEGRAM_TOKN": "100000:abc"})
    assert said.startswith("TELEGRAM_TOKN non è un'impostazione")
    assert "Traceback" not in said


async def test_what_tries_out_touches_no_database_of_an_office(tmp_path: Path) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"}
    await luccabot("migrate", env=here)
    for arguments in (("run",), ("chat",), ("explain", "tests/mails/pec_transport.eml")):
        assert "non è di una prova" in await luccabot(*arguments, code=1, env=here)
    assert await luccabot("programme", "show", env=here) == ""


async def test_the_offices_commands_follow_the_clock_of_a_sandbox(tmp_path: Path) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'prova.db'}"}
    await luccabot(
        "chat",
        "--jsonl",
        "--at",
        "2021-01-20T10:00",
        stdin='{"text":"veniamo in tre giovedì, Circolo Il Noce, Ugo Tei"}\n{"press":"yes"}\n',
        env=here,
    )
    foreseen = await luccabot("forecast", env=here)
    assert "21/01/2021 09.00  promemoria  " in foreseen
    assert foreseen.endswith("\n1 messaggio in programma\n")
    listed = await luccabot("forecast", "--json", env=here)
    assert listed == json.dumps(json.loads(listed), ensure_ascii=False, indent=1) + "\n"
    assert json.loads(listed)
    again = await luccabot("chat", "--jsonl", stdin='{"text":"sono iscritto?"}\n', env=here)
    assert json.loads(again)["state"]["registrations"][0]["meeting"] == "2021-01-21"
    channel = {"TELEGRAM_TOKEN": "100000:abc", "TELEGRAM_API_URL": "http://127.0.0.1:9"}
    assert "il database di una prova" in await luccabot("worker", code=1, env=here | channel)


async def test_what_the_office_taught_in_a_sandbox_is_known_to_chat_and_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'prova.db'}"
    letter = tmp_path / "bici.eml"
    letter.write_bytes(
        b"From: ada@posta.example\r\nSubject: Biciclette\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + f"Buongiorno,\n{HELD_BACK[0]}\n".encode()
    )
    monkeypatch.setenv("DATABASE_URL", url)
    asked = json.dumps({"text": HELD_BACK[0]}) + "\n"

    async def answers() -> tuple[str, str, str]:
        """What ``chat`` says, what ``explain`` says, and what they know."""
        monkeypatch.setattr("sys.stdin", io.StringIO(asked))
        await talk(jsonl=True, at="")
        said = json.loads(capsys.readouterr().out)["replies"][0]["text"]
        await explain_files([letter], jsonl=True, at="")
        out, known = capsys.readouterr()
        return said, json.loads(out)["reply"]["text"], known

    before = await answers()
    assert not any("rastrelliera per venti" in said for said in before)
    assert "voci insegnate dall'ufficio: nessuna" in before[2]
    database = Database(url)
    async with database.begin() as tx:
        draft = await add_draft(tx, read_wording(FORM, TODAY), NOW, by=TERMINAL)
        await keep_trial(tx, draft, CLEAN, NOW, by=TERMINAL)
        await publish(tx, draft.id, NOW, by=TERMINAL, role=Role.MANAGER)
    said, written, known = await answers()
    assert "rastrelliera per venti biciclette" in said
    assert "rastrelliera per venti biciclette" in written
    assert "voci insegnate dall'ufficio: 1" in known
    async with database.begin() as tx:
        await withdraw(tx, draft.id, NOW, by=TERMINAL)
    await database.close()
    assert "voci insegnate dall'ufficio: nessuna" in (await answers())[2]


async def test_files_from_windows_and_for_excel(tmp_path: Path) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}", "CLOCK": "2021-01-15T09:00"}
    for name, text in (
        ("programma.toml", Path("knowledge/programme.toml").read_text(encoding="utf-8")),
        ("avviso.txt", "Avviso importante\n\nLa riunione è confermata."),
        (
            "in.json",
            json.dumps(
                [
                    {
                        "meeting": "2021-01-21",
                        "sector": "sport",
                        "name": "Niccolò",
                        "organisation": "x;=1+1",
                        "participants": 3,
                        "status": "confirmed",
                        "channel": "email",
                        "address": "a@posta.example",
                    }
                ]
            ),
        ),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8-sig")
    await luccabot("programme", "load", str(tmp_path / "programma.toml"), env=here)
    said = await luccabot("broadcast", "preview", str(tmp_path / "avviso.txt"), env=here)
    assert "\n\nAvviso importante" in said
    assert "nuove: 1" in await luccabot("registrations", "import", str(tmp_path / "in.json"), env=here)
    table = tmp_path / "out.csv"
    await luccabot("registrations", "export", "--format", "csv", "--output", str(table), env=here)
    assert table.read_bytes().startswith(b"\xef\xbb\xbfmeeting,")
    assert "Niccolò,x;'=1+1" in table.read_text(encoding="utf-8-sig")
    assert (await luccabot("registrations", "export", "--format", "csv", env=here)).startswith("meeting,")


async def test_the_terminal_asks_for_approval_where_the_console_does(tmp_path: Path) -> None:
    here = {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}", "APPROVE_ABOVE": "2"}
    await luccabot("migrate", env=here)
    await luccabot("programme", "load", str(ROOT / "knowledge/towns/lucca/programme.toml"), env=here)
    database = Database(here["DATABASE_URL"])
    await register(database, 2, 3)
    letter = tmp_path / "avviso.txt"
    letter.write_text("Avviso\nSi entra dal cortile.", encoding="utf-8")
    to_all = ("broadcast", "send", str(letter), "--meeting", "2")
    said = await luccabot(*to_all, env=here)
    assert "l'avviso n. 1 aspetta l'approvazione, perché va a più persone di APPROVE_ABOVE (2)" in said
    async with database.look() as tx:
        held = await get_broadcast(tx, 1)
        assert held is not None
        assert (held.state, held.author, len(await addressed(tx, 1))) == (BroadcastState.WAITING, None, 0)
    assert "è stato buttato, con il suo testo" in await luccabot("broadcast", "stop", "1", env=here)
    assert "destinatari: 3" in await luccabot(*to_all, env=here | {"APPROVE_ABOVE": "3"})
    assert "già stato mandato" in await luccabot(*to_all, env=here, code=1)
    nobody = await luccabot("broadcast", "send", str(letter), env=here, code=1)
    assert "niente da mandare: nessuno lo riceverebbe" in nobody
    async with database.look() as tx:
        assert len(await all_broadcasts(tx)) == 1
    await database.close()


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "x;=1", "x; @y", 'x;"=1', "x\n=1", "x\r\n-1", "＝1", 'a"\t+1'],
)
def test_no_cell_is_a_formula(value: str) -> None:
    row = dict.fromkeys(("meeting", "sector", "status", "channel", "address", "registered_at"), "") | {
        "name": value,
        "organisation": "",
        "participants": 1,
    }
    for separator in ",;\t":
        for line in csv.reader(io.StringIO(Table("", tuple(row), [row]).as_csv(), newline=""), delimiter=separator):
            for cell in line:
                assert not re.match(r"[\s\"]*[=+\-@＝＋－＠]", cell), (separator, cell)


def in_turn(*commands: tuple[str, ...], before: str = "") -> str:
    """A program that runs commands one after the other as ``python -m bot`` does each, and prints how each ended."""
    return f"""
import sys
{before}
from bot.__main__ import main
for command in {commands!r}:
    sys.argv = ["bot", *command]
    try:
        main()
    except SystemExit as end:
        print("ENDED", command[0], end.code)
"""


async def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    exports = [
        ("registrations", "export", "--format", form, "--output", str(folder / f"out.{form}"))
        for form in ("json", "csv", "xlsx")
    ]
    program = in_turn(("migrate",), ("programme", "load", str(ROOT / "knowledge/programme.toml")), *exports)
    said = await python("-c", program, env={"DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"})
    assert re.findall(r"ENDED \w+ (\d)", said) == ["0"] * 5
    made = [tmp_path / "new", *(tmp_path / "new").iterdir()]
    assert len(made) >= 5
    assert {oct(path.stat().st_mode & 0o077) for path in made} == {"0o0"}


async def test_doctor_says_what_to_do_about_each_fault(tmp_path: Path) -> None:
    said = await luccabot(
        "doctor",
        code=1,
        env={
            "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}",
            "IMAP_URL": "imap://u:p@127.0.0.1:9/INBOX",
            "SMTP_URL": "smtp://127.0.0.1:9",
        },
    )
    assert "✗ database" in said
    assert "python -m bot migrate" in said
    assert "✗ casella (IMAP)" in said
    assert "✗ invio (SMTP)" in said


async def test_doctor_finds_nothing_wrong_where_nothing_is_configured() -> None:
    assert "python -m bot run avvia la prova" in await luccabot("doctor")
    assert "manca il canale" in await luccabot("doctor", code=1, env={"STAFF_EMAIL": "ufficio@lucca.example"})


async def test_doctor_tells_a_wrong_folder_from_a_wrong_password(tmp_path: Path) -> None:
    post = Post({"bot@lucca.example": "segreta"}, imap_port=free_port(), smtp_port=free_port())
    await post.start()
    database = tmp_path / "bot.db"
    here = {"DATABASE_URL": f"sqlite:///{database}", "SMTP_URL": f"smtp://127.0.0.1:{post.smtp_port}"}
    await luccabot("migrate", env={"DATABASE_URL": here["DATABASE_URL"]})
    try:
        for password, folder, part in (
            (
                "segreta",
                "Nessuna",
                "l'accesso riesce, ma la cartella «Nessuna» non si apre: in IMAP_URL metterne una di queste: «INBOX»",
            ),
            ("sbagliata", "INBOX", "l'accesso è rifiutato: controllare utente e password"),
        ):
            address = f"imap://bot%40lucca.example:{password}@127.0.0.1:{post.imap_port}/{folder}"
            assert f"✗ casella (IMAP): {part}" in await luccabot("doctor", code=1, env=here | {"IMAP_URL": address})
        database.chmod(0o644)
        address = f"imap://bot%40lucca.example:segreta@127.0.0.1:{post.imap_port}/INBOX"
        said = await luccabot("doctor", code=1, env=here | {"IMAP_URL": address})
        assert "✗ database" in said
        assert "chmod 600" in said
        assert "✓ casella" in said
    finally:
        await post.stop()


async def test_what_is_forecast_is_what_is_sent(town: Town) -> None:
    from office.forecast import foresee

    club = town.association()
    await registered(town.citizen(), "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await club.writes("Siamo il Circolo Tennis Esempio, veniamo in due venerdì 22")
    await club.gets("Iscrizione confermata")
    await town.quiet()
    expected = await foresee(town.system.database, town.settings.schedule, town.clock())
    assert len(expected) == 4
    for row in expected:
        if row["due_at"] > town.clock():
            town.clock.move_to(row["due_at"])
        await town.quiet()
    sent = await town.rows("SELECT channel FROM outbox WHERE kind = 'reminder' AND state = 'sent' ORDER BY due_at, id")
    assert [c for (c,) in sent] == [row["channel"] for row in expected]


@pytest.mark.parametrize("library", ["pymap", "aiosmtpd"])
async def test_where_the_sandboxs_libraries_are_missing_only_it_says_so(library: str, tmp_path: Path) -> None:
    program = in_turn(
        ("run",), ("migrate",), ("chat",), before=f"sys.modules[{library!r}] = None; sys.stderr = sys.stdout"
    )
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    said = await python("-c", program, env=kept | {"XDG_STATE_HOME": str(tmp_path)})
    tried, _, others = said.partition("ENDED run 1\n")
    assert f"non servono ({library}." in tried
    assert "pip install -r requirements.txt" in tried
    assert "Traceback" not in said
    assert "ENDED migrate 0" in others
    assert "ENDED chat 0" in others


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; sys.argv=['bot','--help'];\ntry:\n  from bot.__main__ import app; app()\nexcept "
        "SystemExit: pass\nprint('HEAVY', [m for m in "
        "('telegram','sqlalchemy','starlette','imapclient','aiogram','apscheduler') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "HEAVY []" in done.stdout
