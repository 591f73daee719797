"""Mail that goes out: written, handed to the relay."""
