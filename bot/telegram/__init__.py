"""The Telegram door.

Listening (updates → inbox), reading (update → Incoming), writing and sending (Outgoing → Receipt).
"""
