"""The full-screen program. Screens show state and call one function; they decide nothing."""

import os

# Textual reads these when it is imported: a log of every key, a picture of the screen, a remote console
for _name in ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_SCREENSHOT"):
    os.environ.pop(_name, None)
