"""The command line: the root, the groups, options and sessions."""
