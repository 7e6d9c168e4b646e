"""Paths of names through plain data in which some lists go by names: `Form.keyed` says which, and by what member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Keyed = Mapping[tuple[str, ...], str]
Path = tuple[str, ...]


def got(tree: Any, path: Path, keyed: Keyed) -> object:
    """The value at a path, None where there is none."""
    for depth, name in enumerate(path):
        member = keyed.get(path[:depth])
        if member is not None and isinstance(tree, list):
            tree = next((e for e in tree if isinstance(e, dict) and e.get(member) == name), None)
        elif isinstance(tree, dict) and member is None:
            tree = tree.get(name)
        else:
            return None
    return tree


def own(path: Path, value: Any, keyed: Keyed) -> object:
    """A value as it stands at its path: the element of such a list begins with its name."""
    member = keyed.get(path[:-1]) if path else None
    if member is None or not isinstance(value, Mapping):
        return value
    return {member: path[-1], **{k: v for k, v in value.items() if k != member}}


def nested(path: Path, depth: int, value: object, keyed: Keyed) -> object:
    """What stands at ``path[:depth]`` where all that is missing down to the value is made."""
    value = own(path, value, keyed)
    for at in range(len(path), depth, -1):
        outer = path[: at - 1]
        value = own(outer, [value] if outer in keyed else {path[at - 1]: value}, keyed)
    return value


def with_value(tree: Any, path: Path, value: object, keyed: Keyed, depth: int = 0) -> object:
    """The tree with a value at a path, missing parents made."""
    if depth == len(path):
        return own(path, value, keyed)
    name, member = path[depth], keyed.get(path[:depth])
    if member is None:
        base = tree if isinstance(tree, dict) else {}
        inner = base.get(name)
        return {**base, name: with_value(inner, path, value, keyed, depth + 1)}
    held = tree if isinstance(tree, list) else []
    at = next((i for i, e in enumerate(held) if isinstance(e, dict) and e.get(member) == name), len(held))
    old = held[at] if at < len(held) else {member: name}
    return [*held[:at], with_value(old, path, value, keyed, depth + 1), *held[at + 1 :]]


def without_value(tree: Any, path: Path, keyed: Keyed, depth: int = 0) -> object:
    """The tree without the value at a path, which it has."""
    name, member = path[depth], keyed.get(path[:depth])
    last = depth == len(path) - 1
    if member is None:
        if last:
            return {k: v for k, v in tree.items() if k != name}
        return {**tree, name: without_value(tree[name], path, keyed, depth + 1)}
    at = next(i for i, e in enumerate(tree) if isinstance(e, dict) and e.get(member) == name)
    inner = [] if last else [without_value(tree[at], path, keyed, depth + 1)]
    return [*tree[:at], *inner, *tree[at + 1 :]]


def same(one: Any, other: Any) -> bool:
    """Whether two values are written alike: `1` is not `true`, nor `1.0`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other or one is other)
