"""A browser for ``BROWSER``: asks for the address it is given, and goes where it is sent, once."""

import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1], timeout=20) as page:  # noqa: S310  the test's own issuer
    page.read()
