"""Looking at the caches: which logins there are, and how each of them stands. Nothing is changed."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import FileProblem
from wizard.locks import alive
from wizard.reading import read_bytes

from . import content
from .described import bridge, known
from .model import BROKEN, CLOSED, EXPIRED, LOCKED, NO_TOKEN, ODD, RENEWABLE, USABLE, Cached, Holder, moment

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.services import TokenCache

Names = Callable[[], Mapping[str, str]]
"""Gives addresses by the names under which a program keeps their logins."""

_DOMAIN: Final = "domain"


def every(now: float | None = None) -> tuple[Cached, ...]:
    """Every login that is kept on this machine by a program that we know. ``now`` is in seconds since 1970.

    Never raises for what stands in a file: that is a state.
    """
    from .servers import addresses

    now = time.time() if now is None else now
    return tuple(entry for cache in known() for entry in of_cache(cache, now, addresses))


def of_choice(choice: Choice, now: float | None = None) -> tuple[tuple[Cached, ...], tuple[Cached, ...]]:
    """The logins that a connection uses, and others in the same cache: of another domain or address.

    Both empty where its method leaves no login in a program's cache. An entry that says neither address nor domain may
    be the connection's, and is taken for it.
    """
    now = time.time() if now is None else now
    login = choice.method.login
    if login is not None:
        cache = next(c for c in choice.service.caches if c.id == login.cache)
        found = tuple(of_cache(cache, now))
        mine = tuple(e for e in found if _belongs(e, choice.address, domain_of(choice)))
        return mine, tuple(e for e in found if e not in mine)
    if choice.service.entry != "remote" or not choice.address:
        return (), ()
    return of_address(choice.address, now), ()


def of_address(address: str, now: float) -> tuple[Cached, ...]:
    """The logins that mcp-remote keeps for an address, in the folders of all its versions."""
    from .servers import key

    names = {key(address): address}
    return tuple(e for e in of_cache(bridge(), now, lambda: names) if e.server == address)


def of_client(client: str, address: str, now: float) -> tuple[TokenCache, tuple[Cached, ...]] | None:
    """The cache of an MCP client that logs in by itself, and what it keeps for an address; None for another client."""
    cache = next((c for c in known() if c.client_id == client), None)
    if cache is None:
        return None
    return cache, tuple(e for e in of_cache(cache, now) if e.server and _near(e.server) == _near(address))


def is_held(cache: TokenCache) -> bool:
    """Whether a lock stands in the folder of a cache."""
    root = Path(os.path.expanduser(os.environ.get(cache.variable, "") or cache.folder))  # noqa: PTH111  no home is no error
    names = [
        *(name.rstrip("/") for name in cache.held),
        *([] if "*" in cache.files else [f"{cache.files}.lock"]),
    ]
    return any(os.path.lexists(root / name) for name in names)


def beside(address: str, now: float) -> tuple[Cached, ...]:
    """The logins that mcp-remote keeps for what differs from an address in what a person overlooks: the slash at the
    end, http or https, the host's capitals, the parameters."""
    from .servers import key

    bare = address.partition("?")[0]
    others = {bare, bare.rstrip("/"), f"{bare.rstrip('/')}/", _near(address)}
    others |= {
        f"http{o.removeprefix('https')}" if o.startswith("https:") else f"https{o[4:]}" for o in list(others)
    }
    names = {key(o): o for o in others - {address}}
    return tuple(e for e in of_cache(bridge(), now, lambda: names) if e.server in names.values())


def _near(address: str) -> str:
    head, slashes, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{head.lower()}{slashes}{host.lower()}{slash}{path}".rstrip("/")


def domain_of(choice: Choice) -> str:
    """The company's domain that was typed, where the method asks for one."""
    from wizard import methods

    field = choice.method.field(_DOMAIN)
    return methods.texts(choice).get(field.id, "").strip().lower() if field else ""


def of_cache(cache: TokenCache, now: float, names: Names = dict) -> Iterator[Cached]:
    """The logins in one cache. ``names`` gives the addresses by their keys, and is asked only where it is needed."""
    root = os.path.expanduser(os.environ.get(cache.variable, "") or cache.folder)  # noqa: PTH111  no home is no error
    tail = cache.files.rpartition("*")[2]
    if not (cache.client or cache.locks):
        for path in _found(root, cache.files):
            yield from _in_file(cache, path, now)
        return
    folder, _, _ = cache.files.rpartition("/")
    for place in _found(root, folder) if folder else [Path(root)]:
        for key in _keys(place, (tail, cache.client, *cache.locks)):
            entry = _family(cache, place, key, tail, now)
            yield replace(entry, server=names().get(key, entry.server))


def _found(root: str, pattern: str) -> list[Path]:
    return [Path(root) / name for name in sorted(glob.glob(pattern, root_dir=root))]  # noqa: PTH207  a root that is no pattern


def _keys(folder: Path, tails: tuple[str, ...]) -> list[str]:
    try:
        names = [p.name for p in folder.iterdir()]
    except OSError:
        return []
    longest = sorted((t for t in tails if t), key=len, reverse=True)
    found = ((n, next((t for t in longest if n.endswith(t)), "")) for n in names)
    return sorted({n.removesuffix(t) for n, t in found if t})


