"""What the town says: files that staff can edit, read and checked by ``library``."""
