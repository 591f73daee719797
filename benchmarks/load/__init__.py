"""Speed and size beside peers, run side by side on this machine: ``python -m benchmarks.load``."""
