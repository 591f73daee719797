"""What goes out, and when. Knows the outbox table and the doors' ``send``; nothing of who asked for it."""
