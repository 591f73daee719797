"""What the bot does: one file per thing a person can want, the same for every channel. Handlers answer, never send."""
