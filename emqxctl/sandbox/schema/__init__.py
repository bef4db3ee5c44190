"""EMQX's schemas of bodies and queries, and the error responses for what they refuse."""
