"""Editing another program's YAML file without changing a byte that is not ours.

The file is scanned, only the text of our own entry is inserted, replaced or taken out, and the result is parsed again
and compared before anyone may write it. Comments, order, quotes, indentation, line ends, a byte-order mark and anchors
stay as they were.

Taking an entry out again gives the old bytes. A parent in block style that is left without any entry goes too where it
looks as we make one (the last of its own, without a comment); elsewhere it becomes `{}` or `[]`, since nothing at all
would be null, which the programs refuse. So a last `extensions:` with nothing in it, which means the same as none, is
the one thing that does not come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ..errors import FileProblem
from . import keyed, yaml_nodes
from .jsonc import place
from .model import YAML, Form
from .splicing import UNTOUCHED, Edit, decoded, encoded, line_end, spliced, unsafe
from .yaml_edits import Editor, NotSafe
from .yaml_model import ALIAS, Container, Item, Scan, YamlError

_MAPPING: Final = "a mapping (`name: value`)"
_LIST: Final = "a list (`- ...`)"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file that can be edited. ``where`` is its path for messages; ``value`` is None and ``empty`` true where
    the file holds nothing but comments."""

    where: str
    form: Form
    bom: bool
    text: str
    value: Any
    empty: bool

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return encoded(self.text, self.bom)

    def get(self, *path: str) -> object:
        """The value at a path of names, None where there is none. An element of a keyed list has its name in it."""
        return keyed.got(self.value, path, self.form.keyed)

    def set(self, path: tuple[str, ...], value: object) -> Document:
        """With the member at ``path`` set, missing parents made. The same document where it is already so.

        Raises:
            FileProblem: a parent is of another kind, a name occurs twice, or the result could not be verified.
        """
        names = self.form.keyed
        found = self._scan(path[:-1])
        self._once(found, path)
        editor = self._editor(found)
        if self.empty:
            whole = keyed.nested(path, 0, value, names)
            return self._verified(editor.whole(whole), path, value)  # type: ignore[arg-type]  # no list is at the top
        depth, holder = self._holder(found, path[:-1])
        existing = holder.item(path[depth])
        inner = keyed.nested(path, depth + 1, value, names)
        try:
            if existing is None:
                edits = editor.insertion(holder, None if holder.array else path[depth], inner)
            elif depth == len(path) - 1 and keyed.same(self.get(*path), inner):
                return self
            else:
                edits = editor.replacement(holder, existing, inner)
        except NotSafe as refusal:
            raise unsafe(self.where, str(refusal)) from None
        return self._verified(edits, path, value)

    def append(self, path: tuple[str, ...], value: object) -> Document:
        """With an element added at the end of the list at ``path``, which is made where it is missing."""
        held = self.get(*path)
        if held is None:
            return self.set(path, [value])
        found = self._scan(path)
        holder = found.containers.get(path)
        if holder is None or not holder.array or not isinstance(held, list):
            raise self._wrong_kind(found, path, _LIST)
        try:
            edits = self._editor(found).insertion(holder, None, value)
        except NotSafe as refusal:
            raise unsafe(self.where, str(refusal)) from None
        return self._verified(edits, path, [*held, value])

    def remove(self, path: tuple[str, ...]) -> Document:
        """Without the member at ``path``; the same document where there is none.

        Raises:
            FileProblem: a name occurs twice, something refers to it, or the result could not be verified.
        """
        found = self._scan(path[:-1])
        self._once(found, path)
        holder = found.containers.get(path[:-1])
        item = holder.item(path[-1]) if holder and holder.array == (path[:-1] in self.form.keyed) else None
        if holder is None or item is None:
            return self
        return self._removed(found, path[:-1], holder, item)

    def remove_item(self, path: tuple[str, ...], index: int) -> Document:
        """Without one element of the list at ``path``."""
        found = self._scan(path)
        holder = found.containers.get(path)
        if holder is None or not holder.array:
            return self
        return self._removed(found, path, holder, holder.items[index], index)

    def _removed(
        self, found: Scan, path: tuple[str, ...], holder: Container, item: Item, index: int | None = None
    ) -> Document:
        names = self.form.keyed
        try:
            edits, gone = self._editor(found).removal(path, holder, item)
        except NotSafe as refusal:
            raise unsafe(self.where, str(refusal)) from None
        if gone <= len(path):
            return self._checked(edits, keyed.without_value(self.value, path[:gone], names))
        if index is None:
            return self._checked(edits, keyed.without_value(self.value, (*path, str(item.key)), names))
        held: Any = self.get(*path)
        rest = [*held[:index], *held[index:][1:]]
        return self._checked(edits, keyed.with_value(self.value, path, rest, names))

    def _scan(self, path: tuple[str, ...]) -> Scan:
        return _scan(self.text, path, self.where, self.form)

    def _once(self, found: Scan, path: tuple[str, ...]) -> None:
        """No name on the path goes for two elements of a list."""
        for depth, name in enumerate(path):
            holder = found.containers.get(path[:depth])
            named = [i for i in holder.items if i.key == name] if holder and holder.array else []
            if len(named) > 1:
                says = f"the name `{name}` occurs twice in one list"
                raise _problem(self.text, self.where, YamlError(says, named[1].start, "duplicate"))

    def _editor(self, found: Scan) -> Editor:
        return Editor(self.text, found, line_end(self.text))

    def _holder(self, found: Scan, path: tuple[str, ...]) -> tuple[int, Container]:
        """The deepest container on the path, and how many names lead to it."""
        for depth in range(len(path), -1, -1):
            holder = found.containers.get(path[:depth])
            if holder is None:
                continue
            array = path[:depth] in self.form.keyed
            if holder.array != array:
                raise self._wrong_kind(found, path[:depth], _LIST if array else _MAPPING)
            item = holder.item(path[depth]) if depth < len(path) else None
            if item and item.kind == ALIAS:
                raise unsafe(
                    self.where, f"`{'.'.join(path[: depth + 1])}` is an alias of something else in the file."
                )
            if item and self.get(*path[: depth + 1]) is not None:
                raise self._wrong_kind(
                    found, path[: depth + 1], _LIST if path[: depth + 1] in self.form.keyed else _MAPPING
                )
            return depth, holder
        raise self._wrong_kind(found, (), _MAPPING)

    def _wrong_kind(self, found: Scan, path: tuple[str, ...], wanted: str) -> FileProblem:
        holder = found.containers.get(path[:-1]) if path else None
        item = holder.item(path[-1]) if holder else None
        what = f"`{'.'.join(path)}` in {self.where}" if path else f"The top of {self.where}"
        return FileProblem(
            "file-wrong-shape",
            f"{what} is not {wanted}.",
            f"{self.where}, {place(self.text, item.value if item else 0)}",
            [f"Make it {wanted}, or move the file away, then try again.", UNTOUCHED],
        )

    def _verified(self, edits: list[Edit], path: tuple[str, ...], value: object) -> Document:
        done = self._checked(edits, keyed.with_value(self.value, path, value, self.form.keyed))
        if not keyed.same(done.get(*path), keyed.own(path, value, self.form.keyed)):
            raise unsafe(self.where)
        return done

    def _checked(self, edits: list[Edit], wanted: object) -> Document:
        """Apply the edits; nothing but our own entry may differ afterwards, in meaning or in bytes."""
        text, kept = spliced(self.text, edits)
        try:
            again = yaml_nodes.scan(text)
        except YamlError:
            raise unsafe(self.where) from None
        if not kept or (again.value or {}) != (wanted or {}):
            raise unsafe(self.where)
        return Document(self.where, self.form, self.bom, text, again.value, again.empty)


