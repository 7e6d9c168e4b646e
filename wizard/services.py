"""The words of the catalogue as plain, immutable data. A service is data, never code.

Texts in curly braces (``Bearer {token}``) are templates: each name is a field of the chosen method, or ``url``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

Templates = Mapping[str, str]

LISTS: Final = ("listing", "sites")
"""Where the choices of a field may come from: ``listing``, the servers that the service itself lists; ``sites``, those
that a login is for, as its provider lists them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission that the service grants, as its document names it. ``groups`` are those of the identity provider
    whose members get it, where the document says so. ``includes`` are the scopes that it brings along."""

    id: str
    title: str
    groups: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of the way that asks for a credential of its own: ``title`` says who asks, ``headers`` are those that
    it reads. The legs of a service stand in the order in which a request meets them."""

    id: str
    title: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the service's MCP server, and the scopes that it needs (all of them)."""

    name: str
    scopes: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A named choice of scopes."""

    id: str
    title: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a method asks for.

    ``prefix`` is how a right value begins, as the document shows it (``faosx_``), ``also`` how an older or a rarer
    one does; a value that begins otherwise is a warning, never a refusal. ``variable`` is the environment variable
    that usually holds it. ``source`` is where a secret is found if nothing else is said
    (``file:~/.fleet-mcp/auth_token``), ``file_variable`` the environment variable that names another such file.
    ``examples`` are values that the document prints: nobody's. ``choices`` names where a list of values comes from
    (one of `LISTS`); typing another value stays possible. ``leg`` is the id of the leg that the value is for, where it
    goes with one party on the way: another one behind the same gateway has its own.
    """

    id: str
    title: str
    secret: bool = False
    required: bool = True
    default: str = ""
    help: str = ""
    prefix: str = ""
    variable: str = ""
    aliases: tuple[str, ...] = ()
    source: str = ""
    file_variable: str = ""
    examples: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    choices: str = ""
    leg: str = ""

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Every way in which a right value begins; empty where the document names none."""
        return (self.prefix, *self.also) if self.prefix else ()


@dataclass(frozen=True, slots=True)
class SetupGuide:
    """Where to click, what to name it, what to copy: numbered steps, and a link that `o` opens."""

    steps: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to sign in. ``kind`` is a contract id (``bearer``, ``token_file`` ...); ``id`` is the service's own.

    ``headers`` and ``query`` (parameters of the address) go to a remote MCP server or API; ``env`` goes to a stdio
    server. ``unavailable`` says in a sentence why this program cannot do it yet; empty when it can. ``needs`` are
    prerequisites (a licence, an admin's role).

    ``token_endpoint`` is a template of the address (RFC 6749 section 3.2) where the fields are exchanged for an
    access token; empty where they are sent as they are. ``derived`` are the secrets that come of it: headers name
    them as they name fields, and nobody is asked for them. ``login`` is None where the service's program makes none.
    """

    id: str
    kind: str
    title: str
    meaning: str = ""
    fields: tuple[Field, ...] = ()
    headers: Templates = field(default_factory=dict)
    env: Templates = field(default_factory=dict)
    guide: SetupGuide = field(default_factory=SetupGuide)
    unavailable: str = ""
    needs: tuple[str, ...] = ()
    query: Templates = field(default_factory=dict)
    token_endpoint: str = ""
    derived: tuple[Field, ...] = ()
    login: ProgramLogin | None = None

    def field(self, name: str) -> Field | None:
        """The field with this id or alias."""
        return next((f for f in self.fields if f.id == name or name in f.aliases), None)


