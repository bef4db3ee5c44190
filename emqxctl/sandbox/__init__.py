"""A simulated EMQX cluster's management API on the loopback, for trying commands and for tests."""
