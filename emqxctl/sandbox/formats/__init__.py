"""Text formats of responses."""
