"""Who may enter the console."""

from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from db.engine import Transaction
from db.staff import add_operator
from office.errors import RefusedError


async def add_staff(tx: Transaction, email: str, now: datetime) -> bool:
    """Add an operator; ``False`` when the address is there already. Raises ``RefusedError``."""
    try:
        value = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        msg = f"«{email}» non è un indirizzo e-mail"
        raise RefusedError(msg) from error
    return await add_operator(tx, value, now)
