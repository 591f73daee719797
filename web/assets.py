"""Static files, named after their content: a browser keeps each for ever and asks again only when it has changed."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.headers import ASSET

_FOLDER = Path(__file__).parent / "static"
_PREFIX = "/static/"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
_URL = re.compile(rb"url\(([\w.-]+)\)")


@dataclass(frozen=True, slots=True)
class _Asset:
    name: str
    content: bytes
    packed: bytes
    media_type: str


@cache
def _assets() -> dict[str, _Asset]:
    """By their names in the folder; style sheets last, for they name fonts."""
    found: dict[str, _Asset] = {}
    files = (f for f in _FOLDER.iterdir() if f.suffix in _TYPES)
    for file in sorted(files, key=lambda f: (f.suffix == ".css", f.name)):
        content = file.read_bytes()
        if file.suffix == ".css":
            content = _URL.sub(lambda m: b"url(" + found[m[1].decode()].name.encode() + b")", content)
        digest = hashlib.sha256(content).hexdigest()[:10]
        packed = b"" if file.suffix == ".woff2" else gzip.compress(content, mtime=0)
        found[file.name] = _Asset(f"{file.stem}.{digest}{file.suffix}", content, packed, _TYPES[file.suffix])
    return found


@cache
def _by_url() -> dict[str, _Asset]:
    return {a.name: a for a in _assets().values()}


def asset_url(name: str) -> str:
    """Where the file ``name`` of ``web/static`` is had. Raises ``KeyError``."""
    return _PREFIX + _assets()[name].name


async def _serve(request: Request) -> Response:
    asset = _by_url().get(request.path_params["name"])
    if asset is None:
        return Response(status_code=404)
    packed = asset.packed and "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {**ASSET, **({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else {})}
    return Response(asset.packed if packed else asset.content, media_type=asset.media_type, headers=headers)


def asset_routes() -> list[Route]:
    """The route of all files."""
    return [Route(_PREFIX + "{name}", _serve)]
