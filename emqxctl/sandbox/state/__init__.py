"""The state of the simulated cluster, and what changes it."""
