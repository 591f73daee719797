"""``python -m bot …``: the commands. Texts are Italian; what each does stands in docs/running.md."""

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

#: What a shell calls the end by Ctrl+C: 128 and the number of the signal.
_INTERRUPTED = 130


class _Commands(click.Group):
    """Commands, listed in the order in which they stand here; Ctrl+C ends one without a word."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(_INTERRUPTED) from None


app = _Commands(help="Il bot della learning city: iscrive agli incontri, risponde, ricorda.")
programme = _Commands("programme", help="Il programma degli incontri.")
registrations = _Commands("registrations", help="Le iscrizioni.")
person = _Commands("person", help="Le richieste sui dati personali.")
staff = _Commands("staff", help="Gli operatori.")
broadcast = _Commands("broadcast", help="Un messaggio per molti.")
mailbox = _Commands("mailbox", help="La casella di posta.")

_PATH = click.Path(path_type=Path)
_json = click.option("--json", "as_json", is_flag=True, help="In JSON, per altri programmi.")
_jsonl = click.option("--jsonl", is_flag=True, help="Un oggetto JSON per riga.")
_at = click.option("--at", default="", help="L'ora ISO da cui parte l'orologio, es. 2021-01-15T09:00.")
_file = click.argument("file", type=_PATH, help="Il file.")
_files = click.argument("files", type=_PATH, nargs=-1, required=True, help="I file.")
_meeting = click.option("--meeting", type=int, help="A chi è iscritto a questo incontro (numero).")
_words = click.argument("file", type=_PATH, help="Un file di testo: la prima riga è l'oggetto.")
_address = click.argument("address", help="E-mail, oppure numero della chat.")
_email = click.argument("email", help="L'e-mail dell'operatore.")


def run_work(work: Coroutine[Any, Any, int | None]) -> None:
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
        raise SystemExit(code)


@app.command("run")
def run_all() -> None:
    """Tutto in un processo; senza configurazione parte la prova (sandbox)."""
    from bot.commands.serving import run

    run_work(run(web=True, worker=True))


@app.command()
@click.option("--port", type=int, help="La porta (altrimenti PORT).")
def web(port: int | None) -> None:
    """La parte web: webhook di Telegram, stato di salute."""
    from bot.commands.serving import run

    run_work(run(web=True, worker=False, **({"port": port} if port else {})))


@app.command()
def worker() -> None:
    """Ascolta Telegram e la casella, risponde, manda i promemoria."""
    from bot.commands.serving import run

    run_work(run(web=False, worker=True))


@app.command()
def migrate() -> None:
    """Porta il database all'ultima versione."""
    from bot.commands.database import upgrade

    run_work(upgrade())


@app.command()
def doctor() -> None:
    """Controlla impostazioni, database, posta, token, orologio, e dice che cosa correggere."""
    from bot.commands.doctor import examine

    run_work(examine())


@app.command()
@_jsonl
@_at
def chat(*, jsonl: bool, at: str) -> None:
    """Parla con il bot nel terminale, senza Telegram."""
    from bot.commands.chat import talk

    run_work(talk(jsonl=jsonl, at=at))


@app.command()
@_files
@_jsonl
@_at
def explain(files: tuple[Path, ...], *, jsonl: bool, at: str) -> None:
    """Legge e-mail grezze e dice che cosa il bot capirebbe e risponderebbe, senza cambiare nulla."""
    from bot.commands.explain import explain_files

    run_work(explain_files(files, jsonl=jsonl, at=at))


@programme.command("load")
@_file
def programme_load(file: Path) -> None:
    """Carica incontri e settori da un file TOML; chi è iscritto a un incontro cambiato viene avvisato."""
    from bot.commands.database import load

    run_work(load(file))


@programme.command("undo")
@click.argument("meeting", type=int, required=False, help="L'ultimo di questo incontro (numero).")
def programme_undo(meeting: int | None) -> None:
    """Ritira l'ultimo cambiamento che gli iscritti non sanno ancora (CHANGE_GRACE); si può ripetere."""
    from bot.commands.database import undo

    run_work(undo(meeting))


@programme.command("show")
def programme_show() -> None:
    """Mostra il programma."""
    from bot.commands.database import show

    run_work(show())


@registrations.command("import")
@_file
def registrations_import(file: Path) -> None:
    """Importa iscrizioni da JSON."""
    from bot.commands.registrations import import_file

    run_work(import_file(file))


@registrations.command("export")
@click.option("--format", "form", default="json", show_default=True, help="json, csv o xlsx.")
@click.option("--meeting", type=int, help="Solo un incontro (numero).")
@click.option("--output", type=_PATH, help="Il file da scrivere (per xlsx necessario).")
def registrations_export(form: str, meeting: int | None, output: Path | None) -> None:
    """Esporta le iscrizioni."""
    from bot.commands.registrations import export

    run_work(export(form, meeting, output))