def _in_file(cache: TokenCache, path: Path, now: float) -> Iterator[Cached]:
    """The logins in one JSON file; one that holds none is an entry all the same."""
    base = _base(cache, path, ())
    try:
        value = _value(cache, path)
    except FileProblem as problem:
        if problem.id != "file-missing":
            yield replace(base, state=CLOSED, flaw=f"{problem.title} {problem.detail}".strip())
        return
    except ValueError as problem:
        yield replace(base, state=BROKEN, flaw=_half(path, str(problem)))
        return
    found = list(content.placed(value, cache.at, cache.named) if cache.at else content.logins(value))
    if not found and not cache.at:
        yield replace(base, state=NO_TOKEN)
    for pointer, login in found:
        yield _judged(
            replace(base, id=_id(cache, path, pointer), pointer=pointer),
            content.told(login, cache.unit, base.written),
            now,
        )


def _value(cache: TokenCache, path: Path) -> object:
    """What a file holds. Raises: FileProblem where it cannot be read, ValueError where it is not what it should be."""
    raw = read_bytes(path, FileProblem)
    if cache.form == "json":
        return content.parsed(raw)
    from wizard import documents

    try:
        return documents.read(raw, path.name, documents.YAML).value
    except FileProblem:
        raise ValueError("it cannot be understood") from None


def _family(cache: TokenCache, folder: Path, key: str, tail: str, now: float) -> Cached:
    path = folder / f"{key}{tail}"
    files = tuple(sorted(p for p in folder.iterdir() if p.name.startswith(f"{key}{tail[0]}") and p.is_file()))
    entry = replace(_base(cache, path, ()), files=files)
    client = _object(folder / f"{key}{cache.client}") if cache.client else None
    holder = next((h for t in cache.locks if (h := _holder(folder / f"{key}{t}", cache.unit))), None)
    try:
        value = content.parsed(read_bytes(path, FileProblem))
    except FileProblem as problem:
        missing = problem.id == "file-missing"
        flaw = "" if missing else f"{problem.title} {problem.detail}".strip()
        entry = replace(entry, state=NO_TOKEN if missing else CLOSED, flaw=flaw)
    except ValueError as problem:
        entry = replace(entry, state=BROKEN, flaw=_half(path, str(problem)))
    else:
        login = value if isinstance(value, Mapping) else {}
        entry = _judged(entry, content.told(login, cache.unit, entry.written), now)
    if client is not None:
        told = content.told(client, cache.unit, None)
        entry = replace(
            entry,
            client_id=told.client_id or entry.client_id,
            issuer=entry.issuer or told.issuer,
            server=entry.server or told.server,
        )
    if holder is not None and holder.alive is False:
        says = f"{holder.path.name} is of process {holder.pid}, which is gone"
        entry = replace(entry, state=LOCKED, flaw=f"A login was not finished: {says}.")
    return replace(entry, holder=holder)


def _base(cache: TokenCache, path: Path, pointer: content.Pointer) -> Cached:
    try:
        seen = path.stat()
    except OSError:
        seen = None
    return Cached(
        _id(cache, path, pointer),
        cache.id,
        cache.program,
        path,
        NO_TOKEN,
        (path,),
        pointer,
        mode=stat.S_IMODE(seen.st_mode) if seen else None,
        written=seen.st_mtime if seen else None,
        clear=cache.clear,
    )


def _judged(entry: Cached, login: content.Login, now: float) -> Cached:
    state, flaw = USABLE, ""
    if not login.token:
        state = NO_TOKEN
    elif login.odd:
        state, flaw = ODD, f"The end of the login cannot be believed: {login.odd}."
    elif login.expires is not None and login.expires <= now:
        state = RENEWABLE if login.refreshes else EXPIRED
    return replace(
        entry,
        state=state,
        flaw=flaw,
        server=login.server,
        domain=login.domain,
        issuer=login.issuer,
        client_id=login.client_id,
        expires=login.expires,
        scopes=login.scopes,
        refreshes=login.refreshes,
    )


def _belongs(entry: Cached, address: str, domain: str) -> bool:
    if entry.domain and domain and entry.domain != domain:
        return False
    return not (entry.server and address) or _same(entry.server, address)


def _same(one: str, other: str) -> bool:
    from wizard.urls import origin

    try:
        return origin(one) == origin(other)
    except ValueError:
        return one.rstrip("/") == other.rstrip("/")


def _object(path: Path) -> Mapping[str, object] | None:
    """The object in a file beside the login; None where there is none, or none that can be read."""
    try:
        value = content.parsed(read_bytes(path, FileProblem))
    except (FileProblem, ValueError):
        return None
    return value if isinstance(value, Mapping) else None


def _holder(path: Path, unit: str) -> Holder | None:
    if not path.exists():
        return None
    told = _object(path) or {}
    pid, at = told.get("pid"), told.get("timestamp", told.get("at"))
    number = pid if isinstance(pid, int) and not isinstance(pid, bool) and 0 < pid < 2**31 else None
    since = content.number(at) / (1000 if unit == "ms" else 1) if isinstance(at, int | float) and at else None
    return Holder(
        path, number, None if number is None else alive(number), since if since and moment(since) else None
    )


def _half(path: Path, why: str) -> str:
    form = "YAML" if path.suffix == ".yaml" else "JSON"
    return f"{path.name} is no whole {form}: {why}. It was cut off while it was written, or changed by hand."


def _id(cache: TokenCache, path: Path, pointer: content.Pointer) -> str:
    mark = hashlib.sha256("\0".join((str(path), *pointer)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{cache.id}-{mark[:8]}"
