"""The mailbox door.

Listening (IMAP → inbox), reading (bytes → Incoming), writing and sending (Outgoing → SMTP → Receipt).
"""
