"""The Telegram door: listening (updates → inbox), reading (update → Incoming), writing and sending (Outgoing → Receipt)."""
