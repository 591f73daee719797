"""What is remembered. One database: SQLite embedded, PostgreSQL at scale; one code for both."""

import sys
from importlib import import_module
from types import ModuleType


def _load_without_orm() -> None:
    """Load SQLAlchemy's asyncio extension without its sessions, which load the whole ORM; here all is its Core.

    What they would bring is not there then, instead of being something else. Measured: docs/measurements.md,
    "Start-up".
    """
    extension = "sqlalchemy.ext.asyncio"
    if extension in sys.modules:
        return
    absent = ModuleType("absent")
    absent.__getattr__ = lambda _name: absent  # type: ignore[method-assign] # of this one module (PEP 562)
    sessions = {f"{extension}.{name}": absent for name in ("session", "scoping")}
    sys.modules.update(sessions)
    try:
        package = import_module(extension)
    finally:
        for name in sessions:
            del sys.modules[name]
    for name in [name for name, value in vars(package).items() if value is absent]:
        delattr(package, name)


_load_without_orm()
