"""Makers of what opens TLS on the way, by the words in the authority's name that their products sign with.

Sources: help.zscaler.com/unified/choosing-ca-certificate-ssl-inspection (the issuer is the name of the vendor's
intermediate), https://github.com/anthropics/claude-code/issues/25084, https://github.com/microsoft/vscode/issues/207636
"""

from __future__ import annotations

from typing import Final

_VENDORS: Final = (
    ("Zscaler", ("zscaler",)),
    ("Netskope", ("netskope", "goskope")),
    ("Palo Alto Networks", ("palo alto networks", "palo alto decryption", "globalprotect")),
    ("Fortinet", ("fortinet", "fortigate")),
    ("Cisco Umbrella", ("cisco umbrella", "opendns")),
    ("Cisco Secure Web Appliance", ("ironport",)),
    ("Symantec (Blue Coat)", ("blue coat", "bluecoat", "proxysg")),
    ("Forcepoint", ("forcepoint", "websense")),
    ("Skyhigh (McAfee Web Gateway)", ("skyhigh", "mcafee web gateway")),
    ("Check Point", ("check point", "checkpoint")),
    ("Sophos", ("sophos",)),
    ("SonicWall", ("sonicwall",)),
    ("WatchGuard", ("watchguard",)),
    ("Barracuda", ("barracuda",)),
    ("Cato Networks", ("cato networks",)),
    ("iboss", ("iboss",)),
    ("Cloudflare Gateway", ("gateway ca - cloudflare", "cloudflare managed g")),
    ("Trend Micro", ("trend micro", "trendmicro")),
    ("Kaspersky", ("kaspersky",)),
    ("ESET", ("eset ssl filter",)),
    ("Bitdefender", ("bitdefender",)),
    ("Avast or AVG", ("avast", "avg web/mail shield", "avg technologies")),
    ("Lightspeed", ("lightspeed rocket", "lightspeed systems")),
    ("Securly", ("securly",)),
    ("mitmproxy", ("mitmproxy",)),
    ("Charles", ("charles proxy",)),
    ("Fiddler", ("fiddler",)),
    ("Burp Suite", ("portswigger",)),
    ("Squid", ("squid proxy", "squid ca")),
)


def vendor_of(issuer: str, host: str = "") -> str:
    """The maker whose product signs so; empty where none is known, or where the host is that maker's own."""
    text, asked = issuer.lower(), host.lower()
    for vendor, words in _VENDORS:
        if any(word in text for word in words):
            own = any(word.split()[0] in asked for word in words)
            return "" if own else vendor
    return ""
