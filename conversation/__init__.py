"""The shared words of the house, and what a sentence means. Pure: no network, no database, no clock, no settings."""

import os

# A sentence is too small a sum to share between cores. Read once, when numpy is loaded: this comes before,
# whoever begins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
