"""The sandbox: a Bot API, a mailbox and a clock on this machine, and a page to try the bot as citizen, association, clerk."""
