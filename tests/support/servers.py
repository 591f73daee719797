"""The real servers of the tests: Dovecot and Postfix, PostgreSQL. On loopback, under a temporary folder."""

import os
import shutil
import socket
import subprocess
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

DOMAINS = ("comune.lucca.example", "lequerce.example", "posta.example", "pec-prova.example", "lucca.example")
PASSWORD = "segreto"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_port(port: int, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def start_daemon(command: list[object], folder: Path | None = None) -> None:
    """Start something that goes to the background. Its output goes nowhere: it would keep a pipe open for ever."""
    subprocess.run(
        [str(c) for c in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        timeout=60,
    )


def why_no_mail_servers() -> str | None:
    """Why Dovecot and Postfix cannot be used here; ``None`` when they can."""
    missing = [
        name for name in ("dovecot", "postfix") if not shutil.which(name) and not Path(f"/usr/sbin/{name}").exists()
    ]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None if os.getuid() == 0 else "Postfix starts only as root"


@dataclass
class MailServers:
    """Dovecot (IMAP over TLS and STARTTLS, XOAUTH2) and Postfix (MX and submission).

    Every user's password is the same.
    """

    folder: Path
    imap_port: int
    imaps_port: int
    lmtp_port: int
    mx_port: int
    submission_port: int

    @property
    def ca(self) -> str:
        return str(self.folder / "ca.pem")

    def stop(self) -> None:
        subprocess.run(["postfix", "-c", self.folder / "postfix/etc", "stop"], capture_output=True, check=False)
        subprocess.run(["doveadm", "-c", self.folder / "dovecot.conf", "stop"], capture_output=True, check=False)

    def restart_dovecot(self) -> None:
        subprocess.run(["doveadm", "-c", self.folder / "dovecot.conf", "stop"], capture_output=True, check=False)
        time.sleep(0.5)
        start_daemon(["dovecot", "-c", self.folder / "dovecot.conf"])
        wait_port(self.imap_port)

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user / "Maildir"


def make_certificates(folder: Path) -> None:
    """A throw-away authority and a certificate for localhost."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    curve = ("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", "-newkey", "ec", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=Test authority", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    openssl("req", "-newkey", "ec", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "ext").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "ext", "-out", "server.pem")  # fmt: skip


OAUTH_SECRET = b"supersegretochiavediprova0123456"


def start_mail_servers(folder: Path) -> MailServers:
    """Start both; about three seconds. Nothing can leave this machine: other domains are refused."""
    servers = MailServers(folder, *(free_port() for _ in range(5)))
    folder.chmod(0o755)
    make_certificates(folder)
    if subprocess.run(["getent", "passwd", "vmail"], capture_output=True, check=False).returncode:
        subprocess.run(["useradd", "-r", "-M", "-s", "/usr/sbin/nologin", "vmail"], check=True)
    for name in ("mail", "run", "state"):
        (folder / name).mkdir()
    shutil.chown(folder / "mail", "vmail", "vmail")
    _oauth(folder)
    (folder / "dovecot.conf").write_text(_dovecot(servers))
    start_daemon(["dovecot", "-c", folder / "dovecot.conf"])
    wait_port(servers.imap_port)
    _postfix(servers)
    wait_port(servers.mx_port)
    return servers


def _oauth(folder: Path) -> None:
    import base64

    keys = folder / "keys/default/HS256"
    keys.mkdir(parents=True)
    (keys / "default").write_bytes(base64.b64encode(OAUTH_SECRET))
    (folder / "oauth2.conf").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = "
        f"fs:posix:prefix={folder}/keys/\nusername_attribute = email\n"
    )


def _dovecot(s: MailServers) -> str:
    return textwrap.dedent(f"""\
        base_dir = {s.folder}/run
        state_dir = {s.folder}/state
        log_path = {s.folder}/dovecot.log
        protocols = imap lmtp
        listen = 127.0.0.1
        ssl = yes
        ssl_cert = <{s.folder}/server.pem
        ssl_key = <{s.folder}/server.key
        disable_plaintext_auth = no
        auth_mechanisms = plain login xoauth2 oauthbearer
        auth_failure_delay = 0
        mail_fsync = never
        mail_location = maildir:~/Maildir
        mail_uid = vmail
        mail_gid = vmail
        first_valid_uid = 100
        mail_max_userip_connections = 100
        namespace inbox {{
          inbox = yes
          separator = /
        }}
        passdb {{
          driver = static
          args = password={PASSWORD}
        }}
        passdb {{
          driver = oauth2
          mechanisms = xoauth2 oauthbearer
          args = {s.folder}/oauth2.conf
        }}
        userdb {{
          driver = static
          args = uid=vmail gid=vmail home={s.folder}/mail/%u
        }}
        service imap-login {{
          inet_listener imap {{
            address = 127.0.0.1
            port = {s.imap_port}
          }}
          inet_listener imaps {{
            address = 127.0.0.1
            port = {s.imaps_port}
            ssl = yes
          }}
        }}
        service anvil {{
          unix_listener anvil-auth-penalty {{
            mode = 0
          }}
        }}
        service auth {{
          unix_listener auth-postfix {{
            mode = 0666
          }}
        }}
        service lmtp {{
          inet_listener lmtp {{
            address = 127.0.0.1
            port = {s.lmtp_port}
          }}
        }}
        """)


def _postfix(s: MailServers) -> None:
    root = s.folder / "postfix"
    for name in ("etc", "queue", "data"):
        (root / name).mkdir(parents=True)
        (root / name).chmod(0o755)
    shutil.chown(root / "data", "postfix")
    (root / "etc/main.cf").write_text(
        textwrap.dedent(f"""\
        compatibility_level = 3.6
        queue_directory = {root}/queue
        data_directory = {root}/data
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = mx.lucca.example
        mydomain = lucca.example
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        local_recipient_maps =
        local_transport = error:no local delivery
        default_transport = error:5.1.2 no route outside the test
        relay_transport = error:5.1.2 no relay
        virtual_mailbox_domains = {" ".join(DOMAINS)}
        virtual_mailbox_maps = static:all
        virtual_transport = lmtp:inet:127.0.0.1:{s.lmtp_port}
        lmtp_destination_recipient_limit = 1
        lmtp_host_lookup = native
        smtp_host_lookup = native
        disable_dns_lookups = yes
        smtputf8_enable = yes
        recipient_delimiter = +
        smtpd_tls_security_level = may
        smtpd_tls_cert_file = {s.folder}/server.pem
        smtpd_tls_key_file = {s.folder}/server.key
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = {s.folder}/run/auth-postfix
        smtpd_recipient_restrictions = permit_mynetworks,permit_sasl_authenticated,reject_unauth_destination
        maillog_file = {root}/postfix.log
        maillog_file_prefixes = /tmp,/var,{s.folder}
        minimal_backoff_time = 5s
        queue_run_delay = 5s
        in_flow_delay = 0
        """)
    )
    services = """\
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        lmtp unix - - n - - lmtp
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd
        """
    (root / "etc/master.cf").write_text(
        f"127.0.0.1:{s.mx_port} inet n - n - - smtpd\n"
        f"127.0.0.1:{s.submission_port} inet n - n - - smtpd\n"
        "  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n"
        "  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n" + textwrap.dedent(services)
    )
    start_daemon(["postfix", "-c", root / "etc", "start"])


def postgres_bin() -> Path | None:
    """The folder with ``initdb``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    which = shutil.which("initdb")
    return Path(which).resolve().parent if which else None


@dataclass
class Postgres:
    """A cluster of our own on a free port; ``fsync`` as the tests ask."""

    folder: Path
    port: int
    user: list[str]
    bin: Path
    options: str

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def copy(self, template: str, name: str) -> str:
        """The URL of a new database, made as ``template`` is."""
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def sql(self, statement: str, name: str = "postgres") -> str:
        command: list[str | Path] = [
            self.bin / "psql",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-qAtc",
            statement,
            name,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self) -> None:
        """Start, for the first time or again."""
        command = [*self.user, self.bin / "pg_ctl", "-D", self.folder / "data", "-o", self.options, "-w"]
        start_daemon([*command, "-l", self.folder / "log", "start"], self.folder)

    def stop(self) -> None:
        command = [*self.user, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop"]
        subprocess.run(command, capture_output=True, check=False)


def start_postgres(folder: Path, *, fsync: bool = False) -> Postgres:
    """Start a cluster; as root it runs as the user ``postgres`` (or ``nobody``)."""
    binaries = postgres_bin()
    assert binaries is not None
    user: list[str] = []
    if os.getuid() == 0:
        account = (
            "postgres"
            if not subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode
            else "nobody"
        )
        shutil.chown(folder, account)
        folder.chmod(0o700)
        for parent in folder.parents:
            if str(parent).startswith("/tmp/"):  # noqa: S108 - pytest's own temporary folders
                parent.chmod(parent.stat().st_mode | 0o011)
        user = (
            ["setpriv", f"--reuid={account}", "--clear-groups", "--"]
            if shutil.which("setpriv")
            else ["su", account, "-c"]
        )
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200"
    if not fsync:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    postgres = Postgres(folder, port, user, binaries, options)
    initdb: list[str | Path] = [
        *user,
        binaries / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    postgres.start()
    return postgres
