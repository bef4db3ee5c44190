"""Completion at TAB: of commands, options, their values, and the names of objects in the cluster."""
