"""A case in a file: everything that was found out, without a secret; judged again it gives the same findings.

The form is JSON. Facts stand there by the names of their types, exactly as the probes gave them, but each secret is a
mask of its length, the same for the same secret, with its white space kept: rules look at nothing else of it. Every
text has gone through redaction. A newer version's facts that are not known here are left out, and named as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard import __version__
from wizard.errors import FileProblem
from wizard.paths import write_private
from wizard.reading import read_text
from wizard.secret import Secret

from .engine import Facts
from .examined import Examined
from .facts import Fact

if TYPE_CHECKING:
    from cattrs import Converter

FORM: Final = 1
LIMIT: Final = 20_000_000
"""Bytes: what was answered may be long, and stands in it as an excerpt alone."""
_LONGEST: Final = 20_000
"""Characters of one text: more is never written, and a rule would look for its words in it without end."""
_LONGEST_MASK: Final = 200_000


@dataclass(frozen=True, slots=True)
class Case:
    """A case: who saved it (the program's version), when (ISO 8601, UTC), what was found out, and the same as it stands
    in the file."""

    version: str
    saved: str
    examined: Examined
    document: Mapping[str, Any]


def to_text(document: Mapping[str, Any]) -> str:
    """The case as it is written."""
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def document(examined: Examined, hide: Callable[[str], str], saved: str) -> dict[str, Any]:
    """The case as plain data; ``hide`` takes the target's secrets out of a text, ``saved`` is the time, ISO 8601."""
    converter = _converter(_Masks())
    facts, missing = examined.facts.known, examined.facts.missing
    whole = {
        "case": FORM,
        "program": __version__,
        "saved": saved,
        "label": examined.label,
        "seconds": round(examined.seconds, 3),
        "asked": [a.as_json() for a in examined.asked],
        "otherwise": examined.otherwise,
        "unread": examined.unread,
        "before": converter.unstructure(examined.before),
        "cut": examined.cut,
        "facts": {kind.__name__: converter.unstructure(fact) for kind, fact in facts.items()},
        "missing": {kind.__name__: why for kind, why in missing.items()},
        "exchanges": [e.as_json() for e in examined.exchanges],
    }
    return {k: _hidden(v, hide) for k, v in whole.items()}


def taken(examined: Examined, hide: Callable[[str], str]) -> Case:
    """The case of this moment."""
    saved = datetime.now(UTC).isoformat(timespec="seconds")
    return Case(__version__, saved, examined, document(examined, hide, saved))


def write(path: Path, case: Case) -> None:
    """Write a case into a file, 0600, in place of what was there. Raises: FileProblem."""
    write_private(path, to_text(case.document).encode())


def read(path: Path) -> Case:
    """A case out of its file. Raises: FileProblem."""
    return of_text(read_text(path, FileProblem, limit=LIMIT), str(path))


def of_text(text: str, name: str) -> Case:
    """A case out of its text; ``name`` is the file's, for the sentence.

    Raises:
        FileProblem: ``no-case`` or ``newer-case``.
    """
    try:
        found = json.loads(text)
        form = found["case"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise _no_case(name, "It is not JSON with a member `case`.") from None
    if form != FORM:
        raise FileProblem(
            "newer-case",
            f"{name} was saved by another version of authwizard.",
            f"Its form is {form!r}, and this version reads {FORM}.",
            ["Update authwizard, and try again."],
        )
    try:
        return _case(_bounded(found))
    except Exception as error:  # noqa: BLE001  # whatever stands in a file that somebody sent must not break it
        raise _no_case(
            name, f"A part of it does not have the form of a case ({type(error).__name__})."
        ) from None


def _case(found: Mapping[str, Any]) -> Case:
    converter, kinds = _converter(_Masks()), _kinds()
    known: dict[type, Fact] = {
        kinds[n]: converter.structure(f, kinds[n]) for n, f in found["facts"].items() if n in kinds
    }
    missing = {kinds[n]: str(why) for n, why in found["missing"].items() if n in kinds}
    untold = {
        kind: "the case was saved by a version that did not ask this"
        for kind in kinds.values()
        if kind not in known and kind not in missing
    }
    examined = converter.structure({**found, "facts": {}}, Examined)
    facts = Facts(known, {**untold, **missing})
    return Case(str(found["program"]), str(found["saved"]), replace(examined, facts=facts), found)


def _bounded(value: Any, most: int = _LONGEST) -> Any:
    """The same with each text cut to what this program may have written."""
    if isinstance(value, str):
        return value[:most]
    if isinstance(value, dict):
        return {k[:most]: _bounded(v, _LONGEST_MASK if k == "mask" else _LONGEST) for k, v in value.items()}
    return [_bounded(v) for v in value] if isinstance(value, list) else value


def _no_case(name: str, detail: str) -> FileProblem:
    fix = "Give a file that `authwizard doctor ... --save FILE` has written."
    return FileProblem("no-case", f"{name} is not a case that was saved.", detail, [fix])


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(str(k)): _hidden(v, hide) for k, v in value.items()}
    return [_hidden(v, hide) for v in value] if isinstance(value, list | tuple) else value


@cache
def _kinds() -> dict[str, type]:
    from . import probes

    return {p.gives.__name__: p.gives for p in probes.every()}


class _Masks:
    """The same mask for the same secret, another for another; only a secret's length and white space are told."""

    def __init__(self) -> None:
        self._seen: dict[Secret, str] = {}

    def of(self, secret: Secret) -> str:
        if secret not in self._seen:
            digits = str(len(self._seen) + 1)
            text = secret.reveal()
            self._seen[secret] = "".join(
                c if c.isspace() else digits[n % len(digits)] for n, c in enumerate(text)
            )
        return self._seen[secret]


def _converter(masks: _Masks) -> Converter:
    """From facts to plain data and back, by the types of their fields."""
    from cattrs import Converter

    made = Converter()
    made.register_unstructure_hook(Secret, lambda s: {"mask": masks.of(s)})
    made.register_structure_hook(Secret, lambda d, _: Secret(str(d["mask"])))
    made.register_unstructure_hook(bytes, lambda b: b.decode("utf-8", "surrogateescape"))
    made.register_structure_hook(bytes, lambda t, _: str(t).encode("utf-8", "surrogateescape"))
    made.register_unstructure_hook_func(lambda t: isinstance(t, type) and issubclass(t, Path), str)
    made.register_structure_hook(Path, lambda t, _: Path(t))
    made.register_structure_hook_func(lambda t: t is object, lambda v, _: v)
    made.register_structure_hook(Facts, lambda _, __: Facts())
    made.register_structure_hook(
        str | Secret, lambda v, _: Secret(str(v["mask"])) if isinstance(v, dict) else str(v)
    )
    return made
