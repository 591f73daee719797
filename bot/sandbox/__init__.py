"""The sandbox: a Bot API, a mailbox and a clock of its own, and a page to try the bot as anybody."""
