"""The start line: what lies in the folder at first contact, or after a long absence, is counted and not touched.

The office may have answered it already. Staff see how many letters wait since when, and say from which day on they are
to be read (``python -m bot mailbox adopt``).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from db.cursors import MailCursor
from mail.imap.fetching import measure
from mail.imap.wire import MailboxClient

#: SEARCH compares days, in a zone of its own (RFC 9051 §6.4.4).
_DAY = timedelta(days=1)
_UNSETTLED = ["UNANSWERED", "UNDELETED", "UNDRAFT"]


def must_draw(cursor: MailCursor, now: datetime, longest_stop: timedelta) -> bool:
    """Whether this is the first contact, or the first after a stop longer than ``longest_stop``."""
    absent = cursor.seen_at is not None and now - cursor.seen_at > longest_stop
    return cursor.uidvalidity == 0 or absent


def draw(
    client: MailboxClient,
    cursor: MailCursor,
    *,
    uidvalidity: int,
    end: int,
    line_at: datetime,
    oldest: datetime,
    now: datetime,
) -> MailCursor:
    """The cursor from which reading goes on, with what lies before it counted.

    ``end``: the last UID of the open folder. ``line_at``: what came since then is new. ``oldest``: letters from before
    then are never read. A folder that was numbered anew is counted whole.
    """
    line_at = line_at.replace(microsecond=0)  # the server's moments are whole seconds
    same = cursor.uidvalidity == uidvalidity and cursor.last_uid <= end
    after = cursor.last_uid if same else 0
    last = _line(client, after, end, line_at, now)
    waits_after = min(cursor.lies_after, after) if cursor.lying and same else after
    lying = search(client, waits_after, last)
    young = measure(client, search(client, waits_after, last, since=oldest, only=_UNSETTLED))
    recent = [u for u, facts in young.items() if (facts.received or now) >= oldest]
    return replace(
        cursor,
        uidvalidity=uidvalidity,
        last_uid=last,
        line_at=line_at,
        seen_at=now,
        lying=len(lying),
        recent=len(recent),
        lying_since=measure(client, lying[:1])[lying[0]].received if lying else None,
        lies_after=waits_after,
        lies_until=last,
    )


def _line(client: MailboxClient, after: int, end: int, line_at: datetime, now: datetime) -> int:
    """The UID behind which only letters that came since ``line_at`` stand."""
    young = measure(client, search(client, after, end, since=line_at))
    fresh = [u for u, facts in young.items() if (facts.received or now) >= line_at]
    if not fresh:
        return max(after, end)
    first = min(fresh)
    behind = measure(client, [u for u in search(client, first, end) if u not in young])
    lying = [u for u, facts in (young | behind).items() if u > first and (facts.received or now) < line_at]
    return max(lying, default=first - 1)


def search(
    client: MailboxClient,
    after: int,
    until: int | None = None,
    *,
    since: datetime | None = None,
    only: list[str] | None = None,
) -> list[int]:
    """UIDs of the open folder above ``after``, up to ``until`` or its end, in order.

    ``since`` may let a day more through.
    """
    if until is not None and until <= after:
        return []
    criteria: list[object] = ["UID", f"{after + 1}:{'*' if until is None else until}", *(only or [])]
    if since is not None:
        criteria += ["SINCE", (since.astimezone(UTC) - _DAY).date()]
    # A server answers "n:*" with its last message even when n is past it.
    return sorted(u for u in client.search(criteria) if u > after and (until is None or u <= until))


def last_uid(client: MailboxClient, folder: str) -> int:
    """The highest UID that a letter of the open ``folder`` can have: UIDNEXT tells, or else the last letter."""
    following = client.folder_status(folder, ["UIDNEXT"]).get(b"UIDNEXT")
    if isinstance(following, int) and following > 0:
        return following - 1
    return max(client.letters(client.search(["*"]), ["FLAGS"]), default=0)
