"""``python -m bot …``: the commands. Texts are Italian; what each does stands in docs/running.md."""

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Il bot della learning city: iscrive agli incontri, risponde, ricorda.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
programme = typer.Typer(help="Il programma degli incontri.", no_args_is_help=True)
registrations = typer.Typer(help="Le iscrizioni.", no_args_is_help=True)
person = typer.Typer(help="Le richieste sui dati personali.", no_args_is_help=True)
staff = typer.Typer(help="Gli operatori.", no_args_is_help=True)
broadcast = typer.Typer(help="Un messaggio per molti.", no_args_is_help=True)
mailbox = typer.Typer(help="La casella di posta.", no_args_is_help=True)
app.add_typer(programme, name="programme")
app.add_typer(registrations, name="registrations")
app.add_typer(person, name="person")
app.add_typer(staff, name="staff")
app.add_typer(broadcast, name="broadcast")
app.add_typer(mailbox, name="mailbox")

_Json = Annotated[bool, typer.Option("--json", help="In JSON, per altri programmi.")]
_Jsonl = Annotated[bool, typer.Option("--jsonl", help="Un oggetto JSON per riga.")]
_At = Annotated[str, typer.Option("--at", help="L'ora ISO da cui parte l'orologio, es. 2021-01-15T09:00.")]
_File = Annotated[Path, typer.Argument(help="Il file.")]
_Files = Annotated[list[Path], typer.Argument(help="I file.")]
_Meeting = Annotated[int | None, typer.Option("--meeting", help="A chi è iscritto a questo incontro (numero).")]
_Words = Annotated[Path, typer.Argument(help="Un file di testo: la prima riga è l'oggetto.")]
_Address = Annotated[str, typer.Argument(help="E-mail, oppure numero della chat.")]


def _run(work: Coroutine[Any, Any, int | None]) -> None:
    """Run a command; its code, when there is one, is the process's."""
    if not gc.isenabled():  # what was loaded meanwhile stays: no collection needs to walk it
        gc.freeze()
        gc.enable()
    try:
        import uvloop

        runner: Any = uvloop.run
    except ImportError:
        runner = asyncio.run
    code = runner(work)
    if code:
        raise typer.Exit(code)


@app.command("run")
def run_all() -> None:
    """Tutto in un processo; senza configurazione parte la prova (sandbox)."""
    from bot.commands.serving import run

    _run(run(web=True, worker=True))


@app.command()
def web(port: Annotated[int | None, typer.Option(help="La porta (altrimenti PORT).")] = None) -> None:
    """La parte web: webhook di Telegram, stato di salute."""
    from bot.commands.serving import run

    _run(run(web=True, worker=False, **({"port": port} if port else {})))


@app.command()
def worker() -> None:
    """Ascolta Telegram e la casella, risponde, manda i promemoria."""
    from bot.commands.serving import run

    _run(run(web=False, worker=True))


@app.command()
def migrate() -> None:
    """Porta il database all'ultima versione."""
    from bot.commands.database import upgrade

    _run(upgrade())


@app.command()
def doctor() -> None:
    """Controlla impostazioni, database, posta, token, orologio, e dice che cosa correggere."""
    from bot.commands.doctor import examine

    _run(examine())


@app.command()
def chat(*, jsonl: _Jsonl = False, at: _At = "") -> None:
    """Parla con il bot nel terminale, senza Telegram."""
    from bot.commands.chat import talk

    _run(talk(jsonl=jsonl, at=at))


@app.command()
def explain(files: _Files, *, jsonl: _Jsonl = False, at: _At = "") -> None:
    """Legge e-mail grezze e dice che cosa il bot capirebbe e risponderebbe, senza cambiare nulla."""
    from bot.commands.explain import explain_files

    _run(explain_files(files, jsonl=jsonl, at=at))


@programme.command("load")
def programme_load(file: _File) -> None:
    """Carica incontri e settori da un file TOML; chi è iscritto a un incontro cambiato viene avvisato."""
    from bot.commands.database import load

    _run(load(file))


@programme.command("undo")
def programme_undo(
    meeting: Annotated[int | None, typer.Argument(help="L'ultimo di questo incontro (numero).")] = None,
) -> None:
    """Ritira l'ultimo cambiamento che gli iscritti non sanno ancora (CHANGE_GRACE); si può ripetere."""
    from bot.commands.database import undo

    _run(undo(meeting))


@programme.command("show")
def programme_show() -> None:
    """Mostra il programma."""
    from bot.commands.database import show

    _run(show())


@registrations.command("import")
def registrations_import(file: _File) -> None:
    """Importa iscrizioni da JSON."""
    from bot.commands.registrations import import_file

    _run(import_file(file))


@registrations.command("export")
def registrations_export(
    form: Annotated[str, typer.Option("--format", help="json, csv o xlsx.")] = "json",
    meeting: Annotated[int | None, typer.Option(help="Solo un incontro (numero).")] = None,
    output: Annotated[Path | None, typer.Option(help="Il file da scrivere (per xlsx necessario).")] = None,
) -> None:
    """Esporta le iscrizioni."""
    from bot.commands.registrations import export

    _run(export(form, meeting, output))