@dataclass(frozen=True, slots=True)
class LiveTest:
    """What a document says can be asked, and nothing more. Paths are relative to the environment's origin.

    ``health`` is open to all; ``check`` needs the credential; ``headers`` (by method id) is how that API takes
    it where that differs from the method's own; ``scopes_at`` names the JSON key in ``check``'s answer that
    lists granted scopes, ``scopes_header`` the header of the answer that does (GitHub, Slack). ``requires_auth`` is
    what the document says of the whole service (None: not said). ``ok_at`` names the JSON key that is false in a
    refusal which is answered 200, ``error_at`` the one that then holds its code, ``errors`` what such a code means
    (Slack). A refusal names the scopes that it wants in its challenge, or at the key ``needs_at``, or in the header
    ``needs_header``; with ``needs_any`` one of them is enough (GitHub, Google). ``expires_at`` names the JSON key in
    ``check``'s answer that says when the credential ends (null: never), ``expires_header`` the header (GitHub).
    """

    health: str = ""
    check: str = ""
    headers: Mapping[str, Templates] = field(default_factory=dict)
    scopes_at: str = ""
    requires_auth: bool | None = None
    scopes_header: str = ""
    ok_at: str = ""
    error_at: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    needs_at: str = ""
    needs_header: str = ""
    needs_any: bool = False
    expires_at: str = ""
    expires_header: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """One deployment of a service. An empty ``url`` is typed by the person; ``help`` says what it looks like.

    ``settings`` presets fields (a tenant id); ``command`` replaces the service's stdio command here. The URL of
    ``practice`` is that of the running practice service, empty while none runs. ``speaks`` replaces the service's
    where a vendor has both an MCP server and an API. ``methods`` are the ids of those that it takes (empty: all).
    ``endpoint`` replaces the service's. A setting may hold ``{url}``, for what this deployment serves itself.
    ``provider`` is the id of the identity provider (`wizard.providers`) whose documented endpoints give its tokens,
    where the deployment itself does not say whom to ask.
    """

    id: str
    title: str
    url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    live: LiveTest | None = None
    help: str = ""
    speaks: str = ""
    methods: tuple[str, ...] = ()
    endpoint: str = ""
    provider: str = ""

    def settings_at(self, url: str) -> dict[str, str]:
        """The settings of this deployment, served at this address."""
        place = (url or self.url).rstrip("/")
        return {name: text.replace("{url}", place) for name, text in self.settings.items()}


@dataclass(frozen=True, slots=True)
class CredentialFile:
    """A file in which the service, or a program of it, keeps credentials.

    ``path`` may begin with ``~`` and hold ``*`` in its last part; a relative one is looked for in the working folder.
    ``variable`` is the environment variable that names another file instead. ``mode`` and ``folder_mode`` are the
    widest that are in order; a ``folder_mode`` of 0 asks only that nobody else can write into the folder. ``form`` is
    ``json`` (it holds one credential as a field), or ``any``. ``server`` is True for a file that the service's own
    server writes, and reads when it starts.
    """

    path: str
    title: str
    variable: str = ""
    mode: int = 0o600
    folder_mode: int = 0
    form: str = "any"
    server: bool = False


@dataclass(frozen=True, slots=True)
class TokenCache:
    """Where a program of a service keeps the logins that it made itself.

    ``files`` are found in ``folder`` (``~`` in front), which the environment variable ``variable`` replaces; they may
    hold ``*``. ``unit`` is that of the times in them, ``s``, ``ms``, or ``either`` where versions differ. ``clear`` is
    the program's own command that forgets every login. Where a login is several files that begin with one name, up to
    the first ``_``, ``client`` is how the one with the registered client ends, and ``locks`` those that a process holds
    it by. ``held`` are locks in the folder that stand there while a login is written; a folder ends with ``/``.
    ``begun`` is how the file ends that is written when a login begins, and ``client_id`` the MCP client whose logins
    they are.

    ``at`` are the keys that lead to each login, where a file holds more than one form of object (``*`` stands for any
    key, and may end a name); without it every object with a token is one. ``named`` is the member by which an element
    of a list goes. ``form`` is ``json`` or ``yaml``.
    """

    id: str
    title: str
    program: str
    folder: str
    files: str
    variable: str = ""
    client: str = ""
    locks: tuple[str, ...] = ()
    unit: str = "s"
    clear: str = ""
    held: tuple[str, ...] = ()
    begun: str = ""
    client_id: str = ""
    at: tuple[str, ...] = ()
    named: str = ""
    form: str = "json"


@dataclass(frozen=True, slots=True)
class ProgramLogin:
    """A login that the service's own program makes, in a browser that it opens: when its ``tool`` is first used. It is
    kept in the service's cache ``cache`` (an id)."""

    tool: str
    cache: str


