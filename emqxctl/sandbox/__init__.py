"""A simulated EMQX cluster's REST API on the loopback interface, for trying commands and for tests."""