@app.command()
@_json
def forecast(*, as_json: bool) -> None:
    """Ogni messaggio che uscirà: a chi, quando, perché."""
    from bot.commands.forecast import show_forecast

    run_work(show_forecast(as_json=as_json))


@app.command("doubts")
@_json
@click.option("--again", type=int, help="Manda di nuovo questo messaggio (numero).")
def uncertain(*, as_json: bool, again: int | None) -> None:
    """I messaggi rimasti in dubbio per un arresto improvviso, e che ne è stato."""
    from bot.commands.forecast import let_go_again, show_uncertain

    run_work(show_uncertain(as_json=as_json) if again is None else let_go_again(again))


@broadcast.command("preview")
@_words
@_meeting
def broadcast_preview(file: Path, *, meeting: int | None) -> None:
    """A quante persone andrebbe, e come si legge; non manda nulla."""
    from bot.commands.broadcast import preview

    run_work(preview(file, meeting))


@broadcast.command("send")
@_words
@_meeting
def broadcast_send(file: Path, *, meeting: int | None) -> None:
    """Lo manda, dopo dieci minuti, a chi ha chiesto gli avvisi o a chi è iscritto a un incontro."""
    from bot.commands.broadcast import send

    run_work(send(file, meeting))


@broadcast.command("stop")
@click.argument("number", type=int, help="Il numero dell'avviso.")
def broadcast_stop(number: int) -> None:
    """Ferma ciò che non è ancora partito."""
    from bot.commands.broadcast import stop

    run_work(stop(number))


@mailbox.command("show")
def mailbox_show() -> None:
    """I messaggi che erano nella casella prima che il bot la leggesse."""
    from bot.commands.mailbox import show

    run_work(show())


@mailbox.command("adopt")
@click.option("--since", default="", help="Da questo giorno in poi, es. 2026-01-31.")
@click.option("--all", "everything", is_flag=True, help="Tutti.")
@click.option("--none", "nothing", is_flag=True, help="Nessuno: restano come sono.")
def mailbox_adopt(*, since: str, everything: bool, nothing: bool) -> None:
    """Fa leggere al bot i messaggi che erano già nella casella; mai quelli già risposti o troppo vecchi."""
    from bot.commands.mailbox import decide

    run_work(decide(since, everything=everything, nothing=nothing))


@app.command()
def resume() -> None:
    """Manda ciò che era trattenuto dopo un lungo arresto o un ripristino."""
    from bot.commands.resume import resume as let_go

    run_work(let_go())


@app.command()
@_json
def stopped(*, as_json: bool) -> None:
    """Le e-mail rimaste senza risposta e perché, e i recapiti che non ricevono più."""
    from bot.commands.stopped import show_stopped

    run_work(show_stopped(as_json=as_json))


@person.command("export")
@_address
def person_export(address: str) -> None:
    """Tutti i dati di una persona, in JSON."""
    from bot.commands.person import export

    run_work(export(address))


@person.command("erase")
@_address
def person_erase(address: str) -> None:
    """Cancella tutti i dati di una persona."""
    from bot.commands.person import erase

    run_work(erase(address))


@person.command("revoke")
@_address
def person_revoke(address: str) -> None:
    """Annulla i collegamenti nelle e-mail mandate finora a un indirizzo."""
    from bot.commands.person import revoke

    run_work(revoke(address))


@staff.command("add")
@_email
@click.option("--role", default="operatore", show_default=True, help="lettore, operatore o responsabile.")
def staff_add(email: str, role: str) -> None:
    """Aggiunge un operatore della console e dà il collegamento con cui entra la prima volta."""
    from bot.commands.staff import add

    run_work(add(email, role))


@staff.command("reset")
@_email
def staff_reset(email: str) -> None:
    """Dà un collegamento nuovo a chi ha perso la password o il telefono."""
    from bot.commands.staff import reset

    run_work(reset(email))


@app.command()
@_files
@_json
def evaluate(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Misura la comprensione su esempi etichettati."""
    from bot.commands.evaluate import evaluate_files

    run_work(evaluate_files(files, as_json=as_json))


for _group in (programme, registrations, person, staff, broadcast, mailbox):  # listed below the single commands
    app.add_command(_group)


def start_quickly() -> None:
    """Spend no start-up time on what nobody sees (measured: docs/measurements.md).

    pydantic looks through every installed distribution for plug-ins, of which there are none; the garbage collector
    would walk the hundred thousand objects of the modules again and again while they load: it begins with the command
    itself. structlog and httpx load rich and pygments where they find them, which is beside the tools of development.
    """
    gc.disable()
    gc.set_threshold(10_000, 20, 20)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for unseen in ("rich", "httpx._main"):
        sys.modules[unseen] = None  # type: ignore[assignment] # as if it were not installed (importlib's own way)


def main() -> None:
    """Entry point of the ``luccabot`` script."""
    os.umask(0o077)  # whatever a command writes holds people's data or the signing key
    start_quickly()
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
