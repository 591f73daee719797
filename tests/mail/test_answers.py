"""Answers to FETCH as servers write them are read at once, and say what IMAPClient's parser would say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response

from mail.imap import answers

USUAL: list[list[Any]] = [
    # Dovecot
    [rb'1 (UID 7 RFC822.SIZE 500 INTERNALDATE "15-Jan-2021 09:00:00 +0100" FLAGS (\Seen $Forwarded))'],
    [(b"1 (UID 7 BODY[] {5}", b"ab\r\nc"), b")", (b"2 (UID 8 BODY[] {0}", b""), b")"],
    # Gmail, Exchange: the day with a blank, the number at the end
    [rb'1 (UID 7 RFC822.SIZE 500 INTERNALDATE " 5-Jan-2021 09:00:00 -0330" FLAGS ())'],
    [(b"1 (BODY[HEADER] {4}", b"A: b"), b" UID 7)"],
    [(rb"1 (FLAGS (\Seen) BODY[] {2}", b"ab"), b" UID 7)"],
    # What changed of a letter meanwhile, said aside
    [b"1 (UID 7 RFC822.SIZE 3)", rb"1 (FLAGS (\Answered))", b"2 (UID 8 RFC822.SIZE 4)"],
]
UNUSUAL: list[list[Any]] = [
    [None],
    [b"1 (UID 7 BODY[] NIL)"],
    [b'1 (UID 7 BODY[] "abc")'],
    [b"1 (UID 7 X-GM-LABELS (a b))"],
    [b"1 (uid 7 rfc822.size 5)"],
    [b'1 (UID 7 INTERNALDATE "15-Jan-0021 09:00:00 +0100")'],
    [b"1 (UID 7  RFC822.SIZE 5)"],
    [(b"1 (UID 7 BODY[] {1}", b"a"), (b" BODY[HEADER] {1}", b"b"), b" X 1)"],
]


def _by_imapclient(data: list[Any]) -> dict[int, dict[bytes, Any]]:
    found = parse_fetch_response(data, normalise_times=False, uid_is_key=False)
    return {place: {k: v for k, v in said.items() if k != b"SEQ"} for place, said in found.items()}


def _read(data: list[Any]) -> dict[int, dict[bytes, Any]]:
    return {place: {k: v for k, v in said.items() if k != b"SEQ"} for place, said in answers.read_fetched(data).items()}


@pytest.mark.parametrize("data", USUAL)
def test_the_usual_needs_no_parser(data: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _by_imapclient(data)

    def never(*_given: Any, **_named: Any) -> None:
        raise AssertionError("asked IMAPClient")

    monkeypatch.setattr(answers, "parse_fetch_response", never)
    assert _read(data) == expected


@pytest.mark.parametrize("data", UNUSUAL)
def test_the_unusual_is_read_by_imapclient(data: list[Any]) -> None:
    assert _read(data) == _by_imapclient(data)


_PIECES = st.sampled_from(
    [b"1", b" (", b"UID 7", b" ", b"RFC822.SIZE 3", rb"FLAGS (\Seen)", b"FLAGS ()", b")", b"BODY[] {1}", b"NIL", b'"',
     b'INTERNALDATE "31-Feb-2021 09:00:00 +0100"', b'INTERNALDATE " 1-Feb-2021 24:00:00 +9999"', b"BODY[] NIL"]
)  # fmt: skip


@given(st.lists(st.lists(_PIECES, max_size=8).map(b"".join), max_size=3), st.booleans())
def test_whatever_comes_is_read_as_imapclient_reads_it(lines: list[bytes], literal: bool) -> None:  # noqa: FBT001
    data: list[Any] = [(line, b"a") if line.endswith(b"}") and literal else line for line in lines]
    try:
        expected = _by_imapclient(data)
    except Exception as error:  # nonsense: both refuse it, whatever they stumble over
        with pytest.raises(type(error)):
            _read(data)
    else:
        assert _read(data) == expected
