"""The mailbox against Dovecot and Postfix: log-ins, restarts, UIDVALIDITY, size, old mail, bounces, back-off."""

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from imapclient import IMAPClient

from mail.imap.connecting import open_mailbox
from mail.server import read_server
from tests.support.rehearsal import text_of
from tests.support.servers import OAUTH_SECRET, PASSWORD, MailServers
from tests.support.town import OFFICE, Town, open_town, sqlite_url, until

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("classifier")]
USER = OFFICE.replace("@", "%40")


@pytest.fixture
async def real_town(mail_servers: MailServers, one_database_url: str) -> AsyncIterator[Town]:
    clean(mail_servers)
    async with open_town(one_database_url, mail=mail_servers) as town:
        yield town


def clean(servers: MailServers) -> None:
    shutil.rmtree(servers.folder / "mail", ignore_errors=True)
    (servers.folder / "mail").mkdir()
    shutil.chown(servers.folder / "mail", "vmail", "vmail")


def jwt(secret: bytes, lifetime: int = 3600) -> str:
    def part(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    now = int(time.time())
    claims = {"sub": "bot", "email": OFFICE, "iat": now - 20, "nbf": now - 20, "exp": now + lifetime}
    signed = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


def test_tls_is_verified_and_starttls_works(mail_servers: MailServers) -> None:
    stranger = read_server(f"imaps://{USER}:{PASSWORD}@localhost:{mail_servers.imaps_port}/INBOX", "IMAP_URL")
    with pytest.raises(ssl.SSLCertVerificationError):
        open_mailbox(stranger)
    upgraded = read_server(
        f"imap://{USER}:{PASSWORD}@localhost:{mail_servers.imap_port}/INBOX?starttls=required&ca={mail_servers.ca}",
        "IMAP_URL",
    )
    open_mailbox(upgraded).logout()


def test_a_wrong_password_is_refused(mail_servers: MailServers) -> None:
    from imapclient.exceptions import LoginError

    wrong = read_server(
        f"imaps://{USER}:sbagliata@localhost:{mail_servers.imaps_port}/INBOX?ca={mail_servers.ca}", "IMAP_URL"
    )
    with pytest.raises(LoginError):
        open_mailbox(wrong)


async def test_xoauth2_logs_in_on_both_servers(mail_servers: MailServers, tmp_path: Path) -> None:
    clean(mail_servers)
    token = tmp_path / "token"
    token.write_text(jwt(OAUTH_SECRET))
    imap = f"imaps://{USER}@localhost:{mail_servers.imaps_port}/INBOX?auth=xoauth2&ca={mail_servers.ca}"
    smtp = f"smtp://{USER}@localhost:{mail_servers.submission_port}?starttls=required&auth=xoauth2&ca={mail_servers.ca}"
    async with open_town(
        sqlite_url(tmp_path), mail=mail_servers, imap_url=imap, smtp_url=smtp, mail_oauth_token_file=str(token)
    ) as town:
        club = town.association()
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
        await club.gets("Iscrizione confermata")
    expired = read_server(imap, "IMAP_URL")
    with pytest.raises(Exception, match=r"(?i)auth|invalid|fail"):
        open_mailbox(expired, lambda: jwt(b"x" * 32))


async def test_the_listener_comes_back_after_a_restart_and_reads_what_came_meanwhile(
    real_town: Town, mail_servers: MailServers
) -> None:
    club = real_town.association()
    await until(real_town.mailbox.last_contact, "the listener")
    await asyncio.to_thread(mail_servers.restart_dovecot)
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await club.gets("Iscrizione confermata", patience=30)


async def test_a_new_uidvalidity_answers_nobody_twice(real_town: Town, mail_servers: MailServers) -> None:
    club = real_town.association()
    first = await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await club.gets("Iscrizione confermata")
    await until(lambda: real_town.office.mailbox("Trattate"), "the mail to be filed")

    def start_over() -> None:
        """What a restored mailbox looks like: the same mail in INBOX, everything numbered anew."""
        client = IMAPClient("127.0.0.1", mail_servers.imap_port, ssl=False)
        client.login(OFFICE, PASSWORD)
        client.append("INBOX", first.as_bytes())
        client.logout()
        maildir = mail_servers.maildir(OFFICE)
        lines = (maildir / "dovecot-uidlist").read_text().splitlines()
        (maildir / "dovecot-uidlist").write_text("\n".join([lines[0].replace(" V", " V9"), *lines[1:]]) + "\n")
        for index in maildir.glob("dovecot.index*"):
            index.unlink()

    await asyncio.to_thread(start_over)
    await asyncio.to_thread(mail_servers.restart_dovecot)
    second = await club.writes("Quando è l'incontro dei musei?")
    await club.gets("venerdì 22 gennaio", patience=30)
    await real_town.quiet()
    answered = [m["In-Reply-To"] for m in await club.mailbox()]
    assert answered == [first["Message-ID"], second["Message-ID"]]


async def test_one_too_large_is_set_aside_and_the_next_is_read(mail_servers: MailServers, tmp_path: Path) -> None:
    clean(mail_servers)
    async with open_town(sqlite_url(tmp_path), mail=mail_servers, mail_max_mb=0.05) as town:
        club = town.association()
        await club.writes("x " * 60_000, subject="enorme")
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
        await club.gets("Iscrizione confermata")
        await town.staff.gets("da guardare")
        await until(lambda: town.office.mailbox("Da guardare"), "the large one in its folder")


async def test_an_unknown_recipient_is_reported_and_never_answered(real_town: Town) -> None:
    """Postfix refuses a foreign domain while sending: the row fails, staff are told, nothing loops."""
    from conversation.channel import Channel
    from conversation.message import Address, Reply
    from db.outbox import queue_reply

    async with real_town.system.database.begin() as tx:
        await queue_reply(
            tx, "lost", Address(Channel.EMAIL, "nobody@elsewhere.example"), Reply("ciao"), now=real_town.clock()
        )
    real_town.outbox_worker.wake()
    told = await real_town.staff.gets("non è stato consegnato")
    assert "5.1.2" in text_of(told)
    await real_town.quiet()
    assert [s for (s,) in await real_town.rows("SELECT state FROM outbox WHERE key = 'lost'")] == ["failed"]


async def test_a_backlog_is_read_in_batches_and_each_answered_once(real_town: Town, mail_servers: MailServers) -> None:
    club = real_town.association()
    for number in range(40):
        await club.writes("Quando è l'incontro dei musei?", subject=f"Domanda {number}", headers={"X-N": str(number)})
    await real_town.quiet(patience=60)
    answers = [m["In-Reply-To"] for m in await club.mailbox()]
    assert len(answers) == len(set(answers)) == 10  # the brake: ten automatic letters a day, the rest to a person
    await real_town.staff.gets("troppe e-mail")
    assert len(await real_town.rows("SELECT 1 FROM inbox WHERE state = 'done'")) == 40


async def test_the_relay_is_told_which_mail_a_report_is_about(real_town: Town, mail_servers: MailServers) -> None:
    """ENVID and NOTIFY (RFC 3461 §4): Postfix announces DSN, and takes them without a complaint."""
    club = real_town.association()
    await club.writes("quante città fanno parte della rete?", subject="domanda")
    answer = await club.gets("Fonte")
    log = (mail_servers.folder / "postfix/postfix.log").read_text()
    assert "unsupported" not in log.lower()
    assert str(answer["Message-ID"]).strip("<>") in log
