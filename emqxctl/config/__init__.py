"""The user's files and settings."""
