"""The ASGI app: Telegram's webhook, the public pages, health. Knows the database; nothing of the transports."""
