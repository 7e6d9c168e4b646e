"""Why a refresh was refused, told apart by what the token endpoint answered.

Every provider puts expired, revoked, used up and foreign refresh tokens into one ``invalid_grant`` (RFC 6749 section
5.2); only its sentence tells them apart, and some give another code for them (mcp-auth.md section 4, number 20).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wizard.livetest import Evidence

from .kept import Kept
from .posting import TokenRefused
from .problems import OAuthProblem

_DAY: Final = 86_400.0
_WRONG_CODES: Final = frozenset({"invalid_request", "invalid_token", "access_denied", "unauthorized", ""})
"""What is answered in place of ``invalid_grant``: https://github.com/metabase/metabase/issues/80389,
https://github.com/obot-platform/obot/issues/7501, https://github.com/lepture/authlib/issues/112."""
_OWN_CODES: Final = frozenset(
    {"bad_refresh_token", "invalid_refresh_token", "token_expired", "token_revoked"}
)
"""GitHub's and Slack's, with status 200: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-
github-app/refreshing-user-access-tokens, https://docs.slack.dev/reference/methods/oauth.v2.access"""
_ABOUT_IT: Final = re.compile(
    r"(?i)refresh.?token|token.{0,20}(expired|revoked|not found|unknown|inactive)|session"
)
_NOT_ITS_FAULT: Final = re.compile(r"(?i)\b(missing|required|duplicate[ds]?)\b")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way in which a refresh is refused: ``says`` is looked for in code and sentence. ``final`` is whether the
    refresh token is of no use any more."""

    says: re.Pattern[str]
    id: str
    title: str
    fix: tuple[str, ...] = ()
    owner: str = "you"
    final: bool = True


def _kind(says: str, id: str, title: str, *fix: str, owner: str = "you", final: bool = True) -> _Kind:
    return _Kind(re.compile(says, re.IGNORECASE), id, title, fix, owner, final)


_DEAD: Final = "refresh-token-expired-or-revoked"
_REUSED: Final = "refresh-token-reused-by-concurrent-processes"
_OF_THE_TOKEN: Final = (
    # Keycloak answers for the host that was asked: https://github.com/keycloak/keycloak/issues/27660
    _kind(
        r"invalid token issuer",
        "refresh-issuer-mismatch-keycloak",
        "Keycloak made this login under another name of itself, and refuses to renew it under this one.",
        "Keycloak's admin: pin the host name (KC_HOSTNAME), so that every address gives the same issuer.",
        "Until then, use one and the same address of Keycloak for the login and for its renewal.",
        owner="idp-admin",
        final=False,
    ),
    # https://phasetwo.io/blog/keycloak-invalid-grant/ (Keycloak); node-oidc-provider issue 1022; Auth0's "reuse
    # detection"; Entra's AADSTS54005 is an authorization code's and stands in no answer to a refresh
    _kind(
        r"re-?use|already (been )?used|already redeemed|stale token|rotated|consumed",
        _REUSED,
        "The refresh token had been used before, by another program or an older copy of this login.",
        "Let one program alone renew this login: no copy of it on another machine or in another client.",
    ),
    _kind(
        r"session (is )?not (active|found)|token is not active|session (has )?(ended|expired)|"
        r"(doesn't|does not) have required client|user session not found|offline session",
        "idp-sso-session-idle-or-ended",
        "Your session at the identity provider has ended, and the login with it.",
        "For a longer life, the identity provider's admin: raise the session's idle time, or allow offline_access.",
    ),
    _kind(
        r"authorized client don't match|unmatching client|different client|another client|not issued (to|for)|"
        r"client_?id (mismatch|does not match)|AADSTS70009\b",
        "refresh-token-of-another-client",
        "The refresh token was given to another client than the one that is configured now.",
        "If the client id was changed on purpose, log in again with it.",
    ),
    # https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
    _kind(
        r"AADSTS(50173|700084|65001)\b|password.{0,30}(changed|reset)|(?<!expired or )revoked(?! or expired)",
        _DEAD,
        "The login was revoked at the identity provider.",
        "If nobody revoked it on purpose: a changed password and a removed consent end it as well.",
    ),
    _kind(
        r"user.{0,12}(disabled|blocked|deleted|locked)|account.{0,12}(disabled|locked)|AADSTS50057\b",
        "token-revoked-or-user-disabled",
        "The identity provider has disabled your account.",
        "Ask the identity provider's admin whether the account is to be enabled again.",
        owner="idp-admin",
    ),
    _kind(
        r"AADSTS(70008|700082|700081|70043)\b|expired(?! or)",
        _DEAD,
        "The login has expired at the identity provider.",
    ),
)
OF_THE_CLIENT: Final = (
    # https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
    _kind(
        r"AADSTS7000222\b|secret.{0,20}expired",
        "client-secret-expired",
        "The client secret has expired.",
        "Make a new client secret at the identity provider, and set the connection up again with it.",
        final=False,
    ),
    _kind(
        r"AADSTS7000218\b",
        "public-client-flow-secret-required",
        "The identity provider wants a client secret from this client.",
        "Its admin: allow public client flows for the client, or give the connection its client secret.",
        owner="idp-admin",
        final=False,
    ),
    _kind(
        r"AADSTS700025\b",
        "public-client-must-not-send-secret",
        "This client is a public one, and its identity provider takes no secret from it.",
        "Set the connection up again without client_secret.",
        final=False,
    ),
)


def why(refused: TokenRefused, kept: Kept, name: str, now: float) -> tuple[OAuthProblem, bool]:
    """The refusal as the problem that it is, and whether it is for good: then only a new login helps. ``kept`` is the
    login as it was before, ``name`` the connection's, ``now`` seconds since the epoch."""
    said = f"{refused.error} {refused.description}"
    if refused.status == 429 or refused.status >= 500:
        return _later(refused), False
    if refused.error in ("invalid_client", "unauthorized_client") or "AADSTS70002" in said:
        return _of_the_client(refused, kept, name), False
    if not _about_the_token(refused):
        problem = OAuthProblem(
            "token-request-refused",
            refused.title,
            refused.description,
            refused.fix,
            evidence=_seen(refused),
            owner="you",
        )
        return problem, False
    found = next((k for k in _OF_THE_TOKEN if k.says.search(said)), None) or _unsaid(kept)
    if found.id == _DEAD and _weekly(kept, now):
        found = _WEEKLY
    again = (f"Log in again: authwizard login {name}",) if found.final else ()
    return (
        OAuthProblem(
            found.id,
            found.title,
            refused.description,
            (*again, *found.fix),
            evidence=(*_seen(refused), *_more(refused, kept, now)),
            owner=found.owner,
        ),
        found.final,
    )


