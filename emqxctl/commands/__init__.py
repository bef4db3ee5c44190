"""The command groups, one module each, named as the group."""
