"""The shared words of the house, and what a sentence means. Pure: no network, no database, no clock, no settings."""
