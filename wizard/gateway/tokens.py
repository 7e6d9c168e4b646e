"""What a gateway's scripts write into ``.oauth-tokens``: tokens with what belongs to them, each a JSON object.

``ingress.json`` is for the gateway, ``egress.json`` and ``PROVIDER-SERVER-egress.json`` for a server behind it,
``agent-NAME-token.json`` for one agent. The keys, and that a time is a number in one file and a text in another, are
those of agentic-community/mcp-gateway-registry, credentials-provider/oauth/ingress_oauth.py and egress_oauth.py,
credentials-provider/keycloak/generate_tokens.py.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wizard import jwt
from wizard.entries import Part, RemotePlan, Value, fill
from wizard.errors import FileProblem
from wizard.reading import read_text
from wizard.secret import Secret

FOLDER: Final = ".oauth-tokens"
INGRESS: Final = "ingress.json"
EGRESS: Final = "egress.json"
CLIENTS: Final = frozenset({"mcp.json", "vscode_mcp.json"})
"""Files in the same folder that are a client's config, and no token's."""

_BEARER: Final = "Bearer "
_AGENT: Final = re.compile(r"agent-[A-Za-z0-9_.-]{1,100}")
_SAFE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")


@dataclass(frozen=True, slots=True)
class GatewayToken:
    """One token file. ``expires_at`` is in seconds since 1970, None where the file does not say. ``more`` are the keys
    that this program does not use."""

    access_token: Secret
    provider: str = ""
    refresh_token: Secret | None = None
    expires_at: float | None = None
    client_id: str = ""
    keycloak_url: str = ""
    realm: str = ""
    user_pool_id: str = ""
    region: str = ""
    cloud_id: str = ""
    scopes: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A token file to be written: its name, and its members. A member that is a secret is a `Value`, to be filled."""

    name: str
    members: Mapping[str, object]


def read(path: Path) -> GatewayToken:
    """A token file.

    Raises:
        FileProblem: missing, a folder, not to be read, too large, no UTF-8; ``token-file-not-json``,
            ``token-file-invalid``.
    """
    text = read_text(path, FileProblem)
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise FileProblem(
            "token-file-not-json",
            f"{path} is no JSON file.",
            "The gateway's token files are JSON objects.",
            ["Have it generated anew: ./credentials-provider/generate_creds.sh"],
        ) from None
    if not isinstance(data, dict):
        raise _invalid(path, "it is no JSON object")
    token = data.get("access_token")
    if not isinstance(token, str) or not token:
        raise _invalid(path, "it has no text as `access_token`")
    known = {
        "provider": "provider",
        "client_id": "client_id",
        "keycloak_url": "keycloak_url",
        "realm": "realm",
        "user_pool_id": "user_pool_id",
        "region": "region",
        "cloud_id": "cloud_id",
    }
    if "realm" not in data and "keycloak_realm" in data:
        known["realm"] = "keycloak_realm"
    texts = {name: _text(path, data, key) for name, key in known.items()}
    refresh = _text(path, data, "refresh_token")
    scopes = data.get("scopes")
    used = {*known.values(), "access_token", "refresh_token", "expires_at", "scopes"}
    return GatewayToken(
        Secret(token),
        refresh_token=Secret(refresh) if refresh else None,
        expires_at=_time(path, data.get("expires_at")),
        scopes=tuple(s for s in scopes if isinstance(s, str)) if isinstance(scopes, list) else (),
        more={k: v for k, v in data.items() if k not in used},
        **texts,
    )


def egress_file(folder: Path, provider: str, server: str) -> Path | None:
    """The file that holds the token of this provider for this server, as the gateway's scripts look for it; None
    where there is none. A file that cannot be read is taken for it only by its name."""
    for name in (f"{provider}-{server}-egress.json", f"{provider}-egress.json"):
        if _SAFE.fullmatch(provider) and (folder / name).is_file():
            return folder / name
    general = folder / EGRESS
    if not general.is_file():
        return None
    try:
        found = read(general).provider
    except FileProblem:
        return None
    return general if found in ("", provider) else None


