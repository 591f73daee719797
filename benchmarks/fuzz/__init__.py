"""Coverage-guided fuzzing of what strangers may send."""
