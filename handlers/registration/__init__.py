"""A registration for a meeting: asked for, changed, given up."""