def _about_the_token(refused: TokenRefused) -> bool:
    """Whether this refusal speaks of the refresh token, whatever its code."""
    if refused.error == "invalid_grant" or refused.error in _OWN_CODES:
        return True
    text = refused.description
    told = bool(_ABOUT_IT.search(text)) and not _NOT_ITS_FAULT.search(text)
    return refused.error in _WRONG_CODES and refused.status in (400, 401, 403) and told


_WEEKLY: Final = _kind(
    "",
    "google-testing-mode-7-day-refresh",
    "Google ends the logins of an app in testing after seven days.",
    "The app's owner: publish it (Google Cloud console, OAuth consent screen, In production), or make it internal.",
)


def _weekly(kept: Kept, now: float) -> bool:
    """https://developers.google.com/identity/protocols/oauth2#expiration"""
    age = (now - kept.made_at) / _DAY
    return kept.login.issuer == "https://accounts.google.com" and kept.made_at > 0 and 6 <= age <= 8


def _unsaid(kept: Kept) -> _Kind:
    """Nothing says why. A refresh that was begun before, and whose answer never came, may have used the token up."""
    if kept.begun_at:
        return _kind(
            "",
            _REUSED,
            "The refresh token is spent: an earlier renewal was cut off before its answer was kept.",
            "If it happens again: let no program be killed while it renews, and keep one copy of this login only.",
        )
    return _kind("", _DEAD, "The refresh token is refused: it has expired, was revoked, or was used up.")


def _of_the_client(refused: TokenRefused, kept: Kept, name: str) -> OAuthProblem:
    said = f"{refused.error} {refused.description}"
    found = next((k for k in OF_THE_CLIENT if k.says.search(said)), None)
    again = f"Then log in again: authwizard login {name}"
    login = kept.login
    if found is None and refused.error == "unauthorized_client":
        found = _kind(
            "",
            "client-grant-not-allowed",
            f"The client `{login.client_id[:80]}` may not renew a login.",
            "The identity provider's admin: allow the client the refresh_token grant.",
            f"Until then, log in again when it ends: authwizard login {name}",
            owner="idp-admin",
        )
    if found is None and login.registration == "dynamic":
        found = _kind(
            "",
            "stale-dynamic-client",
            "The identity provider does not know the client any more that was registered for this login.",
            f"Log in again, which registers a new one: authwizard login {name}",
        )
    if found is None:
        found = _kind(
            "",
            "client-secret-wrong-or-id-instead-of-value",
            f"The identity provider does not take the client id `{login.client_id[:80]}` with its secret."
            if login.client_secret
            else f"The identity provider does not take the client `{login.client_id[:80]}` without a secret.",
            "Compare the client id and secret with what the identity provider shows; give the connection the new ones.",
            again,
        )
    return OAuthProblem(
        found.id, found.title, refused.description, found.fix, evidence=_seen(refused), owner=found.owner
    )


def _later(refused: TokenRefused) -> OAuthProblem:
    limited = refused.status == 429
    return OAuthProblem(
        "rate-limited" if limited else "server-error",
        "The identity provider wants no more requests now."
        if limited
        else f"The identity provider cannot renew the login now: it answered {refused.status}.",
        refused.description or "The login is kept as it is.",
        ("Try again later.", "If it goes on, tell the identity provider's admin."),
        evidence=_seen(refused),
        owner="you" if limited else "idp-admin",
    )


def _seen(refused: TokenRefused) -> tuple[Evidence, ...]:
    words = (str(refused.status), refused.error, refused.description)
    return (Evidence("token-answer", f"the token endpoint answered {' '.join(w for w in words if w)}"),)


def _more(refused: TokenRefused, kept: Kept, now: float) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    if refused.error not in {"invalid_grant", *_OWN_CODES}:
        code = refused.error or "no code"
        found.append(
            Evidence("token-answer", f"it says {code} where RFC 6749 section 5.2 wants invalid_grant")
        )
    if kept.made_at:
        found.append(Evidence("kept-login", f"the login is {_age(now - kept.made_at)} old"))
    if kept.begun_at:
        found.append(
            Evidence(
                "kept-login",
                f"a renewal begun {_age(now - kept.begun_at)} before came to no answer that was kept",
            )
        )
    return tuple(found)


def _age(seconds: float) -> str:
    for unit, length in (("days", _DAY), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} seconds"
