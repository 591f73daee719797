"""Calibrates the understanding on labelled questions: ``python -m benchmarks.understanding FILE…``."""
