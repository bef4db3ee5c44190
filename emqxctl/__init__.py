"""The version of emqxctl."""

__version__ = "0.1.0"
