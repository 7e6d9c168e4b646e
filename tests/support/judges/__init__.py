"""Real client programs, one module each."""
