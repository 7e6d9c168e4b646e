"""From a gateway's ``.env`` to connections: looked at first, then done. One is for the gateway's own tools (``mcpgw``),
and one for each server that its egress sets name.

The client secret goes into a store. An egress token stays in the file where the gateway's scripts keep it. The app's
own id and secret (``EGRESS_OAUTH_CLIENT_…``) stay in the ``.env``: only those scripts sign in with them.
"""

from __future__ import annotations

import contextlib
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from wizard import connections, dotenv
from wizard.connections import Connection
from wizard.errors import FileProblem, UsageError
from wizard.names import valid_name
from wizard.pasting import pasted
from wizard.redaction import secret_part
from wizard.secret import Secret

from . import agentcore, env, providers, tokens
from .env import ERROR, KEYCLOAK, NOTE, Egress, EnvProblem, GatewayEnv

SERVICE: Final = "gateway"
_SECRET: Final = "client_secret"  # noqa: S105  # a field's name
_TOOLS: Final = "mcpgw"
_LIST: Final = "oauth_providers.yaml"


@dataclass(frozen=True, slots=True)
class Found:
    """A connection that the file describes. Its ``secrets`` are references that stay; ``keep`` are values that go into
    a store. ``changed`` is False where the very same one is saved already, as far as that shows without its secret;
    ``replaces`` is True where another one of the name is."""

    connection: Connection
    keep: Mapping[str, Secret] = field(default_factory=dict)
    changed: bool = True
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Import:
    """What would be made of a file. Where an error is about the gateway itself there are no connections."""

    path: Path
    found: tuple[Found, ...] = ()
    problems: tuple[EnvProblem, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether something of it cannot work."""
        return any(p.severity == ERROR for p in self.problems)


def prepare(path: Path, *, name: str = "", url: str = "") -> Import:
    """What the file describes, and nothing kept yet. ``name`` is that of the first connection (``gateway``), ``url``
    the gateway's address, where no ``REGISTRY_URL`` says it.

    Raises:
        FileProblem: a file that cannot be read. UsageError: `bad-name`, `name-taken`, `gateway-url-missing`.
    """
    path = path.expanduser().absolute()
    file = dotenv.load(path)
    first = valid_name(name or SERVICE)
    if agentcore.is_agentcores(file):
        return _agentcore(path, agentcore.read(file), name=name, url=url)
    if not env.is_gateways(file):
        raise FileProblem(
            "no-gateway-file",
            f"{path} is no .env file of a gateway.",
            "It says neither AUTH_PROVIDER, nor anything of Keycloak, Cognito or an egress provider.",
            [
                "Name the gateway's own file: authwizard import --env FILE",
                "Or begin one: authwizard import --env NEW_FILE --template",
            ],
        )
    gateway = env.read(file)
    problems = [*gateway.problems, *_open_to_others(path)]
    if gateway.broken("ingress") or not gateway.provider:
        return Import(path, (), tuple(problems))
    address = (url or gateway.registry_url or _main(path).registry_url).rstrip("/")
    if not address:
        raise UsageError(
            "gateway-url-missing",
            "The file does not say where the gateway is.",
            "It has no REGISTRY_URL, and neither has the .env of the gateway's own folder.",
            ["Say it: --url https://mcpgateway.example.com", "Or add REGISTRY_URL to the file."],
        )
    if part := secret_part(address):
        raise UsageError(
            "bare-secret",
            f"The gateway's address holds {part}, and it is kept in the open.",
            "",
            ["Leave it out of the address.", "Nothing was saved."],
        )
    if says := _refusal(gateway.provider, address):
        return Import(
            path, (), (*problems, EnvProblem("plain-http", 0, "REGISTRY_URL", says, ERROR, "ingress"))
        )
    listed, told = _providers(path)
    problems += told
    saved = {c.name: c for c in connections.load_all()}
    make = partial(_found, address, gateway, saved)
    found = [make(first, {"server": _TOOLS}, {})]
    for one in gateway.egress:
        if gateway.broken(str(one.number)):
            continue
        settings, references, notes = _egress(one, path, listed)
        problems += notes
        found.append(make(_name(first, one), settings, references))
    return Import(path, tuple(_apart(found)), tuple(sorted(problems, key=lambda p: (p.line == 0, p.line))))


def _agentcore(path: Path, held: agentcore.AgentCore, *, name: str, url: str) -> Import:
    """The gateways of Amazon Bedrock AgentCore: a token by client credentials each, fetched whenever one is needed, so
    that none is kept or has to be refreshed. ``name`` and ``url`` are the first one's."""
    problems = [*held.problems, *_open_to_others(path)]
    if any(p.severity == ERROR and p.part == "ingress" for p in problems):
        return Import(path, (), tuple(problems))
    saved = {c.name: c for c in connections.load_all()}
    found: list[Found] = []
    for one in held.gateways:
        first = not found
        address = (url if first and url else one.url).rstrip("/")
        title = name if first and name else re.sub(r"[^A-Za-z0-9_-]+", "-", one.name).strip("-")[:64]
        if not address:
            continue
        if says := _refusal("client_credentials", address, "mcp"):
            problems.append(EnvProblem("plain-http", 0, "", says, ERROR, str(one.number)))
            continue
        settings = {"client_id": one.client_id, "token_endpoint": held.token_endpoint}
        made = Connection(valid_name(title), "mcp", "own", address, "client_credentials", settings, {})
        before = saved.get(made.name)
        if before is not None and (before.service, before.url) != (made.service, made.url):
            raise UsageError(
                "name-taken",
                f"There is already a connection {made.name}, to something else.",
                f"It is the one to {before.service} at {before.url}.",
                ["Give another name with --name.", "Nothing was saved."],
            )
        same = before is not None and dict(before.settings) == settings
        found.append(
            Found(
                made,
                {_SECRET: one.client_secret} if one.client_secret else {},
                not same,
                before is not None and not same,
            )
        )
    return Import(path, tuple(_apart(found)), tuple(problems))


def carry_out(imported: Import, store: str = "") -> tuple[tuple[Connection, Mapping[str, str]], ...]:
    """Keep the secrets and save the connections. Each as it was saved, with what is left to do, by field.

    Raises:
        StoreError: a store refuses; what was saved until then stays. FileProblem: as `wizard.connections.save`.
    """
    from wizard import vault

    chosen = vault.get_store(store) if store else vault.default_store()
    done: list[tuple[Connection, Mapping[str, str]]] = []
    for one in imported.found:
        references = dict(one.connection.secrets)
        notes: dict[str, str] = {}
        for name, secret in one.keep.items():
            references[name] = chosen.save(one.connection.name, name, secret)
            if note := chosen.note(references[name]):
                notes[name] = note
        done.append((connections.save(replace(one.connection, secrets=references)), notes))
    return tuple(done)


def _found(  # noqa: PLR0917  # three words for all connections, three for one
    url: str,
    gateway: GatewayEnv,
    saved: Mapping[str, Connection],
    name: str,
    settings: Mapping[str, str],
    references: Mapping[str, str],
) -> Found:
    own, secret = _ingress(gateway)
    made = Connection(name, SERVICE, "own", url, gateway.provider, {**own, **settings}, dict(references))
    before = saved.get(name)
    if before is not None and (before.service, before.url) != (SERVICE, url):
        raise UsageError(
            "name-taken",
            f"There is already a connection {name}, to something else.",
            f"It is the one to {before.service} at {before.url}.",
            ["Give another name with --name.", "Nothing was saved."],
        )
    same = before is not None and (
        (before.method, dict(before.settings)) == (made.method, dict(made.settings))
        and set(before.secrets) == {*references, _SECRET}
    )
    if before is not None:
        made = replace(
            made, scopes=before.scopes, tools=before.tools, allow=before.allow, created=before.created
        )
    return Found(made, {_SECRET: secret} if secret else {}, not same, before is not None and not same)


def _refusal(method: str, url: str, service: str = SERVICE) -> str:
    """Why the catalogue's method cannot be used at this address; empty where it can."""
    from wizard import catalogue, methods

    chosen = catalogue.load().get(service).method(method)
    return methods.refusal(chosen, url) if chosen else ""


def _ingress(gateway: GatewayEnv) -> tuple[dict[str, str], Secret | None]:
    """The settings of the catalogue's method, and the secret."""
    if gateway.provider == KEYCLOAK:
        held = gateway.keycloak
        return {
            "keycloak_url": held.url.rstrip("/"),
            "keycloak_realm": held.realm,
            "client_id": held.client_id,
        }, held.client_secret
    pool = gateway.cognito
    return {
        "user_pool_id": pool.user_pool_id,
        "region": pool.region,
        "client_id": pool.client_id,
        "cognito_domain": pool.address.rstrip("/"),
    }, pool.client_secret


def _egress(
    one: Egress, path: Path, listed: Mapping[str, providers.Provider]
) -> tuple[dict[str, str], dict[str, str], list[EnvProblem]]:
    """Settings, references and notes of one set."""
    part = str(one.number)
    provider = one.provider or "atlassian"
    settings = {"server": one.server or provider, "egress_provider": provider}
    notes: list[EnvProblem] = []
    if listed and provider not in listed:
        says = f"The egress set {part} names the provider {provider[:60]!a}, which {_LIST} does not list."
        notes.append(EnvProblem("provider-not-listed", 0, f"EGRESS_PROVIDER_NAME_{part}", says, NOTE, part))
    held = _token(path, provider, settings["server"])
    if held is None:
        says = f"No token is kept for {settings['server']} yet: the gateway's generate_creds.sh signs in for one."
        return settings, {}, [*notes, EnvProblem("egress-token-missing", 0, "", says, NOTE, part)]
    file, token = held
    if token.cloud_id:
        settings["cloud_id"] = token.cloud_id
    elif provider in listed and listed[provider].requires_cloud_id:
        says = f"{file.name} has no cloud_id, and {provider} wants one."
        notes.append(EnvProblem("cloud-id-missing", 0, "", says, NOTE, part))
    return settings, {"egress_token": f"file:{file}"}, notes


def _token(path: Path, provider: str, server: str) -> tuple[Path, tokens.GatewayToken] | None:
    """The token file of a server, in the first folder of the gateway's that has one."""
    for folder in _folders(path):
        file = tokens.egress_file(folder, provider, server)
        if file is not None:
            with contextlib.suppress(FileProblem):
                return file, tokens.read(file)
    return None


def _folders(path: Path) -> Iterator[Path]:
    """Where the scripts may have written: the folder in which they were started."""
    seen = dict.fromkeys([_root(path), path.parent, path.parent.parent, Path.cwd()])
    yield from (folder / tokens.FOLDER for folder in seen)


def _root(path: Path) -> Path:
    """The gateway's own folder: two above ``credentials-provider/oauth``, else where the file lies."""
    inner = path.parent.name == "oauth" and path.parent.parent.name == "credentials-provider"
    return path.parents[2] if inner else path.parent


def _main(path: Path) -> GatewayEnv:
    """The gateway's main ``.env``, empty where there is none or it cannot be read."""
    main = _root(path) / ".env"
    with contextlib.suppress(FileProblem):
        if main != path:
            return env.load(main)
    return GatewayEnv()


def _providers(path: Path) -> tuple[Mapping[str, providers.Provider], list[EnvProblem]]:
    """The provider list beside the file, and what is to be said of it."""
    place = path.with_name(_LIST)
    if not place.exists():
        return {}, []
    try:
        found = providers.read(place)
    except FileProblem as problem:
        says = f"{problem.title} {problem.detail}".strip()
        return {}, [EnvProblem(problem.id, 0, "", says, NOTE)]
    notes = [
        EnvProblem("provider-list", 0, "", f"{_LIST}, line {n.line}: {n.says}", NOTE) for n in found.notes
    ]
    return found.providers, notes


def _open_to_others(path: Path) -> list[EnvProblem]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return []
    says = f"Others on this machine may read the file (mode {mode:o}): chmod 600 {pasted(path)}"
    return [EnvProblem("file-mode", 0, "", says, NOTE)]


def _name(first: str, one: Egress) -> str:
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", one.server or one.provider or "atlassian").strip("-")
    return f"{first}-{label or one.number}"[:64]


def _apart(found: list[Found]) -> Iterator[Found]:
    """The same, with a number behind a name that an earlier one has."""
    taken: set[str] = set()
    for one in found:
        name, number = one.connection.name, 2
        while name in taken:
            name = f"{one.connection.name[:60]}-{number}"
            number += 1
        taken.add(name)
        yield (
            one
            if name == one.connection.name
            else replace(one, connection=replace(one.connection, name=name))
        )
