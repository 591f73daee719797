"""The program, and its Telegram door."""
