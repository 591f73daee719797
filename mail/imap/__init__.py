"""The mailbox: watched, read without a loss, its letters filed."""
