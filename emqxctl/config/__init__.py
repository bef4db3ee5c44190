"""The user's files: profiles, preferences, credentials; the settings of a run."""
