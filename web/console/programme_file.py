"""The programme from a file: first what it would do, then the same for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile
from starlette.responses import Response

from office.errors import RefusedError
from office.programme import Loaded, load_programme, plan_programme
from web.console.routes import ROOT
from web.console.visit import Visit

#: The name that faults of the file carry.
_NAME = "programma.toml"


async def show(visit: Visit) -> Response:
    """The form."""
    return await visit.show("programme_file.html", title="Carica il programma", fault="", loaded=None, words="")


async def load(visit: Visit) -> Response:
    """What the file would do; with ``conferma``, done."""
    words, schedule, now = await _words(visit), visit.world.schedule, visit.times.now
    try:
        with _file(words) as path:
            if visit.text("conferma"):
                async with visit.begin() as tx:
                    loaded = await load_programme(tx, path, schedule, now, by=visit.by)
                return await visit.redirect(f"{ROOT}/incontri", _said(loaded))
            async with visit.look() as tx:
                loaded = await plan_programme(tx, path, schedule, now)
    except RefusedError as refused:
        values = {"fault": str(refused), "loaded": None, "words": ""}
        return await visit.show("programme_file.html", title="Carica il programma", status=422, **values)
    return await visit.show("programme_file.html", title="Prima di caricare", fault="", loaded=loaded, words=words)


async def _words(visit: Visit) -> str:
    given = visit.form.get("file")
    if not isinstance(given, UploadFile):
        return visit.text("testo").replace("\r\n", "\n")
    try:
        return (await given.read()).decode("utf-8-sig", "replace")
    finally:
        await given.close()


@contextmanager
def _file(words: str) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        path.write_text(words, encoding="utf-8")
        yield path


def _said(loaded: Loaded) -> str:
    notices = sum(change.leaving for change in loaded.told)
    said = f"Caricato: {len(loaded.added)} nuovi, {len(loaded.changed)} cambiati, {loaded.unchanged} com'erano."
    return f"{said} Aggiornamenti pronti: {notices}." if notices else said
