"""A gateway's ``.env`` files as typed values, and back: the keys are those of its document.

Read are ``credentials-provider/oauth/.env``, the project's own ``.env``, ``.env.agent`` and ``.env.user`` (which say
``COGNITO_…`` where the first says ``INGRESS_OAUTH_…``), and the ``agent-….env`` of its scripts. Which of several
keys counts, and what is taken where none is given, is as in agentic-community/mcp-gateway-registry,
credentials-provider/oauth/ingress_oauth.py and egress_oauth.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from wizard import dotenv
from wizard.dotenv import Dotenv
from wizard.redaction import secret_part
from wizard.secret import Secret

KEYCLOAK: Final = "keycloak"
COGNITO: Final = "cognito"
ERROR: Final = "error"
NOTE: Final = "note"

_PROVIDER: Final = "AUTH_PROVIDER"
_REGISTRY: Final = "REGISTRY_URL"
_LARGEST: Final = 100

# Each field with the keys that hold it; the first that has a value counts, and the first is written where none is.
_KEYS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    KEYCLOAK: {
        "url": ("KEYCLOAK_URL", "KEYCLOAK_ADMIN_URL", "KEYCLOAK_EXTERNAL_URL"),
        "realm": ("KEYCLOAK_REALM",),
        "client_id": ("KEYCLOAK_M2M_CLIENT_ID", "CLIENT_ID"),
        "client_secret": ("KEYCLOAK_M2M_CLIENT_SECRET", "CLIENT_SECRET"),
    },
    COGNITO: {
        "region": ("AWS_REGION",),
        "user_pool_id": ("INGRESS_OAUTH_USER_POOL_ID", "COGNITO_USER_POOL_ID"),
        "client_id": ("INGRESS_OAUTH_CLIENT_ID", "COGNITO_CLIENT_ID"),
        "client_secret": ("INGRESS_OAUTH_CLIENT_SECRET", "COGNITO_CLIENT_SECRET"),
        "domain": ("COGNITO_DOMAIN",),
    },
}
_READ_FIRST: Final = {"url": ("KEYCLOAK_ADMIN_URL", "KEYCLOAK_EXTERNAL_URL", "KEYCLOAK_URL")}
_EGRESS: Final = {
    "client_id": "EGRESS_OAUTH_CLIENT_ID",
    "client_secret": "EGRESS_OAUTH_CLIENT_SECRET",
    "redirect_uri": "EGRESS_OAUTH_REDIRECT_URI",
    "scope": "EGRESS_OAUTH_SCOPE",
    "provider": "EGRESS_PROVIDER_NAME",
    "server": "EGRESS_MCP_SERVER_NAME",
}
_NUMBERED: Final = re.compile(rf"({'|'.join(_EGRESS.values())})(?:_([0-9]+))?")
_EXAMPLE: Final = re.compile(
    r"\byour[-_ ]|\byour$|-your-|x{6,}|<[^<>]*>|change[-_]?me|alternative_(client|secret)", re.I
)


@dataclass(frozen=True, slots=True)
class Keycloak:
    """Two-legged sign-in at Keycloak; empty texts where the file says nothing."""

    url: str = ""
    realm: str = ""
    client_id: str = ""
    client_secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Cognito:
    """Two-legged sign-in at Amazon Cognito. ``domain`` is the address of its token endpoint, without a path."""

    region: str = ""
    user_pool_id: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    domain: str = ""

    @property
    def address(self) -> str:
        """The domain, or the one that the gateway's scripts make of the pool's id."""
        if self.domain:
            return self.domain if "://" in self.domain else f"https://{self.domain}"
        pool = self.user_pool_id.replace("_", "")
        return f"https://{pool}.auth.{self.region}.amazoncognito.com" if pool and self.region else ""


@dataclass(frozen=True, slots=True)
class Egress:
    """One numbered set: the app at a provider by which the server behind the gateway is signed in to."""

    number: int
    provider: str = ""
    server: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    redirect_uri: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class EnvProblem:
    """Something about the file: ``severity`` is ``error`` (it cannot work) or ``note``; ``line`` is 0 where it is about
    what is not there. ``part`` is ``ingress``, the number of an egress set, or empty. No value stands in ``says``."""

    id: str
    line: int
    key: str
    says: str
    severity: str = ERROR
    part: str = ""


@dataclass(frozen=True, slots=True)
class GatewayEnv:
    """What the file says. ``provider`` is ``keycloak`` or ``cognito``, empty where it names neither."""

    provider: str = COGNITO
    keycloak: Keycloak = field(default_factory=Keycloak)
    cognito: Cognito = field(default_factory=Cognito)
    egress: tuple[Egress, ...] = ()
    registry_url: str = ""
    problems: tuple[EnvProblem, ...] = ()

    def broken(self, part: str) -> bool:
        """Whether an error stands against this part (``ingress``, or the number of a set)."""
        return any(p.severity == ERROR and p.part in ("", part) for p in self.problems)


def load(path: Path) -> GatewayEnv:
    """A file's meaning. Raises: FileProblem, as `wizard.dotenv.load`."""
    return read(dotenv.load(path))


