"""Directed acyclic graphs over named nodes: paths, d-separation, adjustment sets, mediators."""
