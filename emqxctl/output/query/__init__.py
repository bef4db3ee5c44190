"""--where, --sort, --fields and --query on rows."""
