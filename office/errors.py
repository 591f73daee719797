"""What staff ask for and cannot have."""


class RefusedError(ValueError):
    """It cannot be done as it was asked; the message, in Italian, says why and what to do. Nothing is to be committed."""
