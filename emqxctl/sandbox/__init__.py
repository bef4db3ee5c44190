"""A simulated EMQX cluster's management API on the loopback: to rehearse on, and the tests' broker."""
