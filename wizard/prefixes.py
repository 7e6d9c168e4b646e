"""How well-known credentials begin, and what each of them is.

Sources: GitHub's "About authentication to GitHub, token formats"; Slack's "Tokens"; Notion's "Authentication";
Google's "Using OAuth 2.0 to access Google APIs"; Atlassian's "Manage API tokens for your Atlassian account".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .services import Field


@dataclass(frozen=True, slots=True)
class Known:
    """What begins so: ``whose`` is the vendor, ``what`` the thing with its article (``a bot token``). ``never`` is True
    for what opens no API by itself."""

    begins: str
    whose: str
    what: str
    never: bool = False


TABLE: Final = (
    Known("github_pat_", "GitHub", "a fine-grained personal access token"),
    Known("ghp_", "GitHub", "a classic personal access token"),
    Known("gho_", "GitHub", "an OAuth app's access token"),
    Known("ghu_", "GitHub", "a GitHub App's user access token"),
    Known("ghs_", "GitHub", "a GitHub App's installation token"),
    Known("ghr_", "GitHub", "a refresh token, not an access token", never=True),
    Known("xoxb-", "Slack", "a bot token"),
    Known("xoxp-", "Slack", "a user token"),
    Known("xapp-", "Slack", "an app-level token, which opens sockets only", never=True),
    Known("xoxe.", "Slack", "a configuration or rotating token"),
    Known("xoxe-", "Slack", "a refresh token, not an access token", never=True),
    Known("xoxc-", "Slack", "a token of a browser session, which needs that browser's cookie", never=True),
    Known("ntn_", "Notion", "an integration's token"),
    Known("ATATT", "Atlassian", "an account's API token"),
    Known("ATCTT", "Atlassian", "an access token of Bitbucket"),
    Known("ATBB", "Atlassian", "an app password of Bitbucket"),
    Known("GOCSPX-", "Google", "a client secret, not an access token", never=True),
    Known("ya29.", "Google", "an OAuth access token"),
    Known("AIza", "Google", "an API key, not an access token"),
    Known("1//0", "Google", "a refresh token, not an access token", never=True),
    Known("faosx_", "FAOS", "an API token"),
)
"""Beginnings that one vendor alone uses; a longer one stands before a shorter one that it begins with."""


def known(value: str) -> Known | None:
    """What this value is by its beginning; None where that tells nothing."""
    return next((k for k in TABLE if value.startswith(k.begins)), None)


def misplaced(value: str, field: Field) -> Known | None:
    """What the value is, where this is something else than the field's document asks for."""
    if not field.beginnings or value.startswith(field.beginnings):
        return None
    return known(value)


def listed(field: Field) -> str:
    """How a right value begins, in words."""
    return " or ".join(f"`{begins}`" for begins in field.beginnings)
