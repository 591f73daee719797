"""The mailbox, as a channel.

Listening (IMAP → inbox), reading (bytes → Incoming), writing and sending (Outgoing → SMTP → Receipt).
"""
