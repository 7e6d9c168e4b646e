"""Taking secrets out of plain data, however it is nested: dataclasses, mappings, sequences, texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

_T = TypeVar("_T")


def through(value: _T, hide: Callable[[str], str]) -> _T:
    """The same value with each text in it gone through ``hide``; anything else stays."""
    return cast(_T, _through(value, hide))


def _through(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: _through(getattr(value, f.name), hide) for f in fields(value) if f.init}
        )
    if isinstance(value, Mapping):
        return {_through(k, hide): _through(v, hide) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_through(inner, hide) for inner in value)
    return value