def is_gateways(file: Dotenv) -> bool:
    """Whether a file says anything that only a gateway's does."""
    keys = {k for kinds in _KEYS.values() for names in kinds.values() for k in names} - {"AWS_REGION"}
    return any(file.last(key) for key in (_PROVIDER, _REGISTRY, *keys)) or bool(_sets(file))


def read(file: Dotenv) -> GatewayEnv:
    """What the file says, and everything about it that is wrong or odd, in the order of its lines."""
    provider, about = _provider(file)
    sets = _sets(file)
    found = GatewayEnv(
        provider,
        Keycloak(**_fields(file, KEYCLOAK), client_secret=_secret(file, KEYCLOAK)),
        _cognito(file),
        tuple(sets.values()),
        _text(file, _REGISTRY),
    )
    problems = [*about, *_doubts(file), *_ingress(file, found), *_numbering(file, sets)]
    for one in sets.values():
        problems += _set_problems(file, one)
    problems += _examples(file, found)
    return replace(found, problems=tuple(sorted(problems, key=lambda p: (p.line == 0, p.line))))


def written(gateway: GatewayEnv, into: Dotenv) -> Dotenv:
    """The file with these values, each in its place: read again they are the same. Comments, the order, and keys that
    are none of the gateway's stay as they are; numbered sets that are not among the given ones go.

    Raises: UsageError, FileProblem, as `wizard.dotenv.Dotenv.set`.
    """
    out = into.set(_PROVIDER, gateway.provider) if gateway.provider else into
    for provider, values in ((KEYCLOAK, gateway.keycloak), (COGNITO, gateway.cognito)):
        for name, keys in _KEYS[provider].items():
            key = _first(out, _READ_FIRST.get(name, keys))
            out = _put(out, key if out.last(key) else keys[0], getattr(values, name))
    out = _put(out, _REGISTRY, gateway.registry_url)
    wanted = {one.number: one for one in gateway.egress}
    for binding in out.bindings:
        match = _NUMBERED.fullmatch(binding.key)
        if match and match[2] and int(match[2]) not in wanted:
            out = out.remove(binding.key)
    for number, one in sorted(wanted.items()):
        for name, key in _EGRESS.items():
            out = _put(out, f"{key}_{number}", getattr(one, name))
    return out


def _put(file: Dotenv, key: str, value: str | Secret | None) -> Dotenv:
    text = value.reveal() if isinstance(value, Secret) else value or ""
    if not text and file.last(key) is None:
        return file
    return file.set(key, text)


def _text(file: Dotenv, key: str) -> str:
    value = file.get(key)
    return value.reveal().strip() if value else ""


def _first(file: Dotenv, keys: tuple[str, ...]) -> str:
    """The first of these keys that has a value; else the first that stands there; else the first of all."""
    there = next((k for k in keys if file.last(k)), keys[0])
    return next((k for k in keys if _text(file, k)), there)


