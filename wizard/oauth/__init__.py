"""OAuth 2.0: how a program comes by an access token. So far by client credentials (RFC 6749 section 4.4).

`complete` is what the rest of the house calls: it turns the secrets that a person gave into those that are sent.
"""

from .complete import complete, completed, needed, obtain
from .token_endpoint import AUTHENTICATIONS, Granted, OAuthClient, TokenRefused, ask

__all__ = [
    "AUTHENTICATIONS",
    "Granted",
    "OAuthClient",
    "TokenRefused",
    "ask",
    "complete",
    "completed",
    "needed",
    "obtain",
]
