"""Tokens for what somebody else vouches for: the assertion, or the token that was to be exchanged, is not taken."""

from __future__ import annotations

from . import told
from .book import cause

_ENTERPRISE = "SEP-990: MCP ext-auth, Enterprise-Managed Authorization"
_WORKLOAD = "SEP-1933: workload identity federation"

cause(
    id="id-jag-not-given",
    layer="token-format",
    owner="idp-admin",
    title="The identity provider gave something else than an assertion for the server's issuer.",
    explanation="For a login by the company's identity provider (cross-app access) it has to issue an ID-JAG. What it"
    " gave is for itself, and was sent nowhere.",
    fix=(
        "Ask the identity provider's admin to switch on cross-app access (ID-JAG) for this client.",
        "Check idp_token_endpoint: is it the identity provider's?",
    ),
    sources=(f"{_ENTERPRISE}, section 4", "RFC 8693 section 2.2.1"),
)(told.by_login)

cause(
    id="subject-token-expired",
    layer="token-time",
    owner="you",
    title="The token to be exchanged has expired.",
    explanation="A token exchange needs a token that is still good.",
    fix=("Log in at the identity provider again and give the new token.",),
    sources=("RFC 8693 section 2.2.2",),
)(told.by_login)

cause(
    id="subject-token-refused",
    layer="token-format",
    owner="you",
    title="The issuer does not take the token that was to be exchanged.",
    explanation="It is one of another issuer, of another kind than was named, or this client may not exchange it.",
    fix=(
        "Check that it is a token of this very issuer, of the kind that was named.",
        "Log in at the identity provider again and give the new token.",
        "The identity provider's admin: allow the client token exchange (Keycloak: Clients, the client, Settings,"
        " Standard token exchange).",
    ),
    sources=("RFC 8693 section 2.2.2", "https://www.keycloak.org/securing-apps/token-exchange"),
)(told.by_login)

cause(
    id="assertion-expired",
    layer="token-time",
    owner="you",
    title="The assertion has expired, and the issuer does not take it.",
    explanation="An assertion lives for minutes; the platform that gave it renews it.",
    fix=("Get a new one where it comes from, and give that.",),
    sources=("RFC 7523 section 3", _WORKLOAD),
)(told.by_login)

cause(
    id="assertion-refused",
    layer="issuer",
    owner="idp-admin",
    title="The issuer does not take the assertion.",
    explanation="An issuer takes assertions only of those that it was told to trust, for subjects that it knows.",
    fix=(
        "Ask the issuer's admin whether it trusts the assertion's issuer, and knows its subject.",
        "It was not sent again, and no other grant was tried.",
    ),
    sources=("RFC 7523 section 3.1", _WORKLOAD, f"{_ENTERPRISE}, section 5"),
)(told.by_login)

cause(
    id="assertion-wrong-audience",
    layer="audience",
    owner="you",
    title="The assertion is for somebody else.",
    explanation="An assertion names for whom it is (`aud`): this must be the issuer that gives the token.",
    fix=("Get one whose audience (`aud`) is the issuer.",),
    sources=("RFC 7523 section 3", _WORKLOAD),
)(told.by_login)
