"""Requests on their way to a handler: routing, authentication, checks, pages, uploads."""