def read(content: bytes, where: str, form: Form = YAML, *, reader: str = "The program") -> Document:
    """Parse a file's bytes; nothing at all is an empty document.

    Raises:
        FileProblem: too big, not UTF-8, not one YAML document, nested too deeply, a name twice in one mapping, a tag
            that stands for another program's objects. The message names line and column.
    """
    bom, text = decoded(content, where, reader)
    found = _scan(text, (), where, form)
    return Document(where, form, bom, text, found.value, found.empty)


def _scan(text: str, path: tuple[str, ...], where: str, form: Form) -> Scan:
    try:
        return yaml_nodes.scan(text, path, form.keyed)
    except YamlError as error:
        raise _problem(text, where, error) from None


def _problem(text: str, where: str, error: YamlError) -> FileProblem:
    at = place(text, error.at)
    id, title = {
        "depth": ("file-too-deep", f"{where} is nested too deeply to be edited safely."),
        "duplicate": (
            "file-duplicate-key",
            f"{where} has a name twice, so it is not clear which one counts.",
        ),
        "documents": ("file-not-yaml", f"{where} holds more than one YAML document."),
    }.get(error.kind, ("file-not-yaml", f"{where} is not valid YAML."))
    fix = [f"Mend {at} of {where}, or move the file away, then try again.", UNTOUCHED]
    return FileProblem(id, title, f"{where}, {at}: {error.says}.", fix)
