"""Faults on purpose: each lets a practice service show one cause, and nothing else.

A fault is an entry in a table: what it changes before the service starts, and what it answers in the service's place.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wizard.errors import UsageError
from wizard.secret import Secret

from . import gateway_faults, protected
from .faos import REALM, STAGING, FaosSite, lacks_scope
from .protected import ProtectedSite
from .sites import REAL, Answer, Answering, Asked, Site
from .vendors import IDS, VendorSite, made

_UNKNOWN_TO = tuple(id for id in IDS if id != "slack")
"""Those vendors that refuse with a status of refusal."""

_ALL = ("faos", "fleet", "mcp")


def _pass(_: Site, __: Asked) -> Answer | None:
    return None


def _nothing(_: Site) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Fault:
    """``cause`` is the id that the doctor should find; ``services`` are those that can show it.

    ``staging`` also starts a second FAOS environment, to which the credential then belongs.
    """

    cause: str
    services: tuple[str, ...]
    prepare: Callable[[Site], None] = _nothing
    answer: Answering = _pass
    staging: bool = False


def _health_refused(_: Site, asked: Asked) -> Answer | None:
    return asked.verdict.refusal if asked.path == "/health" else None


def _unguard(site: Site) -> None:
    site.guarded = False


def _too_many(_: Site, asked: Asked) -> Answer | None:
    if asked.path == "/health":
        return None
    return Answer(429, {"error": "rate_limited"}, {"Retry-After": "30"})


def _broken(_: Site, asked: Asked) -> Answer | None:
    if asked.open:
        return None
    return Answer(500, {"error": "server_error", "error_description": "Something went wrong on the server"})


def _false(site: Site) -> None:
    site.false_credential()


def _expired(site: Site) -> None:
    if isinstance(site, FaosSite):
        site.expired_credential()
    elif isinstance(site, ProtectedSite):
        now = int(time.time())
        site.credentials["token"] = site.jwt(iat=now - 7200, exp=now - 3600)


def _other_audience(site: Site) -> None:
    if isinstance(site, ProtectedSite):
        site.credentials["token"] = site.jwt(aud="account")


def _other_environment(site: Site) -> None:
    if isinstance(site, FaosSite):
        site.credentials["token"] = site.peers[STAGING].credentials["token"]
    elif isinstance(site, ProtectedSite):
        # a name that resolves nowhere: the token's issuer is not to be asked
        site.credentials["token"] = site.jwt(
            iss="https://staging.practice.invalid", aud="https://staging.practice.invalid/mcp"
        )


def _narrow(site: Site, asked: Asked) -> Answer | None:
    if asked.open or asked.verdict.kind != REAL or isinstance(site, VendorSite):
        return None
    if isinstance(site, ProtectedSite):
        refusal = lacks_scope(protected.REALM, (*protected.SCOPES, "mcp:admin"))
        header = refusal.headers["WWW-Authenticate"]
        more = ", ".join(f'{name}="{value}"' for name, value in site.metadata_parameter().items())
        return Answer(403, refusal.body, {"WWW-Authenticate": f"{header}, {more}"})
    return lacks_scope(REALM, ("context:read",))


def _revoked(site: Site) -> None:
    if isinstance(site, VendorSite):
        site.hand_out(site.credentials["token_revoked"])


def _scopeless(site: Site) -> None:
    if isinstance(site, VendorSite):
        site.hand_out(site.credentials["token_narrow"])


def _wants_scope(_: Site, asked: Asked) -> Answer | None:
    if asked.verdict.kind != REAL:
        return None
    said = "You need at least read:org scope or user scope to list your organizations."
    headers = {
        "X-OAuth-Scopes": ", ".join(asked.verdict.scopes),
        "X-Accepted-OAuth-Scopes": "admin:org, read:org, repo, user, write:org",
    }
    return Answer(403, {"message": said, "documentation_url": "https://docs.github.com/rest"}, headers)


def _hidden(site: Site, asked: Asked) -> Answer | None:
    if asked.open or asked.verdict.kind != REAL:
        return None
    if isinstance(site, ProtectedSite):
        error = {"code": -32000, "message": "upstream_failure: 401 invalid token"}
        return Answer(200, {"jsonrpc": "2.0", "id": None, "error": error})
    return Answer(200, {"error": "upstream_failure", "message": "The token has expired"})


def _other_kind(site: Site) -> None:
    if isinstance(site, VendorSite):
        begins = "xoxp-" if site.id != "slack" else "xapp-"
        site.hand_out(made(begins))


def _many_tenants(site: Site) -> None:
    if isinstance(site, VendorSite):
        site.demands = "tenant"


def _unlicensed(_: Site, asked: Asked) -> Answer | None:
    """As FusionAuth answers where a feature is not in its plan (FusionAuth/fusionauth-issues#1555)."""
    if asked.open or asked.verdict.kind != REAL:
        return None
    error = {
        "code": "[notLicensed]",
        "message": "You must activate FusionAuth using a valid license before using this feature.",
    }
    return Answer(400, {"fieldErrors": {}, "generalErrors": [error]})


def _bare_address(site: Site) -> None:
    site.url = site.origin


def _elsewhere_only(_: Site, asked: Asked) -> Answer | None:
    if asked.path != "/":
        return None
    if asked.method == "POST":
        return Answer(405, "Method Not Allowed", {"Allow": "GET"})
    return Answer(404, "Not Found")


def _other_slash(site: Site) -> None:
    site.url = f"{site.url}/"


def _to_the_other_slash(_: Site, asked: Asked) -> Answer | None:
    """As nginx answers where a location ends in a slash and the address does not; here the other way about."""
    return Answer(301, "", {"Location": asked.path.rstrip("/")}) if asked.path == "/mcp/" else None


def _to_a_login(_: Site, asked: Asked) -> Answer | None:
    """As an access proxy does; the login leads to a name that resolves nowhere."""
    if asked.open:
        return None
    place = "https://login.practice.invalid/authorize?client_id=practice&response_type=code"
    return Answer(302, "", {"Location": place})


def _restarted(site: Site) -> None:
    """The token handed out is that of before the restart; the file holds the one of today."""
    site.credentials["token"] = Secret(secrets.token_urlsafe(32))


def _file_gone(site: Site) -> None:
    if site.token_file is not None:
        site.token_file.unlink()


def _file_cut(site: Site) -> None:
    """Half of the file, as a write that was cut off leaves it."""
    if site.token_file is not None:
        content = site.token_file.read_bytes()
        site.token_file.write_bytes(content[: len(content) // 2])


def _file_open(site: Site) -> None:
    if site.token_file is not None:
        site.token_file.chmod(0o644)


_TABLE = (
    Fault("health-requires-auth", _ALL, answer=_health_refused),
    Fault("auth-disabled", _ALL, prepare=_unguard),
    Fault("rate-limited", (*_ALL, *IDS), answer=_too_many),
    Fault("server-error", (*_ALL, *IDS), answer=_broken),
    Fault("access-token-expired", ("faos", "mcp"), prepare=_expired),
    Fault("audience-not-bound-to-resource", ("mcp",), prepare=_other_audience),
    Fault("insufficient-scope", ("faos", "mcp"), prepare=_scopeless, answer=_narrow),
    Fault("google-scope-insufficient", ("google",), prepare=_scopeless),
    Fault(
        "wrong-transport-or-endpoint-path", ("fleet", "mcp"), prepare=_bare_address, answer=_elsewhere_only
    ),
    Fault("redirect-trailing-slash-drops-auth", ("mcp",), prepare=_other_slash, answer=_to_the_other_slash),
    Fault("access-proxy-redirects-to-login", _ALL, answer=_to_a_login),
    Fault("token-not-recognised", (*_ALL, *_UNKNOWN_TO), prepare=_false),
    Fault("slack-error-in-200-not-authed", ("slack",), prepare=_revoked),
    Fault("github-classic-scope-missing", ("github",), prepare=_scopeless, answer=_wants_scope),
    Fault("auth-error-hidden-in-200", ("mcp", "notion"), answer=_hidden),
    Fault(
        "credential-of-wrong-kind", ("github", "slack", "notion", "atlassian", "google"), prepare=_other_kind
    ),
    Fault("tenant-header-missing-or-wrong", ("fusionauth",), prepare=_many_tenants),
    Fault("license-or-policy-disables-feature", ("fusionauth",), answer=_unlicensed),
    Fault("wrong-environment-url", ("faos", "mcp"), prepare=_other_environment, staging=True),
    Fault("token-file-regenerated-on-restart", ("fleet",), prepare=_restarted),
    Fault("token-file-missing", ("fleet",), prepare=_file_gone),
    Fault("credential-store-corrupt-or-truncated", ("fleet",), prepare=_file_cut),
    Fault("token-file-too-permissive", ("fleet",), prepare=_file_open),
    Fault("egress-token-refused", ("gateway",), prepare=gateway_faults.egress_refused),
    Fault("group-to-scope-mapping-missing", ("gateway",), prepare=gateway_faults.unmapped),
    Fault("group-name-case-or-hyphen", ("gateway",), prepare=gateway_faults.misspelt),
    Fault("groups-mapper-missing", ("gateway",), prepare=gateway_faults.no_mapper),
    Fault("wrong-realm", ("gateway",), prepare=gateway_faults.other_realm),
    Fault("client-secret-wrong-or-id-instead-of-value", ("gateway",), prepare=gateway_faults.secret_id),
    Fault("id-token-used-as-access-token", ("gateway",), prepare=gateway_faults.id_token),
    Fault("token-not-yet-valid-iat-nbf-future", ("gateway",), prepare=gateway_faults.ahead),
    Fault("issuer-hostname-mismatch-keycloak", ("gateway",), prepare=gateway_faults.other_name),
    Fault("tool-name-mismatch", ("gateway",), prepare=gateway_faults.renamed_tool),
)
FAULTS: Mapping[str, Fault] = {fault.cause: fault for fault in _TABLE}


def chosen(cause: str, service: str | None = None) -> tuple[tuple[str, Fault], ...]:
    """The fault with the services that are to show it: the one named, or all that can.

    Raises:
        UsageError: ``unknown-fault`` or ``fault-not-here``.
    """
    fault = FAULTS.get(cause)
    if fault is None:
        raise UsageError(
            "unknown-fault", "There is no such fault to practise.", "", [f"One of: {', '.join(FAULTS)}."]
        )
    if service is None:
        return tuple((name, fault) for name in fault.services)
    if service not in fault.services:
        raise UsageError(
            "fault-not-here",
            f"The practice service {service} cannot show {cause}.",
            "",
            [f"These can: {', '.join(fault.services)}."],
        )
    return ((service, fault),)
