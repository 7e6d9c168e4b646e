"""The wizard: one screen for each of the six steps, driven by `flow`."""
