"""Strict reading of descriptions in TOML: what is at fault is named with its line, and what was expected."""
