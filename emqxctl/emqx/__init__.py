"""What EMQX's things mean: pure functions and data, no I/O."""
