"""Every setting of the program, read once from the environment (and ``.env`` in development), checked at the start."""

import os
import re
import secrets
import shutil
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from conversation.office import Office
from conversation.times import local_zone, use_zone
from db.engine import read_url
from db.periods import Periods
from delivery.reminders import Schedule, read_offsets
from knowledge.checking import KnowledgeError
from knowledge.library import OWN_TOWN
from knowledge.town import Town, read_town
from mail.server import Folders, MailServer, read_server
from mail.tokens import ClientCredentials, Token, from_file

SECRETS_DIR = Path("/run/secrets/luccabot")


#: Settings that say nothing without a channel: with one of them and no channel, a configuration is half written.
_OF_A_CHANNEL = re.compile(
    r"telegram_|mail_oauth_|mail_authserv_id|pec_ca_file|staff_|public_url|secret_key|console_|oidc_"
)


class SettingsError(ValueError):
    """The configuration is wrong; the message says, setting by setting, what to do."""


class Settings(BaseSettings):
    """The environment.

    Each field's title is its name on the console, its description its documentation (docs/settings.md is checked
    against it).
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", extra="ignore", frozen=True, env_ignore_empty=True
    )

    telegram_token: SecretStr | None = Field(
        None, title="Chiave del bot su Telegram", description="Il token del bot, dato da @BotFather."
    )
    telegram_api_url: str = Field(
        "", title="Server di Telegram", description="Un altro server Bot API, invece di quello di Telegram."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling",
        title="Come arrivano i messaggi di Telegram",
        description="Come arrivano i messaggi: polling, oppure webhook (serve PUBLIC_URL).",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None,
        title="Segreto delle chiamate di Telegram",
        description="Il segreto che Telegram ripete a ogni chiamata del webhook: 1-256 caratteri tra A-Z a-z 0-9 _ -.",
    )
    telegram_plain: bool = Field(
        False,
        title="Solo le funzioni di Telegram di lunga data",
        description="1: usa solo i parametri Bot API di lunga data.",
    )
    telegram_rate: float = Field(
        27.0,
        gt=0,
        title="Messaggi al secondo verso Telegram",
        description="Messaggi al secondo in tutto verso Telegram (il limite è circa 30).",
    )
    telegram_chat_seconds: float = Field(
        1.05,
        ge=0,
        title="Pausa tra due messaggi alla stessa chat, in secondi",
        description="Secondi tra due messaggi alla stessa chat.",
    )
    database_url: str = Field(
        "sqlite:///data/bot.db",
        title="Dove stanno i dati",
        description="sqlite:///file oppure postgresql://utente:password@host/nome.",
    )
    imap_url: SecretStr | None = Field(
        None,
        title="Casella da cui si legge la posta",
        description="imaps://utente:password@host:993/INBOX, con i caratteri speciali codificati (%40 per @).",
    )
    smtp_url: SecretStr | None = Field(
        None,
        title="Server da cui parte la posta",
        description="smtps://utente:password@host:465 oppure smtp://…:587?starttls=required.",
    )
    knowledge_dir: str = Field(
        "",
        title="Cartella della città",
        description="La cartella della città (town.toml, facts/…); vuoto: quella che il programma porta con sé.",
    )
    mail_address: str = Field(
        "",
        title="Indirizzo da cui il bot scrive",
        description="L'indirizzo da cui il bot scrive; vuoto: quello che town.toml dice (mailbox).",
    )
    mail_authserv_id: str = Field(
        "",
        title="Chi controlla i mittenti delle e-mail",
        description="L'unico nome le cui intestazioni Authentication-Results sono credute.",
    )
    mail_folders: str = Field(
        "Trattate,Automatiche,Da guardare",
        title="Cartelle della casella",
        description="Le cartelle per la posta trattata, automatica, da guardare.",
    )
    mail_max_mb: float = Field(
        25.0,
        gt=0,
        title="E-mail più grande che si legge, in megabyte",
        description="Oltre questa dimensione di una e-mail si leggono solo le intestazioni.",
    )
    mail_max_age_days: int = Field(
        7,
        ge=1,
        title="E-mail più vecchia a cui si risponde, in giorni",
        description="Alla posta più vecchia di così non si risponde.",
    )
    mail_answers_per_hour: int = Field(
        300,
        ge=1,
        title="Risposte automatiche per e-mail in un'ora",
        description="Risposte automatiche per e-mail in un'ora; ciò che arriva oltre aspetta, nulla si perde.",
    )
    pec_ca_file: str = Field(
        "",
        title="Gestori di PEC creduti",
        description="File PEM delle autorità dei gestori PEC: con esso la firma di una PEC garantisce chi scrive.",
    )
    mail_oauth_token_file: str = Field(
        "",
        title="File con il permesso di aprire la casella",
        description="File con il token XOAUTH2, tenuto aggiornato da altri.",
    )
    mail_oauth_url: str = Field(
        "",
        title="Dove si chiede il permesso di aprire la casella",
        description="Indirizzo da cui ottenere il token XOAUTH2 (client credentials).",
    )
    mail_oauth_client_id: str = Field(
        "", title="Nome con cui si chiede il permesso", description="Identificativo dell'applicazione per XOAUTH2."
    )
    mail_oauth_client_secret: SecretStr | None = Field(
        None, title="Segreto con cui si chiede il permesso", description="Segreto dell'applicazione per XOAUTH2."
    )
    mail_oauth_scope: str = Field(
        "https://outlook.office365.com/.default",
        title="Che cosa concede il permesso",
        description="Ambito del token XOAUTH2.",
    )
    staff_email: str = Field(
        "", title="E-mail dell'ufficio", description="Dove arrivano le domande per una persona e le segnalazioni."
    )
    staff_chat: str = Field(
        "", title="Gruppo Telegram dell'ufficio", description="Il gruppo Telegram dell'ufficio (numero), facoltativo."
    )
    public_url: str = Field(
        "", title="Indirizzo delle pagine", description="L'indirizzo pubblico https:// di questo programma."
    )
    console_networks: str = Field(
        "",
        title="Reti da cui si apre la console",
        description="Le reti da cui si apre la console (10.0.0.0/8,2001:db8::/32); vuoto: da ovunque.",
    )
    staff_totp: Literal["optional", "required"] = Field(
        "optional",
        title="Codice di un'app per entrare",
        description="required: ogni operatore della console entra anche con il codice di un'app.",
    )
    staff_reset: Literal["cli", "mail"] = Field(
        "cli",
        title="Password dimenticata",
        description=(
            "Come si rifà una password della console: cli, da chi è responsabile o da riga di comando; mail, "
            "anche con un collegamento per e-mail."
        ),
    )
    oidc_issuer: str = Field(
        "",
        title="Accesso unico del Comune",
        description="L'indirizzo https:// dell'accesso unico del Comune (OpenID Connect).",
    )
    oidc_client_id: str = Field(
        "",
        title="Nome della console per l'accesso unico",
        description="Il nome con cui questa console è registrata presso OIDC_ISSUER.",
    )
    oidc_client_secret: SecretStr | None = Field(
        None,
        title="Segreto della console per l'accesso unico",
        description="Il segreto di questa console presso OIDC_ISSUER.",
    )
    oidc_only: bool = Field(
        False,
        title="Si entra solo con l'accesso unico",
        description="1: nella console si entra solo con OIDC_ISSUER, mai con la password.",
    )
    port: int = Field(
        8000, ge=0, le=65535, title="Porta delle pagine", description="La porta su cui risponde la parte web."
    )
    secret_key: SecretStr | None = Field(
        None,
        title="Chiave dei collegamenti",
        description="Chiave per firmare i collegamenti; senza, una propria nel database.",
    )
    longest_stop_hours: float = Field(
        12.0,
        gt=0,
        title="Arresto dopo il quale si aspetta una persona, in ore",
        description=(
            "Dopo un arresto più lungo, ciò che era già da mandare (python -m bot resume) e la posta "
            "arrivata (python -m bot mailbox adopt) aspettano."
        ),
    )
    clock: str = Field(
        "",
        title="Orologio delle prove",
        description="Ora ISO da cui parte l'orologio: solo per prove, mai con un token vero.",
    )
    reminders: str = Field(
        "7d,1d,1h",
        title="Promemoria, quando si sa l'ora",
        description=(
            "Quando ricordare un incontro con orario. Si scrive quanto prima: 7d per sette giorni, "
            "1h per un'ora, 30m per mezz'ora."
        ),
    )
    reminders_untimed: str = Field(
        "1d@9,0d@9",
        title="Promemoria, quando l'ora non si sa",
        description=(
            "Quando ricordare un incontro senza orario. Si scrive 1d@9 per il giorno prima alle 9, "
            "0d@9 per lo stesso giorno."
        ),
    )
    quiet_hours: str = Field(
        "21-8", title="Ore di silenzio", description="Ore in cui non si mandano promemoria (da-a); vuoto per nessuna."
    )
    change_grace: int = Field(
        120,
        ge=0,
        le=3600,
        title="Tempo per ritirare un cambiamento, in secondi",
        description=(
            "Secondi per cui un cambiamento del programma si può ritirare (programme undo) prima che gli "
            "iscritti lo sappiano."
        ),
    )
    approve_above: int = Field(
        0,
        ge=0,
        title="Persone oltre le quali un avviso va approvato",
        description=(
            "Un avviso a più persone di queste, dalla console o dal terminale, parte quando l'approva un "
            "responsabile che non l'ha chiesto; 0: non va approvato mai."
        ),
    )
    office_hours: str = Field(
        "",
        title="Orario dell'ufficio",
        description=(
            "Orario dell'ufficio (9-17), per dire da quando una domanda viene letta; vuoto: si contano solo i giorni."
        ),
    )
    outbox_lease_seconds: int = Field(
        90,
        ge=1,
        le=1800,
        title="Attesa di un messaggio lasciato a metà, in secondi",
        description="Dopo quanti secondi un messaggio in uscita lasciato a metà è considerato in dubbio.",
    )
    retention_months: int = Field(
        12,
        ge=1,
        le=120,
        title="Quanto si tengono i dati, in mesi",
        description="Mesi per cui si conservano i dati dopo l'ultimo incontro o contatto.",
    )
    retention_days: int = Field(
        90,
        ge=7,
        title="Quanto si tengono e-mail e domande, in giorni",
        description="Giorni per cui si conservano le e-mail messe da parte e le domande a cui l'ufficio ha risposto.",
    )
    dpo_contact: str = Field(
        "",
        title="Responsabile della protezione dei dati",
        description=(
            "Come si contatta il responsabile della protezione dei dati del Comune: l'informativa lo dice; "
            "vuoto: rimanda al sito del Comune."
        ),
    )
    audit_months: int = Field(
        24,
        ge=1,
        title="Quanto si tiene il registro, in mesi",
        description="Mesi per cui si conserva il registro delle azioni.",
    )

    @field_validator("knowledge_dir")
    @classmethod
    def _town_folder(cls, value: str) -> str:
        if value and not (Path(value) / "town.toml").is_file():
            msg = f"in {value} non c'è town.toml: serve la cartella di una città"
            raise ValueError(msg)
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        read_url(value)
        return value

    @field_validator("reminders", "reminders_untimed")
    @classmethod
    def _offsets(cls, value: str) -> str:
        read_offsets(value)
        return value

    @field_validator("quiet_hours", "office_hours")
    @classmethod
    def _quiet(cls, value: str) -> str:
        _read_quiet(value)
        return value

    @field_validator("clock")
    @classmethod
    def _clock(cls, value: str) -> str:
        try:
            datetime.fromisoformat(value or "2021-01-15")
        except ValueError as error:
            msg = "scrivere l'ora così: 2021-01-15T09:00"
            raise ValueError(msg) from error
        return value

    @field_validator("pec_ca_file")
    @classmethod
    def _authorities(cls, value: str) -> str:
        if value and not Path(value).is_file():
            msg = "il file non c'è: serve il PEM con i certificati delle autorità dei gestori PEC"
            raise ValueError(msg)
        if value and shutil.which("openssl") is None:
            msg = "per verificare le firme serve il programma openssl, che qui manca"
            raise ValueError(msg)
        return value

    @field_validator("console_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            read_networks(value)
        except ValueError as error:
            msg = "scrivere le reti così: 10.0.0.0/8,192.168.1.0/24"
            raise ValueError(msg) from error
        return value

    @field_validator("mail_folders")
    @classmethod
    def _three_folders(cls, value: str) -> str:
        if len([f for f in value.split(",") if f.strip()]) != 3:
            msg = "servono tre nomi separati da virgole, es. Trattate,Automatiche,Da guardare"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        problems = []
        if (self.imap_url is None) != (self.smtp_url is None):
            there, missing = ("IMAP_URL", "SMTP_URL") if self.imap_url else ("SMTP_URL", "IMAP_URL")
            problems.append(f"{there} c'è ma {missing} manca: per la posta servono tutti e due")
        if self.clock and self.telegram_token is not None and not self.telegram_api_url:
            problems.append("CLOCK serve solo per prove: toglierlo, oppure togliere TELEGRAM_TOKEN")
        if self.telegram_mode == "webhook" and self.telegram_token is not None:
            if not self.public_url.startswith("https://") and not self.telegram_api_url:
                problems.append(
                    "TELEGRAM_MODE=webhook chiede PUBLIC_URL, un indirizzo https:// raggiungibile da Telegram"
                )
            if self.telegram_webhook_secret is None:
                problems.append(
                    f"TELEGRAM_MODE=webhook chiede TELEGRAM_WEBHOOK_SECRET, per esempio {secrets.token_urlsafe(24)}"
                )
        if self.telegram_api_url and self.telegram_token is None:
            problems.append("TELEGRAM_API_URL c'è ma TELEGRAM_TOKEN manca")
        token = self.telegram_token.get_secret_value() if self.telegram_token else ""
        if token and (":" not in token or not token.split(":")[0].isdigit()):
            problems.append("TELEGRAM_TOKEN non ha la forma 123456:ABC… che dà @BotFather")
        problems += self._wrong_addresses() + self._wrong_log_in()
        for name in ("imap_url", "smtp_url"):
            value = getattr(self, name)
            if value is not None:
                read_server(value.get_secret_value(), name.upper())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _wrong_addresses(self) -> list[str]:
        problems = []
        if self.staff_email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", self.staff_email):
            problems.append(f"STAFF_EMAIL non è un indirizzo e-mail: {self.staff_email}")
        if self.public_url and not re.match(r"https://|http://(?:127\.0\.0\.1|localhost)\b", self.public_url):
            problems.append("PUBLIC_URL comincia con https://: nei collegamenti ci sono prove di chi scrive")
        if self.staff_chat and not self.staff_chat.lstrip("-").isdigit():
            problems.append("STAFF_CHAT è il numero del gruppo, per esempio -1001234567890")
        return problems

    def _wrong_log_in(self) -> list[str]:
        whole = bool(self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret)
        problems = []
        if not whole and (self.oidc_issuer or self.oidc_client_id or self.oidc_client_secret or self.oidc_only):
            problems.append("per l'accesso unico servono OIDC_ISSUER, OIDC_CLIENT_ID e OIDC_CLIENT_SECRET insieme")
        if self.oidc_issuer and not re.match(r"https://|http://(?:127\.0\.0\.1|localhost)\b", self.oidc_issuer):
            problems.append("OIDC_ISSUER comincia con https://")
        if whole and not self.public_url:
            problems.append("OIDC_ISSUER chiede PUBLIC_URL, l'indirizzo a cui si torna dopo essere entrati")
        return problems

    @property
    def unheard(self) -> list[str]:
        """A sentence for each way in which the office would hear less than it was meant to."""
        if not self.is_real:
            return []
        missing = []
        if self.staff_email and not self.imap_url:
            missing.append("STAFF_EMAIL c'è ma la posta manca (IMAP_URL e SMTP_URL): per e-mail l'ufficio non sa nulla")
        if self.staff_chat and not self.telegram_token:
            missing.append("STAFF_CHAT c'è ma TELEGRAM_TOKEN manca: nel gruppo l'ufficio non sa nulla")
        if not self.office.staff_addresses:
            missing.append(
                "nessun recapito dell'ufficio (STAFF_EMAIL con la posta, oppure STAFF_CHAT con Telegram): "
                "domande e segnalazioni restano solo nel database"
            )
        return missing

    @property
    def is_real(self) -> bool:
        """Whether a real channel is configured; otherwise the sandbox starts."""
        return self.telegram_token is not None or self.imap_url is not None

    def without_channel(self) -> list[str]:
        """Names of the settings that are given and wait for a channel.

        A whole configuration and an empty one have none.
        """
        if self.is_real:
            return []
        return sorted(name.upper() for name in self.model_fields_set if _OF_A_CHANNEL.match(name))

    @property
    def knowledge(self) -> Path:
        """The town's folder."""
        return Path(self.knowledge_dir) if self.knowledge_dir else OWN_TOWN

    @cached_property
    def town(self) -> Town:
        """The town. Raises ``KnowledgeError``."""
        return read_town(self.knowledge)

    @property
    def mailbox(self) -> str:
        """The address that the bot writes from."""
        return (self.mail_address or self.town.mailbox).lower()

    @cached_property
    def imap(self) -> MailServer | None:
        """The mailbox."""
        return read_server(self.imap_url.get_secret_value(), "IMAP_URL") if self.imap_url else None

    @cached_property
    def smtp(self) -> MailServer | None:
        """The relay."""
        return read_server(self.smtp_url.get_secret_value(), "SMTP_URL") if self.smtp_url else None

    @cached_property
    def mail_token(self) -> Token | None:
        """Where XOAUTH2 tokens come from."""
        if self.mail_oauth_token_file:
            return from_file(self.mail_oauth_token_file)
        if self.mail_oauth_url:
            secret = self.mail_oauth_client_secret.get_secret_value() if self.mail_oauth_client_secret else ""
            return ClientCredentials(self.mail_oauth_url, self.mail_oauth_client_id, secret, self.mail_oauth_scope)
        return None

    @cached_property
    def schedule(self) -> Schedule:
        """When reminders and notices go out."""
        return Schedule(
            read_offsets(self.reminders),
            read_offsets(self.reminders_untimed),
            _read_quiet(self.quiet_hours),
            timedelta(seconds=self.change_grace),
        )

    @cached_property
    def office(self) -> Office:
        """The municipality's office, before Telegram has told the bot's name."""
        return Office(
            self.mailbox,
            self.staff_email.lower() if self.imap_url else "",
            self.staff_chat if self.telegram_token else "",
            retention_months=self.retention_months,
            retention_days=self.retention_days,
            dpo=self.dpo_contact,
            hours=_read_quiet(self.office_hours),
            holidays=self.town.holidays,
        )

    @cached_property
    def folders(self) -> Folders:
        """Where handled mail goes."""
        return Folders(*(f.strip() for f in self.mail_folders.split(",")))

    @cached_property
    def periods(self) -> Periods:
        """How long data are kept."""
        return Periods.of(
            months=self.retention_months,
            days=self.retention_days,
            audit_months=self.audit_months,
            mail_days=self.mail_max_age_days,
        )

    def starting_clock(self) -> datetime | None:
        """The instant at which a test clock starts, in the town's time when it names no zone."""
        if not self.clock:
            return None
        instant = datetime.fromisoformat(self.clock)
        return instant if instant.tzinfo else instant.replace(tzinfo=local_zone())


