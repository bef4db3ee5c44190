"""EMQX's REST API over HTTP: transport, client, pages, error responses."""