def _fields(file: Dotenv, provider: str) -> dict[str, str]:
    names = {n: k for n, k in _KEYS[provider].items() if n != "client_secret"}
    return {name: _text(file, _first(file, _READ_FIRST.get(name, keys))) for name, keys in names.items()}


def _secret(file: Dotenv, provider: str) -> Secret | None:
    return file.get(_first(file, _KEYS[provider]["client_secret"])) or None


def _cognito(file: Dotenv) -> Cognito:
    found = _fields(file, COGNITO)
    if found["user_pool_id"] and not found["region"]:
        found["region"] = "us-east-1"
    return Cognito(**found, client_secret=_secret(file, COGNITO))


def _line(file: Dotenv, key: str) -> int:
    found = file.last(key)
    return found.line if found else 0


def _provider(file: Dotenv) -> tuple[str, list[EnvProblem]]:
    named = _text(file, _PROVIDER).lower()
    if named in (KEYCLOAK, COGNITO):
        return named, []
    if named:
        says = f"{_PROVIDER} is neither keycloak nor cognito, so nobody knows where to sign in."
        return "", [EnvProblem("unknown-provider", _line(file, _PROVIDER), _PROVIDER, says, ERROR, "ingress")]
    both = {p: bool(_text(file, _first(file, _KEYS[p]["client_id"]))) for p in (KEYCLOAK, COGNITO)}
    taken = KEYCLOAK if both[KEYCLOAK] and not both[COGNITO] else COGNITO
    if not any(both.values()):
        return taken, []
    says = f"{_PROVIDER} is not set; {taken} is taken, and the gateway's scripts take cognito."
    return taken, [EnvProblem("provider-not-set", 0, _PROVIDER, says, NOTE)]


def _doubts(file: Dotenv) -> Iterator[EnvProblem]:
    for doubt in file.doubts:
        lost = doubt.id in ("after-quote", "unclosed-quote") and _NUMBERED.fullmatch(doubt.key) is not None
        known = lost or any(doubt.key in keys for fields in _KEYS.values() for keys in fields.values())
        severity = ERROR if known and doubt.id in ("after-quote", "unclosed-quote") else NOTE
        match = _NUMBERED.fullmatch(doubt.key)
        part = match[2] if match and match[2] else "ingress"
        yield EnvProblem(doubt.id, doubt.line, doubt.key, doubt.says, severity, part)


def _ingress(file: Dotenv, found: GatewayEnv) -> Iterator[EnvProblem]:
    if not found.provider:
        return
    keys = _KEYS[found.provider]
    for name, names in keys.items():
        if name in ("region", "domain"):
            continue
        key = _first(file, names)
        value = getattr(found.keycloak if found.provider == KEYCLOAK else found.cognito, name)
        if not value:
            says = f"{key} is {'empty' if file.last(key) else 'missing'}."
            yield EnvProblem("missing", _line(file, key), key, says, ERROR, "ingress")
    url = found.keycloak.url if found.provider == KEYCLOAK else found.cognito.address
    key = "KEYCLOAK_URL" if found.provider == KEYCLOAK else "COGNITO_DOMAIN"
    if url and not re.match(r"https?://[^\s/]+", url):
        says = f"{key} is no http(s) address."
        yield EnvProblem("not-a-url", _line(file, key), key, says, ERROR, "ingress")
    elif part := secret_part(url):
        yield _telling(file, key, part)
    if found.registry_url and not re.match(r"https?://[^\s/]+", found.registry_url):
        says = f"{_REGISTRY} is no http(s) address."
        yield EnvProblem("not-a-url", _line(file, _REGISTRY), _REGISTRY, says, ERROR, "ingress")
    elif part := secret_part(found.registry_url):
        yield _telling(file, _REGISTRY, part)


def _telling(file: Dotenv, key: str, part: str) -> EnvProblem:
    says = f"{key} holds {part}, and an address is kept in the open: leave it out."
    return EnvProblem("secret-in-address", _line(file, key), key, says, ERROR, "ingress")


