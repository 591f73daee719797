"""The mailbox door: listening (IMAP → inbox), reading (bytes → Incoming), writing and sending (Outgoing → SMTP → Receipt)."""