def read_networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks separated by commas. Raises ``ValueError``."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def _read_quiet(text: str) -> Any:
    from datetime import time

    if not text or text == "-":
        return None
    try:
        begins, ends = (time(int(part)) for part in text.split("-"))
    except ValueError as error:
        msg = "scrivere per esempio 21-8, oppure - per nessuna"
        raise ValueError(msg) from error
    return begins, ends


def read_settings(**given: Any) -> Settings:
    """The settings of this process, whose local time is the town's from here on.

    Raises ``SettingsError`` with a sentence per fault.
    """
    try:
        if SECRETS_DIR.is_dir():
            given = {"_secrets_dir": SECRETS_DIR, **given}
        settings = Settings(**given)
        use_zone(settings.town.zone)
    except KnowledgeError as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError("\n".join(_misspelt(real=True) or _sentences(error))) from None
    except UnicodeDecodeError:
        msg = "il file .env non è in UTF-8: salvarlo di nuovo come testo UTF-8"
        raise SettingsError(msg) from None
    misspelt = _misspelt(real=settings.is_real)
    if misspelt:
        raise SettingsError("\n".join(misspelt))
    return settings


def _sentences(error: ValidationError) -> list[str]:
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in fault["loc"]).upper()
        context = fault.get("ctx", {})
        text = (
            _SAID.get(fault["type"], fault["msg"].removeprefix("Value error, "))
            .format(**context)
            .replace(" or ", " oppure ")
        )
        lines.append(f"{name}: {text}" if name and not text.startswith(name) else text)
    return lines