def _sets(file: Dotenv) -> dict[int, Egress]:
    numbers = sorted({int(m[2]) for b in file.bindings if (m := _NUMBERED.fullmatch(b.key)) and m[2]})
    found: dict[int, Egress] = {}
    for number in numbers:
        texts = {n: _text(file, f"{k}_{number}") for n, k in _EGRESS.items() if n != "client_secret"}
        secret = file.get(f"{_EGRESS['client_secret']}_{number}") or None
        found[number] = Egress(number, client_secret=secret, **texts)
    return found


def _numbering(file: Dotenv, sets: Mapping[int, Egress]) -> Iterator[EnvProblem]:
    for binding in file.bindings:
        match = _NUMBERED.fullmatch(binding.key)
        if match and not match[2]:
            says = f"{binding.key} has no number; the gateway's scripts read {binding.key}_1 to _{_LARGEST}."
            yield EnvProblem("no-number", binding.line, binding.key, says, NOTE)
        elif match and str(int(match[2])) != match[2]:
            says = f"{binding.key} is not read: its number is written with a 0 before it."
            yield EnvProblem("number-form", binding.line, binding.key, says, ERROR, str(int(match[2])))
    wanted = 1
    for number in sets:
        line = _set_line(file, number)
        if not 1 <= number <= _LARGEST:
            says = f"The set {number} is not read: the gateway's scripts read 1 to {_LARGEST}."
            yield EnvProblem("number-range", line, "", says, ERROR, str(number))
        elif number != wanted:
            missing = f"{wanted}" if number == wanted + 1 else f"{wanted} to {number - 1}"
            says = f"The numbers of the egress sets have a gap before {number}: {missing} is missing."
            yield EnvProblem("number-gap", line, "", says, NOTE, str(number))
        wanted = number + 1


def _set_line(file: Dotenv, number: int) -> int:
    return min(
        (b.line for b in file.bindings if b.key in {f"{k}_{number}" for k in _EGRESS.values()}), default=0
    )


def _set_problems(file: Dotenv, one: Egress) -> Iterator[EnvProblem]:
    part, line = str(one.number), _set_line(file, one.number)
    for name in ("client_id", "client_secret", "redirect_uri"):
        key = f"{_EGRESS[name]}_{one.number}"
        if not getattr(one, name):
            at = _line(file, key) or line
            says = f"The egress set {one.number} has no {key}: the gateway's scripts pass the whole set over."
            yield EnvProblem("egress-incomplete", at, key, says, ERROR, part)
    if "*" in one.redirect_uri:
        key = f"{_EGRESS['redirect_uri']}_{one.number}"
        says = f"{key} holds a *: whoever serves an address of that form can receive the login. Name the exact one."
        yield EnvProblem("redirect-uri-wildcard", _line(file, key) or line, key, says, NOTE, part)
    for name, default in (("provider", "atlassian"), ("server", "the provider's name")):
        key = f"{_EGRESS[name]}_{one.number}"
        if not getattr(one, name):
            says = f"The egress set {one.number} has no {key}; {default} is taken."
            yield EnvProblem("egress-default", _line(file, key) or line, key, says, NOTE, part)


def _examples(file: Dotenv, found: GatewayEnv) -> Iterator[EnvProblem]:
    """Values that stand in the document's example, where a person's own should: nobody's."""
    own = _KEYS.get(found.provider, {})
    ours = {_first(file, _READ_FIRST.get(name, keys)) for name, keys in own.items()} | {_REGISTRY}
    for key, value in file.values().items():
        match = _NUMBERED.fullmatch(key)
        if (key in ours or (match and match[2])) and _EXAMPLE.search(value.reveal()):
            part = str(int(match[2])) if match and match[2] else "ingress"
            says = f"{key} still holds the example's value."
            yield EnvProblem("example-value", _line(file, key), key, says, ERROR, part)