def from_plan(plan: RemotePlan, secrets: Mapping[str, Secret], folder: Path) -> tuple[TokenFile, ...]:
    """The token files that belong to an entry for a server behind a gateway; none for one without a token.

    ``folder`` is where they will lie: an ``egress.json`` there that is another provider's is left alone.
    """
    headers = {name.lower(): value for name, value in plan.headers.items()}
    files: list[TokenFile] = []
    if token := _token(headers.get("x-authorization", ())):
        files += _ingress(headers, token, secrets)
    if token := _token(headers.get("authorization", ())):
        server = _server(plan.url)
        cloud = _plain(headers.get("x-atlassian-cloud-id", ()))
        provider = "atlassian" if cloud else server
        members = {
            "provider": provider,
            "access_token": token,
            **_expiry(token, secrets),
            "cloud_id": cloud or None,
            "usage_notes": f"This token is for {provider}, behind the gateway's server {server}.",
        }
        files.append(TokenFile(_egress_name(folder, provider, server), members))
    return tuple(files)


def _ingress(headers: Mapping[str, Value], token: Value, secrets: Mapping[str, Secret]) -> list[TokenFile]:
    client = _plain(headers.get("x-client-id", ()))
    pool = _plain(headers.get("x-user-pool-id", ()))
    expiry = _expiry(token, secrets)
    url, realm = _plain(headers.get("x-keycloak-url", ())), _plain(headers.get("x-keycloak-realm", ()))
    own = (
        {"user_pool_id": pool, "region": _plain(headers.get("x-region", ()))}
        if pool
        else {"keycloak_url": url, "realm": realm}
    )
    ingress = {
        "provider": "cognito_m2m" if pool else "keycloak_m2m",
        "access_token": token,
        **expiry,
        "token_type": "Bearer",
        "client_id": client,
        **own,
        "usage_notes": "This token is for the gateway itself.",
    }
    files = [TokenFile(INGRESS, ingress)]
    if not pool and _AGENT.fullmatch(client):
        seconds = expiry["expires_at"]
        agent = {
            "agent_name": client,
            "access_token": token,
            "token_type": "Bearer",
            "expires_at": None
            if seconds is None
            else datetime.fromtimestamp(float(str(seconds)), UTC).isoformat(),
            "provider": "keycloak",
            "keycloak_url": url,
            "keycloak_realm": realm,
            "client_id": client,
        }
        files.append(TokenFile(f"{client}-token.json", agent))
    return files


def _egress_name(folder: Path, provider: str, server: str) -> str:
    """``egress.json``, or where that is another provider's, the name that the scripts give to one of several."""
    general = folder / EGRESS
    own = f"{provider}-{server}-egress.json"
    if not general.exists() or not (_SAFE.fullmatch(provider) and _SAFE.fullmatch(server)):
        return EGRESS
    try:
        found = read(general).provider
    except FileProblem:
        return own
    return EGRESS if found in ("", provider) else own


def _token(value: Value) -> Value:
    """A header's value without its scheme."""
    first: Part = value[0] if value else ""
    if isinstance(first, str) and first.startswith(_BEARER):
        rest = first.removeprefix(_BEARER)
        return (*((rest,) if rest else ()), *value[1:])
    return value


def _plain(value: Value) -> str:
    return "".join(p for p in value if isinstance(p, str))


def _expiry(token: Value, secrets: Mapping[str, Secret]) -> dict[str, object]:
    """When the token ends, as it says itself: a number as the scripts write it, and a text for people."""
    try:
        peeked = jwt.peek(fill(token, secrets).reveal())
    except KeyError:
        peeked = None
    ends = peeked.time("exp") if peeked else None
    try:
        human = None if ends is None else datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        ends = human = None
    return {"expires_at": ends, "expires_at_human": human}


def _server(url: str) -> str:
    """What stands in a gateway's address for the server: all of the path but its last part."""
    from urllib.parse import urlsplit

    parts = [p for p in urlsplit(url).path.split("/") if p]
    named = parts[:-1] if len(parts) > 1 else parts
    return named[-1] if named else "server"


def _text(path: Path, data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _invalid(path, f"`{key}` in it is no text")
    return value


def _time(path: Path, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _invalid(path, "`expires_at` in it is no time") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _invalid(path, "`expires_at` in it is no time")
    return float(value)


def _invalid(path: Path, what: str) -> FileProblem:
    return FileProblem(
        "token-file-invalid",
        f"{path} is no token file of the gateway.",
        f"In it: {what}.".replace("In it: it", "It"),
        ["Have it generated anew: ./credentials-provider/generate_creds.sh"],
    )