@dataclass(frozen=True, slots=True)
class Service:
    """Something to sign in to.

    ``entry`` is what a client's config holds: ``remote`` (URL and headers) or ``stdio`` (``command`` with
    ``env``, a template that every method's own ``env`` joins, as its ``headers`` join the service's). ``speaks`` is
    ``mcp`` or ``api``. ``needs`` are prerequisites of any method, ``status`` the provider's status page, ``links``
    other pages by their titles. ``files`` are those in which credentials lie. ``endpoint`` is a template of the
    address that is asked, where it is more than the one typed (``{url}/{server}/mcp``). ``caches`` are those in
    which its programs keep logins. ``legs`` are named where several parties on the way want a credential each.
    ``listing`` are the paths, of which the first that answers counts, where a gateway lists the servers behind it.
    ``offered`` is False for one that nobody chooses: only an import makes a connection to it.
    """

    id: str
    title: str
    summary: str
    entry: str
    speaks: str
    environments: tuple[Environment, ...]
    methods: tuple[Method, ...]
    scopes: tuple[Scope, ...] = ()
    tools: tuple[Tool, ...] = ()
    presets: tuple[Preset, ...] = ()
    command: tuple[str, ...] = ()
    env: Templates = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    live: LiveTest = field(default_factory=LiveTest)
    first_sentence: str = ""
    source: str = ""
    headers: Templates = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    status: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    files: tuple[CredentialFile, ...] = ()
    endpoint: str = ""
    legs: tuple[Leg, ...] = ()
    listing: tuple[str, ...] = ()
    caches: tuple[TokenCache, ...] = ()
    offered: bool = True

    def method(self, name: str) -> Method | None:
        """The method with this id, or the first of this kind."""
        by_id = next((m for m in self.methods if m.id == name), None)
        return by_id or next((m for m in self.methods if m.kind == name), None)

    def environment(self, name: str) -> Environment | None:
        """The environment with this id."""
        return next((e for e in self.environments if e.id == name), None)

    def speaks_at(self, environment: Environment | None) -> str:
        """``mcp`` or ``api``, as it is at this deployment."""
        return (environment.speaks if environment else "") or self.speaks

    def endpoint_at(self, environment: Environment | None) -> str:
        """The template of the address that is asked; empty where it is the deployment's own."""
        return (environment.endpoint if environment else "") or self.endpoint

    def live_at(self, environment: Environment | None) -> LiveTest:
        """What may be asked at this deployment."""
        return (environment.live if environment else None) or self.live

    def methods_at(self, environment: Environment | None) -> tuple[Method, ...]:
        """The methods that this deployment takes."""
        named = environment.methods if environment else ()
        return tuple(m for m in self.methods if not named or m.id in named)

    def all_fields(self, method: Method) -> tuple[Field, ...]:
        """What the method asks for, then what the service asks for whatever the method."""
        return method.fields + self.fields

    def beside(self, field: Field) -> frozenset[str]:
        """The ids of the fields that are for the same party as this one, itself among them."""
        same = {f.id for f in self.fields if field.leg and f.leg == field.leg}
        return frozenset({field.id, *same})

    @property
    def by_groups(self) -> str:
        """A sentence on who decides about the scopes, where that are groups and no choice of scopes; else empty."""
        if not any(s.groups for s in self.scopes):
            return ""
        return "Groups at the identity provider decide what it may do: what is ticked is what a diagnosis expects."

    def of_groups(self, groups: Collection[str]) -> tuple[str, ...]:
        """The scopes that the members of these groups get, as the document says."""
        return tuple(s.id for s in self.scopes if set(s.groups) & set(groups))

    def with_included(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """These scopes, and all that they bring along."""
        found = dict.fromkeys(scopes)
        more = list(scopes)
        while more:
            id = more.pop()
            brings = next((s.includes for s in self.scopes if s.id == id), ())
            more += [s for s in brings if s not in found]
            found |= dict.fromkeys(brings)
        return tuple(found)

    def tools_for(self, scopes: frozenset[str]) -> tuple[Tool, ...]:
        """The tools that these scopes unlock."""
        return tuple(t for t in self.tools if scopes.issuperset(t.scopes))

    def scopes_for(self, tools: frozenset[str]) -> tuple[str, ...]:
        """The least scopes that these tools need, in the catalogue's order."""
        wanted = {s for t in self.tools if t.name in tools for s in t.scopes}
        return tuple(s.id for s in self.scopes if s.id in wanted)
