"""What happens in the simulated cluster by itself as time goes by."""
