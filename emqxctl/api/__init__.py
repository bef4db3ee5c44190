"""EMQX's REST API: the client, the error codes, the routes."""