@app.command()
def forecast(*, as_json: _Json = False) -> None:
    """Ogni messaggio che uscirà: a chi, quando, perché."""
    from bot.commands.forecast import show_forecast

    _run(show_forecast(as_json=as_json))


@app.command()
def doubts(
    *,
    as_json: _Json = False,
    again: Annotated[int | None, typer.Option("--again", help="Manda di nuovo questo messaggio (numero).")] = None,
) -> None:
    """I messaggi rimasti in dubbio per un arresto improvviso, e che ne è stato."""
    from bot.commands.forecast import let_go_again, show_doubts

    _run(show_doubts(as_json=as_json) if again is None else let_go_again(again))


@broadcast.command("preview")
def broadcast_preview(file: _Words, *, meeting: _Meeting = None) -> None:
    """A quante persone andrebbe, e come si legge; non manda nulla."""
    from bot.commands.broadcast import preview

    _run(preview(file, meeting))


@broadcast.command("send")
def broadcast_send(file: _Words, *, meeting: _Meeting = None) -> None:
    """Lo manda, dopo dieci minuti, a chi ha chiesto gli avvisi o a chi è iscritto a un incontro."""
    from bot.commands.broadcast import send

    _run(send(file, meeting))


@broadcast.command("stop")
def broadcast_stop(number: Annotated[int, typer.Argument(help="Il numero dell'avviso.")]) -> None:
    """Ferma ciò che non è ancora partito."""
    from bot.commands.broadcast import stop

    _run(stop(number))


@mailbox.command("show")
def mailbox_show() -> None:
    """I messaggi che erano nella casella prima che il bot la leggesse."""
    from bot.commands.mailbox import show

    _run(show())


@mailbox.command("adopt")
def mailbox_adopt(
    *,
    since: Annotated[str, typer.Option("--since", help="Da questo giorno in poi, es. 2026-01-31.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Tutti.")] = False,
    nothing: Annotated[bool, typer.Option("--none", help="Nessuno: restano come sono.")] = False,
) -> None:
    """Fa leggere al bot i messaggi che erano già nella casella; mai quelli già risposti o troppo vecchi."""
    from bot.commands.mailbox import decide

    _run(decide(since, everything=everything, nothing=nothing))


@app.command()
def resume() -> None:
    """Manda ciò che era trattenuto dopo un lungo arresto o un ripristino."""
    from bot.commands.resume import resume as let_go

    _run(let_go())


@app.command()
def stopped(*, as_json: _Json = False) -> None:
    """Le e-mail rimaste senza risposta e perché, e i recapiti che non ricevono più."""
    from bot.commands.stopped import show_stopped

    _run(show_stopped(as_json=as_json))


@person.command("export")
def person_export(address: _Address) -> None:
    """Tutti i dati di una persona, in JSON."""
    from bot.commands.person import export

    _run(export(address))


@person.command("erase")
def person_erase(address: _Address) -> None:
    """Cancella tutti i dati di una persona."""
    from bot.commands.person import erase

    _run(erase(address))


@person.command("revoke")
def person_revoke(address: _Address) -> None:
    """Annulla i collegamenti nelle e-mail mandate finora a un indirizzo."""
    from bot.commands.person import revoke

    _run(revoke(address))


@staff.command("add")
def staff_add(
    email: Annotated[str, typer.Argument(help="L'e-mail dell'operatore.")],
    role: Annotated[str, typer.Option("--role", help="lettore, operatore o responsabile.")] = "operatore",
) -> None:
    """Aggiunge un operatore della console e dà il collegamento con cui entra la prima volta."""
    from bot.commands.staff import add

    _run(add(email, role))


@staff.command("reset")
def staff_reset(email: Annotated[str, typer.Argument(help="L'e-mail dell'operatore.")]) -> None:
    """Dà un collegamento nuovo a chi ha perso la password o il telefono."""
    from bot.commands.staff import reset

    _run(reset(email))


@app.command()
def evaluate(files: _Files, *, as_json: _Json = False) -> None:
    """Misura la comprensione su esempi etichettati."""
    from bot.commands.evaluate import evaluate_files

    _run(evaluate_files(files, as_json=as_json))


def _start_quickly() -> None:
    """Spend no start-up time on what nobody sees (measured: docs/measurements.md).

    structlog and httpx load rich and pygments, if there, for colours and a command line of their own; pydantic looks
    through every installed distribution for plug-ins, of which there are none; the garbage collector would walk the
    hundred thousand objects of the modules again and again while they load: it begins with the command itself.
    """
    gc.disable()
    gc.set_threshold(50_000, 20, 20)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if "--help" not in sys.argv:
        sys.modules["httpx._main"] = None  # type: ignore[assignment]
        sys.modules["rich"] = None  # type: ignore[assignment]
        importlib.import_module("structlog")
        del sys.modules["rich"]


def main() -> None:
    """Entry point of the ``luccabot`` script."""
    os.umask(0o077)  # whatever a command writes holds people's data or the signing key
    _start_quickly()
    run_command(sys.argv[1:])


def run_command(arguments: list[str]) -> None:
    """Run one command and end as its process does (``SystemExit``).

    A fault that a person can mend is said in a sentence.
    """
    try:
        app(arguments)
    except Exception as error:
        from bot.errors import sentence

        said = sentence(error)
        if said is None:
            raise
        sys.stderr.write(f"{said}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
