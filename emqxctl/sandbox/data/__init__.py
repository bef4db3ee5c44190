"""What EMQX 5.8.9 comes with, as tables: configuration, counters, error codes, events."""
