"""Guides: pages on one task each, as Markdown; a test runs every command in them."""
