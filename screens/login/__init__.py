"""A login while it happens: what the person must do now, the keys for it, and what it came to."""
