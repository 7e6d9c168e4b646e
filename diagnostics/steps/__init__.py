"""The steps of the live test, one module per kind of question."""
