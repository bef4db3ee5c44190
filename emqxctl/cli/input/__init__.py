"""Request bodies and lists of entries from files and options."""
