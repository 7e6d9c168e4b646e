"""``credentials-provider/agentcore-auth/.env``: gateways of Amazon Bedrock AgentCore, each with a client at Cognito.

The keys are those of agentic-community/mcp-gateway-registry, docs/configuration.md ("AgentCore") and
credentials-provider/agentcore-auth/generate_access_token.py: ``COGNITO_DOMAIN`` or ``COGNITO_USER_POOL_ID`` once, and
``AGENTCORE_CLIENT_ID_N``, ``AGENTCORE_CLIENT_SECRET_N``, ``AGENTCORE_GATEWAY_ARN_N``, ``AGENTCORE_SERVER_NAME_N`` for
each gateway. A gateway's address is made of its ARN as AWS documents it:
https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-using.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from wizard.dotenv import Dotenv
from wizard.secret import Secret

from .env import ERROR, NOTE, EnvProblem

_KEYS: Final = {
    "client_id": "AGENTCORE_CLIENT_ID",
    "client_secret": "AGENTCORE_CLIENT_SECRET",
    "arn": "AGENTCORE_GATEWAY_ARN",
    "server": "AGENTCORE_SERVER_NAME",
}
_NUMBERED: Final = re.compile(rf"({'|'.join(_KEYS.values())})_([0-9]{{1,3}})")
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:bedrock-agentcore:([a-z0-9-]+):[0-9]{12}:gateway/([A-Za-z0-9-]{1,100})"
)
_POOL: Final = re.compile(r"([a-z0-9-]+)_([A-Za-z0-9]+)")
_DOMAIN: Final = ("COGNITO_DOMAIN", "OAUTH_DOMAIN")
_LARGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Gateway:
    """One AgentCore gateway. ``url`` is empty where its ARN does not say it."""

    number: int
    name: str
    client_id: str
    client_secret: Secret | None
    url: str


@dataclass(frozen=True, slots=True)
class AgentCore:
    """What the file says: the address of the token endpoint, and the gateways."""

    token_endpoint: str
    gateways: tuple[Gateway, ...] = ()
    problems: tuple[EnvProblem, ...] = field(default_factory=tuple)


def is_agentcores(file: Dotenv) -> bool:
    """Whether a file names a client of an AgentCore gateway."""
    return any(_NUMBERED.fullmatch(b.key) for b in file.bindings)


def read(file: Dotenv) -> AgentCore:
    """What the file says, and what is wrong with it. No value stands in a problem."""
    numbers = sorted({int(m[2]) for b in file.bindings if (m := _NUMBERED.fullmatch(b.key))})
    found = [_gateway(file, n) for n in numbers]
    endpoint, problems = _endpoint(file)
    for one in found:
        problems += _doubts(file, one)
    whole = tuple(g for g in found if g.client_id and g.client_secret and 1 <= g.number <= _LARGEST)
    return AgentCore(endpoint, whole, tuple(problems))


def address(arn: str) -> str:
    """A gateway's MCP address, of its ARN; empty for any other text."""
    match = _ARN.fullmatch(arn)
    return f"https://{match[2]}.gateway.bedrock-agentcore.{match[1]}.amazonaws.com/mcp" if match else ""


def _gateway(file: Dotenv, number: int) -> Gateway:
    texts = {n: _text(file, f"{key}_{number}") for n, key in _KEYS.items() if n != "client_secret"}
    secret = file.get(f"{_KEYS['client_secret']}_{number}") or None
    return Gateway(
        number, texts["server"] or f"agentcore-{number}", texts["client_id"], secret, address(texts["arn"])
    )


def _endpoint(file: Dotenv) -> tuple[str, list[EnvProblem]]:
    domain = next((t for key in _DOMAIN if (t := _text(file, key))), "").rstrip("/")
    if domain and "://" not in domain:
        domain = f"https://{domain}"
    if domain:
        path = "/oauth/token" if re.match(r"https://[^/]+\.auth0\.com$", domain) else "/oauth2/token"
        return domain + path, []
    pool = _POOL.fullmatch(_text(file, "COGNITO_USER_POOL_ID"))
    if pool:
        # the pool's own address (cognito-idp...) has no token endpoint; its domain has, where it was named so
        name = f"{pool[1]}{pool[2]}".lower()
        says = "COGNITO_DOMAIN is not said; the domain is taken that the gateway's scripts expect of the pool's id."
        note = EnvProblem("domain-guessed", 0, "COGNITO_DOMAIN", says, NOTE)
        return f"https://{name}.auth.{pool[1]}.amazoncognito.com/oauth2/token", [note]
    says = "COGNITO_DOMAIN is missing: it is the address whose /oauth2/token gives the tokens."
    return "", [EnvProblem("missing", 0, "COGNITO_DOMAIN", says, ERROR, "ingress")]


def _doubts(file: Dotenv, one: Gateway) -> Iterator[EnvProblem]:
    part = str(one.number)
    if not 1 <= one.number <= _LARGEST:
        says = f"The set {part} is not read: the gateway's scripts read 1 to {_LARGEST}."
        yield EnvProblem("number-range", 0, "", says, ERROR, part)
    for name in ("client_id", "client_secret"):
        if not getattr(one, name):
            key = f"{_KEYS[name]}_{part}"
            says = f"The set {part} has no {key}: the gateway's scripts pass the whole set over."
            yield EnvProblem("agentcore-incomplete", 0, key, says, ERROR, part)
    if not one.url:
        key = f"{_KEYS['arn']}_{part}"
        what = "is missing" if not _text(file, key) else "is no ARN of an AgentCore gateway"
        says = f"{key} {what}, so that the gateway's address is not known: say it with --url."
        yield EnvProblem("agentcore-address-missing", 0, key, says, NOTE, part)


def _text(file: Dotenv, key: str) -> str:
    value = file.get(key)
    return value.reveal().strip() if value else ""
