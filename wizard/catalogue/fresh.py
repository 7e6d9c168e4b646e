"""A description to begin with: valid as it stands, each line with what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from wizard.errors import FileProblem, UsageError
from wizard.paths import config_dir, private_folder

from .load import load
from .parse import COMMANDS
from .pieces import ID

_TEMPLATE: Final = """\
# {title}: a service of your own for authwizard. docs/adding-a-service.md says what else there is.
# Check it after each change:  authwizard services check {path}
id = "{id}"                       # small letters, digits and -; it is what you type: authwizard setup {id}
title = "{title}"
summary = "What it is, in one sentence."
entry = "remote"                     # remote: an address with headers; stdio: a program with an environment
speaks = "api"                       # api for a plain HTTP API, mcp for an MCP server
source = "{title}: its documentation"  # the document that these facts come from
# needs = ["An account with the role Developer."]          # shown before a person begins
# status = "https://status.example.com"                    # the provider's status page

# [links]
# "Rate limits" = "https://example.com/docs/limits"

[live]                               # what the document says can be asked; leave out what it does not name
# health = "/health"                 # open to all
check = "/v1/me"                     # harmless, and needs the credential
requires_auth = true
# scopes_at = "scopes"               # the key in its JSON answer that lists the granted scopes
# scopes_header = "X-OAuth-Scopes"   # or the header that does

[[environments]]
id = "prod"
title = "Production"
url = "https://{id}.example.com"     # leave it out where each person has an address of their own, and say help = "..."

[[methods]]
id = "token"
kind = "bearer"                      # sent as Authorization: Bearer; see the document for the other kinds
title = "API token"
meaning = "A token of your own."

[[methods.fields]]
id = "token"
title = "API token"
secret = true
# prefix = "abc_"                    # how a right value begins: another beginning is a warning
variable = "{variable}"

[methods.guide]
steps = [
  "Open the settings of your account, API tokens.",
  "Click New token, and name it after this machine.",
  "Copy it and paste it here.",
]
# link = "https://{id}.example.com/settings/tokens"

# [[scopes]]
# id = "items:read"
# title = "Read items"

# [[presets]]
# id = "read"
# title = "Read only"
# scopes = ["items:read"]
"""


def place_of(id: str, path: Path | None) -> Path:
    """Where the description of a new service goes: the folder of services, or the path (a folder gets ``ID.toml``)."""
    if path is None:
        return config_dir() / "services" / f"{id}.toml"
    return path / f"{id}.toml" if path.is_dir() else path


def write(id: str, path: Path | None = None) -> Path:
    """Write the description of a new service and say where. Nothing is replaced.

    Raises:
        UsageError: ``bad-service-id`` (no id, a command, or a service that exists).
        FileProblem: ``file-exists``, or the file cannot be written.
    """
    if not ID.fullmatch(id) or len(id) > 40:
        why = "It is small letters, digits and -, beginning with a letter, at most 40 of them."
        raise UsageError("bad-service-id", "That is no id for a service.", why)
    if id in COMMANDS:
        raise UsageError("bad-service-id", f"`{id}` is a command of authwizard.", "", ["Choose another id."])
    where = place_of(id, path)
    if not where.exists() and any(s.id == id for s in load().described):
        raise UsageError(
            "bad-service-id",
            f"There is a service `{id}` already.",
            "",
            [f'Choose another id, or copy its description and add replaces = "{id}".'],
        )
    content = text(id, where)
    try:
        if path is None:
            private_folder(where.parent)
        with where.open("x", encoding="utf-8") as stream:
            stream.write(content)
    except FileExistsError:
        raise FileProblem(
            "file-exists",
            f"{where} exists already.",
            "It was left as it is.",
            ["Give another place with --path."],
        ) from None
    except OSError as error:
        raise FileProblem(
            "file-not-writable",
            f"{where} cannot be written.",
            error.strerror or "",
            ["Give another place with --path."],
        ) from error
    load.cache_clear()
    return where


def text(id: str, where: Path) -> str:
    """The description itself."""
    title = id.replace("-", " ").replace("_", " ").capitalize()
    variable = f"{id.replace('-', '_').upper()}_TOKEN"
    shown = str(where) if str(where).isprintable() else "FILE"
    return _TEMPLATE.format(id=id, title=title, variable=variable, path=shown)
