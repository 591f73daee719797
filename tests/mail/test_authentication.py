"""Who vouches for a sender, and what is nobody's proof (RFC 8601)."""

from email import message_from_string

import pytest

from conversation.message import Trust
from mail.screening.authentication import judge_sender

BORDER = "mx.comune.example"
GOOD = f"{BORDER}; dmarc=pass (p=none (sp=none)) header.from=posta.example"


def trust(*results: str, sender: str = "Anna <anna@posta.example>") -> Trust:
    head = "".join(f"Authentication-Results: {r}\n" for r in results)
    return judge_sender(message_from_string(f"{head}From: {sender}\n\nCiao"), BORDER)


def test_the_border_vouches() -> None:
    assert trust(GOOD) is Trust.PASS
    assert trust(GOOD, f"{BORDER}; dkim=pass header.d=posta.example") is Trust.PASS  # two filters, one verdict


@pytest.mark.parametrize(
    "results",
    [
        [f"{BORDER}; spf=none (a (; dmarc=pass header.from=posta.example ) b)"],
        [f"{BORDER}; spf=none (a (b); dmarc=pass header.from=posta.example"],
        [f"{BORDER}; dmarc=pass header.from=posta.example header.from=evil.example"],
        [f"{BORDER}; dmarc=pass header.from=evil.example header.from=posta.example"],
        [f"{BORDER}; dmarc=pass header.from=posta.example; dmarc=none header.from=posta.example"],
        [GOOD, f"{BORDER}; dmarc=pass header.from=posta.example"],
        [f"{BORDER}; spf=pass smtp.mailfrom=evil.example", GOOD],
        ["elsewhere.example; dmarc=pass header.from=posta.example", GOOD],
    ],
)
def test_what_two_may_read_differently_is_nobodys_proof(results: list[str]) -> None:
    assert trust(*results) is Trust.UNKNOWN


@pytest.mark.parametrize(
    "sender",
    [
        "vittima@posta.example, altri@posta.example",
        "vittima@posta.example <altri@posta.example>",
        "Anna <anna@posta.example>\nFrom: altri@posta.example",
        "Anna",
    ],
)
def test_two_senders_are_nobodys_proof(sender: str) -> None:
    assert trust(GOOD, sender=sender) is Trust.UNKNOWN


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=fail header.from=posta.example", Trust.FAIL),
        ("dmarc=fail (p=none) header.from=posta.example; spf=pass; dkim=pass", Trust.FAIL),
        ("spf=fail smtp.mailfrom=a@x.example; dkim=fail header.d=x.example", Trust.FAIL),
        ("dmarc=none header.from=posta.example; spf=fail; dkim=fail; dkim=fail", Trust.FAIL),
        ("spf=fail; dkim=pass", Trust.UNKNOWN),
        ("spf=fail; dkim=none", Trust.UNKNOWN),
        ("dkim=fail", Trust.UNKNOWN),
        ("dmarc=pass header.from=posta.example; spf=fail; dkim=fail", Trust.PASS),
    ],
)
def test_failing_is_dmarc_or_both(results: str, expected: Trust) -> None:
    assert trust(f"{BORDER}; {results}") is expected
