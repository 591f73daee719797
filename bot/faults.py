"""The faults that a person can mend: said in their own sentence, without a traceback."""

from bot.app import AlreadyRunningError
from bot.programme import ProgrammeError
from bot.settings import SettingsError
from db.engine import DatabaseUrlError
from db.migrate import SchemaError
from delivery.reminders import OffsetError
from knowledge.library import KnowledgeError
from mail.server import ServerUrlError


class UsageError(ValueError):
    """A command was given something that it cannot use."""


FAULTS = (
    AlreadyRunningError,
    DatabaseUrlError,
    KnowledgeError,
    OffsetError,
    ProgrammeError,
    SchemaError,
    ServerUrlError,
    SettingsError,
    UsageError,
)
