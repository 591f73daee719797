"""Outgoing → SMTP → Receipt, over one connection that is kept while there is work.

The receipt says what SMTP said: 250 sent; 4xx or no connection: later; 5xx for the recipient: gone; any other 5xx:
refused; silence after the message was written: unsure (it is sent again with the same Message-ID).
"""

import asyncio

import aiosmtplib
import structlog

from conversation.links import Links, Purpose
from conversation.message import Outcome, Outgoing, Receipt
from conversation.times import Clock
from knowledge.town import Town
from mail.refusals import Refusal, judge_refusal
from mail.server import MailServer
from mail.smtp.links import OwnLinks
from mail.smtp.writing import write_mail
from mail.threads import MessageIds
from mail.tokens import Token, TokenError

log = structlog.get_logger("mail")

_TIMEOUT = 20.0
_DATA_TIMEOUT = 45.0
_WAIT = 10.0
_PER_CONNECTION = 100
_KEEP_SECONDS = 30.0
_PERMANENT = 500


class MailTransport:
    """The sending half of the mailbox channel."""

    def __init__(
        self,
        server: MailServer,
        *,
        mailbox: str,
        town: Town,
        clock: Clock,
        token: Token | None = None,
        ids: MessageIds,
        links: Links | None = None,
        own: OwnLinks | None = None,
    ) -> None:
        self._own = own
        self._ids = ids
        self._links = links
        self._server = server
        self._mailbox, self._town = mailbox, town
        self._clock = clock
        self._token = token
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0
        self._last = 0.0
        self._lock = asyncio.Lock()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send one mail to one recipient."""
        try:
            message = write_mail(
                outgoing,
                mailbox=self._mailbox,
                town=self._town,
                now=self._clock(),
                message_id=self._ids.of(outgoing.key, outgoing.address.value),
                unsubscribe=self._way_out(outgoing),
                own=self._own,
            )
        except (ValueError, IndexError) as error:
            return Receipt(Outcome.REFUSED, reason=f"cannot be written: {error}")
        try:
            await asyncio.wait_for(self._lock.acquire(), _WAIT)
        except TimeoutError:
            return Receipt(Outcome.LATER, reason="the relay is slow", wait=1.0)
        try:
            try:
                client = await self._connected()
            except (aiosmtplib.SMTPException, OSError, TokenError) as error:
                await self._drop()
                log.warning("smtp_unreachable", error=type(error).__name__)
                return Receipt(Outcome.LATER, reason=type(error).__name__)
            recipient = message["To"].addresses[0].addr_spec
            return await self._deliver(client, recipient, message.as_bytes(), str(message["Message-ID"]))
        except UnicodeError:
            return Receipt(Outcome.REFUSED, reason="the address cannot be written")
        except asyncio.CancelledError:
            await self._drop()  # the answer to what was being said would be taken for that to the next command
            raise
        finally:
            self._lock.release()

    def _way_out(self, outgoing: Outgoing) -> str:
        """What nobody asked for just now, reminders and notices, carries the link.

        Answers and the office's mail do not.
        """
        wanted = outgoing.automatic and not outgoing.for_office
        return self._links.make(Purpose.UNSUBSCRIBE, outgoing.address.value) if self._links and wanted else ""

    async def _deliver(self, client: aiosmtplib.SMTP, recipient: str, content: bytes, message_id: str) -> Receipt:
        """MAIL, RCPT, DATA step by step: how far it got decides what a silence means."""
        written, utf8 = False, not recipient.isascii()
        if utf8 and not client.supports_extension("smtputf8"):
            return Receipt(Outcome.REFUSED, reason="the relay does not know such addresses (SMTPUTF8)")
        try:
            # RFC 3461: a report of failure names the mail by ENVID, even when its text and headers are gone.
            reports = client.supports_extension("dsn")
            options = ["RET=HDRS", f"ENVID={message_id.strip('<>')}"] if reports else []
            await client.mail(self._mailbox, options=[*options, *["SMTPUTF8"] * utf8])
            notify = ["NOTIFY=FAILURE,DELAY"] if reports else []
            await client.rcpt(recipient, options=notify, encoding="utf-8" if utf8 else "ascii")
            written = True
            await client.data(content, timeout=_DATA_TIMEOUT)
        except aiosmtplib.SMTPResponseException as error:
            receipt = judge_answer(error, at_recipient=not written)
            await self._reset(client, error.code)
            return receipt
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            log.warning("smtp_broke", error=type(error).__name__, written=written)
            return Receipt(Outcome.UNSURE if written else Outcome.LATER, reason=type(error).__name__)
        self._used += 1
        self._last = asyncio.get_running_loop().time()
        return Receipt(Outcome.SENT, reference=message_id)

    async def check(self) -> None:
        """Connect and log in; raises what goes wrong (``aiosmtplib.SMTPException``, ``OSError``)."""
        async with self._lock:
            await self._connected()

    async def _connected(self) -> aiosmtplib.SMTP:
        now = asyncio.get_running_loop().time()
        stale = self._used >= _PER_CONNECTION or now - self._last > _KEEP_SECONDS
        if self._client is not None and self._client.is_connected and not stale:
            return self._client
        await self._drop()
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=_TIMEOUT,
            use_tls=self._server.tls,
            start_tls=self._server.starttls,
            tls_context=self._server.context() if self._server.tls or self._server.starttls else None,
        )
        self._client = client
        await client.connect()
        if self._server.oauth:
            token = await asyncio.to_thread(self._token) if self._token else self._server.password
            await client.auth_xoauth2(self._server.user, token)
        elif self._server.user:
            await client.login(self._server.user, self._server.password)
        if client.is_ehlo_or_helo_needed:  # without it nobody knows what the relay can do
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError:
                await client.helo()
        self._used, self._last = 0, now
        return client

    async def _reset(self, client: aiosmtplib.SMTP, code: int) -> None:
        if code == 421:
            await self._drop()
            return
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            await self._drop()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def close(self) -> None:
        """Say goodbye to the server."""
        async with self._lock:
            if self._client is not None and self._client.is_connected:
                try:
                    await self._client.quit()
                except (aiosmtplib.SMTPException, OSError):
                    self._client.close()
            self._client = None


def judge_answer(error: aiosmtplib.SMTPResponseException, *, at_recipient: bool) -> Receipt:
    """What a refusal means (RFC 5321 §4.2.1).

    ``at_recipient``: it was said before the text was sent, so it may be about the address.
    """
    # The server's words may be in any charset: what is not text becomes question marks.
    text = " ".join(str(error.message).encode("utf-8", "replace").decode("utf-8").split())[:200]
    reason = f"{error.code} {text}"
    if error.code < _PERMANENT:
        return Receipt(Outcome.LATER, reason=reason)
    refusal = judge_refusal(text)
    if at_recipient and refusal is Refusal.DEAD:
        return Receipt(Outcome.GONE, reason=reason)
    return Receipt(Outcome.REFUSED, reason=reason, refuses_us=refusal is Refusal.OURS)
