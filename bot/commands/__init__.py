"""What each command of ``python -m bot`` does. Heavy rooms are imported only by the command that needs them."""
