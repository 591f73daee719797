"""The one program that reads signatures for us (S/MIME, RFC 8551)."""

import subprocess

_SECONDS = 10


def run_openssl(*arguments: str, given: bytes = b"") -> bytes | None:
    """What ``openssl`` says; ``None`` when it fails or is not there."""
    try:
        done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=_SECONDS)  # noqa: S603, S607 - fixed words, and the administrator's PATH
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
