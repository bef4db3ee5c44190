"""The rule engine: SQL statements parsed and evaluated."""
