"""The contents of a new sandbox."""
