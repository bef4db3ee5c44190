"""What a command returns, and how it is shown."""
