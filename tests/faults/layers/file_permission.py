"""Faults of the layer file-permission: the file in which a credential lies."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from files.servers_of_files import fleet_process
from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..kept import keep
from ..world import World

_NOBODY = 65534
CORRUPT = "credential-store-corrupt-or-truncated"
MISSING = "token-file-missing"


def fleet(world: World, value: str = "", created: str = "2026-03-04T05:06:07Z") -> str:
    """The content of a token file as a Fleet server writes it."""
    return json.dumps({"value": value or secrets.token_urlsafe(36), "created_at": created}, indent=2)


def guarded(world: World, token: str = "") -> str:
    """The address of an MCP server that takes this token alone."""

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/health"):
            return Reply(200, {"status": "ok"})
        if token and asked.bearer == token:
            info = {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "serverInfo": {"name": "f", "version": "1"},
            }
            return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id", 1), "result": info})
        code, words = world.pick(
            ("invalid_token", "The access token provided is invalid"),
            ("Unauthorized", "Invalid authentication token"),
            ("unauthorized", "token mismatch"),
        )
        body = {
            "error": code if asked.bearer else "missing_token",
            "message": words if asked.bearer else "No token",
        }
        return Reply(401, body, headers=(("WWW-Authenticate", "Bearer"),))

    return world.url(world.serve(answer))


def two_headers(world: World, source: str) -> Words:
    """A connection that sends two headers: one from this source, one from a file that everybody may read."""
    given = {"header.Authorization": source, "header.X-Api-Key": world.readable(secrets.token_urlsafe(20))}
    return ("doctor", keep(world, "mcp", "headers", guarded(world), secrets=given))


@fault("token-file-too-permissive", source="1mcp-app/agent#517", herring=CORRUPT)
def readable_by_others(world: World) -> Words:
    mode = world.pick(0o644, 0o640, 0o666)
    place = world.file(
        world.pick(".fleet-mcp/auth_token", "keys/billing.token", "blue/secret.txt"), fleet(world), mode
    )
    if world.variant.number == 2:
        place.write_text(secrets.token_urlsafe(30))
    cut = world.file("keys/other_token.json", fleet(world)[:25])
    return ("files", str(place), str(cut))


@fault("token-file-missing", source="Quick Start: Fleet MCP Authentication, Token File Not Found")
def not_there(world: World) -> Words:
    place = world.home / world.pick(".fleet-mcp/auth_token", "keys/billing.token", "run/blue/token.json")
    if world.variant.number == 1:
        place.parent.mkdir(mode=0o700)
    return two_headers(world, f"file:{place}")


@fault("token-file-unreadable-owner-or-mode", source="Azure/azure-cli#571", herring=CORRUPT)
def not_mine(world: World) -> Words:
    place = world.file(
        world.pick(".azure/accessTokens.json", "keys/billing.json", "blue/token.json"), fleet(world)
    )
    if os.geteuid() != 0:
        place.chmod(world.pick(0o000, 0o200, 0o040))
    elif world.variant.number == 2:
        link = world.home / "blue/current.json"
        link.symlink_to(place)
        os.chown(link, _NOBODY, _NOBODY, follow_symlinks=False)
        place = link
    else:
        os.chown(place, world.pick(_NOBODY, 1000), _NOBODY)
    cut = world.file("keys/other_token.json", fleet(world)[:25])
    return ("files", str(place), str(cut))


@fault("credential-store-corrupt-or-truncated", source="yadayada/acd_cli#294")
def cut_off(world: World) -> Words:
    whole = fleet(world)
    content = world.pick(whole[: len(whole) // 2].encode(), (whole + "}").encode(), b"\0" * 90)
    place = world.file(world.pick("store/oauth.json", "keys/billing.json", "blue/token.json"), content)
    return two_headers(world, f"file:{place}")


@fault("disk-full-or-inodes-exhausted", source="easy-wi/developer#1321")
def full(world: World) -> Words:
    folder = world.home / world.pick("store", "keys", "blue/run")
    folder.mkdir(parents=True, mode=0o700)
    world.enter(small_disk(world, folder))
    place = folder / world.pick("token.json", "token", "auth.json")
    if world.variant.number == 0:
        place.touch(0o600)
    fill(folder, inodes=world.variant.number == 2)
    return two_headers(world, f"file:{place}")


@contextmanager
def small_disk(world: World, folder: Path) -> Iterator[None]:
    """A disk of its own at the folder; where none can be mounted, what the system says of one."""
    options = "size=8k,mode=0700" + (",nr_inodes=4" if world.variant.number == 2 else "")
    words = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    ask = os.statvfs
    full_disk = os.statvfs_result((4096, 4096, 2, 0, 0, 4, 0, 0, 0, 255))
    world.patch.setattr(os, "statvfs", lambda p: full_disk if str(p).startswith(str(folder)) else ask(p))
    yield


def fill(folder: Path, *, inodes: bool) -> None:
    """Until nothing more goes in."""
    for number in range(8):
        try:
            (folder / f"log.{number}").write_bytes(b"" if inodes else b"x" * 4096)
        except OSError:
            return


@fault("token-file-of-another-instance", source="Quick Start: Fleet MCP Authentication, FAQ")
def of_another(world: World) -> Words:
    theirs = world.file(world.pick("second/auth_token", "prod/fleet.json", "blue/auth_token"), fleet(world))
    url = world.enter(fleet_process(theirs)).replace("127.0.0.1", world.variant.host)
    mine = world.file(
        world.pick(".fleet-mcp/auth_token", "staging/fleet.json", "red/token"), fleet(world), 0o644
    )
    return ("doctor", keep(world, "fleet", "token_file", url, secrets={"token": f"file:{mine}"}))


def _dated(place: Path, when: float) -> str:
    os.utime(place, (when, when))
    return f"file:{place}"


@fault(
    "token-file-changed-while-server-runs",
    source="Quick Start: Fleet MCP Authentication, FAQ",
    certainty="likely",
)
def changed(world: World) -> Words:
    place = world.file(".fleet-mcp/auth_token", fleet(world), 0o644)
    source = _dated(place, time.time() + world.pick(3600, 90_000, 600))
    return ("doctor", keep(world, "fleet", "token_file", guarded(world), secrets={"token": source}))


@fault(
    "token-file-regenerated-on-restart",
    source="Quick Start: Fleet MCP Authentication, Token Regenerates on Every Restart",
    certainty="likely",
    herring="credential-shared",
)
def regenerated(world: World) -> Words:
    place = world.file(
        world.pick(".fleet-mcp/auth_token", "var/fleet/token", "run/blue/auth_token"), fleet(world)
    )
    if world.variant.number:
        world.env("FLEET_MCP_AUTH_TOKEN_FILE", str(place))
    source, method = world.secret(secrets.token_urlsafe(36)), "bearer"
    url, given = guarded(world), {"token": source}
    created = "2025-11-11T10:30:00Z"
    keep(world, "fleet", method, "https://fleet.acme.test", name="another", secrets=given, created=created)
    return ("doctor", keep(world, "fleet", method, url, secrets=given, created=created))


@fault(
    "secret-in-shell-history",
    source="https://attack.mitre.org/techniques/T1552/003/",
    herring="credential-in-version-control",
)
def typed_as_an_argument(world: World) -> Words:
    token = secrets.token_urlsafe(36)
    place = world.file(
        world.pick(".fleet-mcp/auth_token", "keys/billing.json", "blue/token.json"), fleet(world, token)
    )
    url = "https://mcp.acme.test/v1"
    typed = world.pick(
        f"ls -la\ncurl -H 'Authorization: Bearer {token}' {url}\ncd project\n",
        f": 1760000000:0;claude mcp add -t http billing {url} --header 'Authorization: Bearer {token}'\n",
        f"- cmd: export BLUE_TOKEN={token}\n  when: 1760000000\n",
    )
    world.file(world.pick(".bash_history", ".zsh_history", ".local/share/fish/fish_history"), typed)
    world.env("FLEET_MCP_AUTH_TOKEN_FILE", str(place))
    world.file(place.parent / ".git/HEAD", "ref: refs/heads/main\n")
    return ("files", str(place))