#: What pydantic finds (its error types) in Italian.
_SAID = {
    "int_parsing": "serve un numero intero",
    "int_from_float": "serve un numero intero",
    "float_parsing": "serve un numero, con il punto per i decimali",
    "bool_parsing": "serve 1 oppure 0",
    "literal_error": "si può scrivere {expected}",
    "greater_than": "serve un numero più grande di {gt}",
    "greater_than_equal": "serve un numero da {ge} in su",
    "less_than_equal": "serve un numero fino a {le}",
}

#: Other names that begin like this are nobody else's, as far as a machine without a channel goes.
_FAMILIES = re.compile(r"(?:TELEGRAM|IMAP|SMTP)_|BOT_TOKEN$")
#: Twice the letters in common through those of both names (difflib): one slip in eight letters, or BOT in between.
_ALIKE = 0.87


def _misspelt(*, real: bool) -> list[str]:
    """A sentence for each name in the environment or in ``.env`` that is no setting but looks like one that is missing.

    ``real``: a channel is configured; without one, any name of the channels' families is taken for an attempt at it.
    """
    known = {name.upper() for name in Settings.model_fields}
    given = {n.upper() for n, value in os.environ.items() if value} | _names_in_file()
    missing = [name for name in known - given if len(name) >= len("IMAP_URL")]  # shorter names are like many words
    sentences = []
    for name in sorted(given - known):
        near = get_close_matches(name, missing, n=1, cutoff=_ALIKE)
        if near:
            sentences.append(f"{name} non è un'impostazione: forse {near[0]}? Correggere il nome, oppure toglierla")
        elif not real and _FAMILIES.match(name):
            sentences.append(
                f"{name} non è un'impostazione: quelle di un canale sono TELEGRAM_TOKEN, IMAP_URL e SMTP_URL"
            )
    return sentences


def _names_in_file() -> set[str]:
    """The names in ``.env``, where it is read."""
    source = DotEnvSettingsSource(Settings)
    return {name.upper() for name, value in source.env_vars.items() if value}
