"""The program, and its Telegram channel."""
