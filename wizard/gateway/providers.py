"""A gateway's list of providers, ``credentials-provider/oauth/oauth_providers.yaml``: where to ask each, and for what.

The document names ``display_name``, ``auth_url``, ``token_url``, ``scopes`` and ``requires_cloud_id``. The gateway's
own script reads some more (agentic-community/mcp-gateway-registry, credentials-provider/oauth/
generic_oauth_flow.py). Any other key is kept and told, and is no fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.errors import FileProblem

if TYPE_CHECKING:
    import yaml

_NODES: Final = 20_000
_DEEP: Final = 30
_TEXT: Final = "a text"
_TRUTH: Final = "true or false"
_TEXTS: Final = "a list of texts"
_MAPPING: Final = "names with values"

_OURS: Final = {
    "display_name": _TEXT,
    "auth_url": _TEXT,
    "token_url": _TEXT,
    "scopes": _TEXTS,
    "requires_cloud_id": _TRUTH,
}
_THEIRS: Final = {
    "user_info_url": _TEXT,
    "response_type": _TEXT,
    "grant_type": _TEXT,
    "audience": _TEXT,
    "requires_pkce": _TRUTH,
    "cloud_id_from_user_info": _TRUTH,
    "additional_params": _MAPPING,
    "token_headers": _MAPPING,
    "client_credentials_supported": _TRUTH,
}


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. ``more`` are the keys that this program does not use, as they stand."""

    id: str
    display_name: str
    auth_url: str = ""
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    requires_cloud_id: bool = False
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderNote:
    """Something in the list that its owner may want to know: a line (from 1) and a sentence."""

    line: int
    says: str


@dataclass(frozen=True, slots=True)
class Providers:
    """The list, by the providers' ids, and the notes on it."""

    providers: Mapping[str, Provider] = field(default_factory=dict)
    notes: tuple[ProviderNote, ...] = ()
    where: str = ""


def read(path: Path) -> Providers:
    """The list in a file.

    Raises:
        FileProblem: as `parse`; missing, a folder, not to be read, too large, no UTF-8.
    """
    from wizard.reading import read_text

    return parse(read_text(path, FileProblem), str(path))


def parse(text: str, where: str) -> Providers:
    """The list in a text; ``where`` is for messages.

    Raises:
        FileProblem: ``providers-not-yaml``, ``providers-invalid``; the detail names the line.
    """
    root = _composed(text, where)
    top = _mapping(root, "the file", where) if root is not None else {}
    if "providers" not in top:
        line = root.start_mark.line + 1 if root is not None else 1
        raise _invalid(where, line, "`providers:` is missing at the top of the file")
    notes: list[ProviderNote] = []
    found: dict[str, Provider] = {}
    for id, node in _mapping(top["providers"], "`providers`", where).items():
        found[id] = _provider(id, node, where, notes)
    for key, node in top.items():
        if key != "providers":
            notes.append(ProviderNote(_line(node), f"`{_shown(key)}` beside `providers` is not used."))
    return Providers(found, tuple(sorted(notes, key=lambda n: n.line)), where)


def _provider(id: str, node: yaml.Node, where: str, notes: list[ProviderNote]) -> Provider:
    values: dict[str, object] = {}
    for key, inner in _mapping(node, f"`{_shown(id)}`", where).items():
        wanted = _OURS.get(key) or _THEIRS.get(key)
        value = _plain(inner, where)
        if wanted and not _fits(value, wanted):
            raise _invalid(where, _line(inner), f"`{key}` of `{_shown(id)}` should be {wanted}")
        if key.endswith("_url") and key in _OURS and not _is_address(str(value)):
            raise _invalid(where, _line(inner), f"`{key}` of `{_shown(id)}` is no http(s) address")
        if not wanted:
            notes.append(ProviderNote(_line(inner), _unknown(key, id)))
        values[key] = value
    for key in ("auth_url", "token_url"):
        if not values.get(key):
            notes.append(
                ProviderNote(_line(node), f"`{_shown(id)}` has no `{key}`: it cannot be signed in to.")
            )
    scopes = values.get("scopes")
    return Provider(
        id,
        str(values.get("display_name") or id),
        str(values.get("auth_url") or ""),
        str(values.get("token_url") or ""),
        tuple(str(s) for s in scopes) if isinstance(scopes, list) else (),
        values.get("requires_cloud_id") is True,
        {k: v for k, v in values.items() if k not in _OURS},
    )


def _unknown(key: str, id: str) -> str:
    near = get_close_matches(key, _OURS, n=1, cutoff=0.8)
    meant = f" Is `{near[0]}` meant?" if near else ""
    return f"`{_shown(key)}` of `{_shown(id)}` is not known here; it is kept and not used.{meant}"


def _fits(value: object, wanted: str) -> bool:
    if wanted == _TEXT:
        return isinstance(value, str) and not isinstance(value, _Other)
    if wanted == _TRUTH:
        return isinstance(value, bool)
    if wanted == _MAPPING:
        return isinstance(value, dict)
    return isinstance(value, list) and all(_fits(v, _TEXT) for v in value)


def _composed(text: str, where: str) -> yaml.Node | None:
    """The tree of the file with its lines; nothing in it is constructed, so no tag can do anything."""
    import yaml

    try:
        return yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
    except RecursionError:
        at = ""
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}" if mark else ""
    raise FileProblem(
        "providers-not-yaml",
        f"The list of providers in {where} cannot be read.",
        f"It is no YAML{': ' + at if at else ''}.",
        ["Compare that line with the gateway's own oauth_providers.yaml: indents are spaces, no tabs."],
    )


def _mapping(node: yaml.Node, what: str, where: str) -> dict[str, yaml.Node]:
    """The members of a mapping by name; a name that stands twice is a fault, as one of them would be lost."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise _invalid(where, _line(node), f"{what} should hold names with values")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _invalid(where, _line(key), f"a name in {what} is no text")
        if key.value in found:
            raise _invalid(where, _line(key), f"`{_shown(key.value)}` stands twice in {what}")
        found[str(key.value)] = value
    return found


def _plain(node: yaml.Node, where: str) -> object:
    """The node as plain data: texts, truth values, lists and mappings; a number stays the text that it is."""
    import yaml

    left = _NODES

    def convert(node: yaml.Node, deep: int) -> object:
        nonlocal left
        left -= 1
        if left < 0 or deep > _DEEP:
            raise _invalid(where, _line(node), "it is nested too deep, or refers to itself")
        if isinstance(node, yaml.MappingNode):
            return {str(k.value): convert(v, deep + 1) for k, v in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [convert(v, deep + 1) for v in node.value]
        if node.tag == "tag:yaml.org,2002:bool":
            return node.value.lower() in ("yes", "true", "on")
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        return _Other(str(node.value))

    return convert(node, 0)


class _Other(str):
    """What YAML takes for a number or a date: no text, though it is kept as it was written."""

    __slots__ = ()


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _shown(text: str) -> str:
    return text if text.isprintable() and len(text) <= 60 else f"{text[:60]!a:.60}…"


def _invalid(where: str, line: int, what: str) -> FileProblem:
    return FileProblem(
        "providers-invalid",
        f"The list of providers in {where} is not what it should be.",
        f"Line {line}: {what}.",
        ["Mend that line; the gateway's guide shows one provider under `OAuth Provider Configuration`."],
    )
