"""One-click unsubscribing (RFC 8058): a signed link for one purpose and one address, good for a year.

Who has the link can only stop mail to the address that the link was sent to. Changing ``SECRET_KEY`` revokes all links.
"""

from itsdangerous import BadData, URLSafeTimedSerializer

PATH = "/u/"
_PURPOSE = "unsubscribe"
_YEAR = 366 * 24 * 3600


class Unsubscribing:
    """Makes and reads the links. ``base``: the public address of the web part; ``key``: ``SECRET_KEY``."""

    def __init__(self, base: str, key: str) -> None:
        self._base = base.rstrip("/")
        self._signer = URLSafeTimedSerializer(key, salt=_PURPOSE)

    def link(self, address: str) -> str:
        """The link for ``address``."""
        return f"{self._base}{PATH}{self._signer.dumps(address)}"

    def read(self, token: str) -> str | None:
        """The address in a link's token; ``None`` when it is forged, cut or too old."""
        try:
            return str(self._signer.loads(token, max_age=_YEAR))
        except BadData:
            return None
