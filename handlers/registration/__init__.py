"""A place at a meeting: asked for, changed, given up."""
