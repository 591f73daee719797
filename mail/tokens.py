"""Access tokens for XOAUTH2: from a file that something else keeps fresh, or from the provider by client credentials.

Needed by Microsoft 365, which switches passwords off for IMAP and SMTP.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Token = Callable[[], str]


class TokenError(RuntimeError):
    """No access token could be had."""


def from_file(path: str) -> Token:
    """The token in ``path``, read anew at each login."""

    def read() -> str:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            msg = f"MAIL_OAUTH_TOKEN_FILE non si può leggere: {error.strerror}"
            raise TokenError(msg) from error

    return read


@dataclass(slots=True)
class ClientCredentials:
    """The OAuth 2.0 client credentials grant (RFC 6749 §4.4), the token kept until a minute before it expires."""

    url: str
    client_id: str
    client_secret: str
    scope: str
    _token: str = field(default="", init=False)
    _until: float = field(default=0.0, init=False)

    def __call__(self) -> str:
        """A valid access token. Raises ``TokenError``."""
        if time.monotonic() < self._until:
            return self._token
        import httpx

        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        try:
            answer = httpx.post(self.url, data=form, timeout=20)
            answer.raise_for_status()
            data = answer.json()
            self._token = str(data["access_token"])
            self._until = time.monotonic() + float(data.get("expires_in", 600)) - 60
        except (httpx.HTTPError, KeyError, ValueError) as error:
            msg = f"il fornitore non ha dato un token di accesso: {type(error).__name__}"
            raise TokenError(msg) from error
        return self._token
