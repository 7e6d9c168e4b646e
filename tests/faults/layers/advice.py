"""What is not well though it works: it is warned of, and changes neither verdict nor exit code."""

from __future__ import annotations

import subprocess
import time

from support.keeping import keep

from sandbox import practice

from ..fault import Words, fault
from ..world import World

_FAOS = "FAOS: Authentication Setup, Security Best Practices"


def _kept(world: World, token: str, name: str = "mine", **more: object) -> Words:
    """A connection at the protected server of this world, its token in a variable."""
    variable = world.secret(token)
    keep(name, "mcp", "bearer", variable, **more)
    return ("doctor", name)


@fault("token-expires-soon", source=f"{_FAOS} (do not ignore expiration warnings)", herring="", advice=True)
def ends_within_days(world: World) -> Words:
    server = world.protected()
    left = world.pick(3600, 86400, 6 * 86400)
    return _kept(world, server.issue(exp=int(time.time()) + left), url=server.mcp)


@fault("token-without-expiry", source=f"{_FAOS} (expiry)", herring="", advice=True)
def never_ends(world: World) -> Words:
    server = world.protected()
    return _kept(
        world,
        server.issue(exp=None, iat=int(time.time()) - world.pick(5, 86400, 400 * 86400)),
        url=server.mcp,
    )


@fault(
    "credential-shared", source=f"{_FAOS} (never share tokens between environments)", herring="", advice=True
)
def one_token_in_two_places(world: World) -> Words:
    server = world.protected()
    token = server.issue(exp=int(time.time()) + 30 * 86400)
    other = world.pick("http://127.0.0.1:9/mcp", "http://localhost:9/", "https://staging.acme.test/mcp")
    _kept(world, token, "other", url=other)
    return _kept(world, token, url=server.mcp)


@fault("scopes-wider-than-needed", source=f"{_FAOS} (use minimal required scopes)", herring="", advice=True)
def more_than_its_tools_need(world: World) -> Words:
    running = world.enter(practice.start())
    site = running.services["faos"]
    token = site.credentials["token_analyst"].reveal()
    tools, scopes = world.pick(
        (("faos_get_context",), ("context:read",)),
        (("faos_query_metric",), ("metrics:read",)),
        (("faos_query_graph",), ("graph:read",)),
    )
    keep("mine", "faos", "api_token", world.secret(token), url=site.url, tools=tools, scopes=scopes)
    return ("doctor", "mine")


@fault("credential-in-version-control", source=f"{_FAOS} (never commit tokens)", herring="", advice=True)
def a_token_file_in_a_repository(world: World) -> Words:
    server = world.protected()
    place = world.pick("repo", "work/tools", "src/app/deep")
    path = world.file(f"{place}/secrets/token", server.issue(exp=int(time.time()) + 30 * 86400))
    folder = world.home / place
    subprocess.run(["git", "init", "-q", str(folder)], check=True, capture_output=True)
    if world.variant.number:
        subprocess.run(["git", "-C", str(folder), "add", str(path)], check=True, capture_output=True)
    return ("doctor", server.mcp, "--credential", f"file:{path}")


@fault("credential-in-synced-folder", source="KoenZomers/KeePassOneDriveSync#135", herring="", advice=True)
def a_token_file_that_is_copied_away(world: World) -> Words:
    server = world.protected()
    folder = world.pick("Dropbox", "OneDrive - Acme", "Library/CloudStorage/GoogleDrive-me@acme.test")
    path = world.file(f"{folder}/keys/token", server.issue(exp=int(time.time()) + 30 * 86400))
    return ("doctor", server.mcp, "--credential", f"file:{path}")
