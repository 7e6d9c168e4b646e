"""A user name and a password, as RFC 7617 sends them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType

from wizard.errors import UsageError
from wizard.secret import Secret
from wizard.services import Field

from .kind import Kind

USER, PASSWORD, DOMAIN = "username", "password", "domain"
DERIVED = "basic_credentials"


def compute(texts: Mapping[str, str], secrets: Mapping[str, Secret]) -> dict[str, Secret]:
    """``DOMAIN\\user:password`` in UTF-8 and base64. A user name that brings the domain along keeps it once.

    Raises:
        UsageError: ``basic-user-colon``, ``basic-control-character``, ``basic-two-domains``.
    """
    user, domain = texts.get(USER, ""), texts.get(DOMAIN, "").strip("\\/")
    password = secrets.get(PASSWORD)
    if not user or password is None:
        return {}
    check(user, domain, password)
    if domain and not user.lower().startswith(f"{domain.lower()}\\"):
        user = f"{domain}\\{user}"
    pair = f"{user}:{password.reveal()}".encode("utf-8", "surrogatepass")
    return {DERIVED: Secret(base64.b64encode(pair).decode("ascii"))}


def check(user: str, domain: str, password: Secret) -> None:
    """Refuse what RFC 7617 section 2 cannot carry. Raises: UsageError, without repeating a value."""
    if ":" in user or ":" in domain:
        what = "user name" if ":" in user else "domain"
        raise UsageError(
            "basic-user-colon",
            f"A {what} with a colon cannot be sent: the first colon ends the user name.",
            "RFC 7617 section 2 says so, and every server reads it so.",
            ["Give the user name alone, and the password as a field of its own: --secret password=SOURCE"],
        )
    for what, text in (("user name", user), ("domain", domain), ("password", password.reveal())):
        if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
            raise UsageError(
                "basic-control-character",
                f"The {what} holds a line end or another control character, which cannot be sent.",
                "RFC 7617 section 2 forbids them in both.",
                ["Copy it again without what surrounds it."],
            )
    before, backslash, _ = user.partition("\\")
    if domain and backslash and before.lower() != domain.lower():
        raise UsageError(
            "basic-two-domains",
            f"The user name names the domain {before}, and the domain is given as {domain}.",
            "Only one of them can be sent.",
            ["Leave the domain out, or give the user name without it."],
        )


KIND = Kind(
    "basic",
    "User name and password",
    (
        Field(USER, "User name or email", aliases=("email",)),
        Field(
            PASSWORD,
            "Password",
            secret=True,
            help="Or an app password or API token, where the service says so.",
        ),
        Field(DOMAIN, "Domain", required=False, help="Only where you sign in as DOMAIN\\name."),
    ),
    MappingProxyType({"Authorization": f"Basic {{{DERIVED}}}"}),
    derived=(Field(DERIVED, "User name and password, encoded", secret=True),),
    compute=compute,
)
