"""What goes out, and when. Knows the outbox table; nothing of who asked for it, and hands nothing over itself."""
