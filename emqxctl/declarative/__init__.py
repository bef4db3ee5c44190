"""A cluster's state as files: read them, compare them with a server, plan the changes and apply them."""
