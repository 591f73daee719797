"""Who wrote it: a person or a machine, and what vouches for the sender."""
