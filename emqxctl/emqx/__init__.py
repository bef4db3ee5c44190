"""What EMQX's data means: pure functions and data, no I/O."""
