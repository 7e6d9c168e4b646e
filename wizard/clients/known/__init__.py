"""The clients, one module each; a new one is found by itself. Its module is named like the client's id (``-`` as ``_``,
and one more ``_`` behind a word that Python has taken), and holds it as ``CLIENT``."""
