"""Editing random YAML: what is not ours stays, byte for byte, and taking our entry out gives the old bytes."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard.documents import Form, yaml_nodes, yaml_text
from wizard.documents.yaml_model import YamlError
from wizard.errors import FileProblem

_CONTINUE = Form("yaml", keyed={("mcpServers",): "name"})
_ENTRY: dict[str, object] = {
    "type": "streamable_http",
    "uri": "https://example.test/mcp?a=b#c",
    "headers": {"A": "é\u2028", "yes": "no", "x: y": " # "},
    "args": ["-b", "1e3", ["0x1F", {"k": None}], {}],
    "timeout": 300,
    "enabled": True,
}
_SCALARS = [
    "1",
    "plain text",
    "'it''s # no: comment'",
    '"a # b: {"',
    "yes",
    "~",
    "",
    '"a\tb"',
    "2001-01-01",
    "0x1F",
    "!!str 1",
    "!own x",
    "&seen v",
    "https://example.test/#x",
    "[]",
    "{}",
    "[a, 'b', {c: d}, ]",
    "{a: [1, 2], b: , c}",
    "*base",
]
_NAMES = ["a", "b c", '"q: #"', "'s'", "on", "<<", "é😀", "1"]
_COMMENTS = ["# note", "#", "# - name: old", "# a: {", "#\t'"]


class _Writer:
    """Draws a file line by line, in one style."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.unit = draw(st.sampled_from([1, 2, 4]))
        self.dash = draw(st.sampled_from([0, 2, self.unit]))
        self.gap = draw(st.sampled_from([2, 2, 4]))
        self.lines: list[str] = []

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def between(self, column: int) -> None:
        for _ in range(self.one_of(0, 0, 0, 1, 2)):
            indent = " " * self.one_of(0, column, column, column + 1)
            self.lines.append(self.one_of("", "  ", indent + self.draw(st.sampled_from(_COMMENTS))))

    def note(self) -> str:
        return self.one_of("", "", "", " # note", "\t# note: '", " ")

    def value(self, column: int, depth: int) -> None:
        """What follows on the last line, and below it."""
        kind = self.one_of("scalar", "scalar", "block", "folded", "map", "map", "list") if depth else "scalar"
        if kind == "scalar":
            self.lines[-1] += " " + self.draw(st.sampled_from(_SCALARS)) + self.note()
        elif kind == "block":
            self.lines[-1] += " " + self.one_of("|", "|-", "|+", ">", ">-", "|2")
            inner = " " * (column + 2)
            self.lines += [
                inner + "x: [",
                *self.one_of([], ["", inner + " # in it"]),
                *self.one_of([], ["", ""]),
            ]
        elif kind == "folded":
            self.lines[-1] += " first words"
            self.lines.append(" " * (column + 1) + "and more" + self.note())
        elif kind == "map":
            self.lines[-1] += self.one_of("", "", " # note", " &deep", " !!map")
            self.mapping(column + self.unit, depth - 1, {})
        else:
            self.lines[-1] += self.one_of("", "", " # note")
            self.list_of(column + self.dash, depth - 1, [])

    def mapping(self, column: int, depth: int, fixed: dict[str, str], compact: bool = False) -> None:
        names = self.draw(
            st.lists(st.sampled_from(_NAMES), min_size=0 if fixed else 1, max_size=3, unique=True)
        )
        for number, name in enumerate(self.draw(st.permutations([*names, *fixed]))):
            if compact and number == 0:
                self.lines[-1] += name + ":"
            else:
                self.between(column)
                self.lines.append(" " * column + name + self.one_of(":", ":", " :"))
            if fixed.get(name):
                self.holder(fixed[name], column, depth)
            elif name in fixed:
                self.lines[-1] += " " + self.one_of("x", "'y'", "z") + self.note()
            else:
                self.value(column, depth)
        self.between(column)

    def holder(self, kind: str, column: int, depth: int) -> None:
        if kind == "map":
            style = self.one_of("block", "block", "block", "flow", "lines", "null")
        else:
            style = self.one_of("block", "block", "flow list", "null")
        if style == "flow":
            self.lines[-1] += (
                " " + self.one_of("{}", "{ }", "{a: 1}", "{'a': {b: c}, }", "{a, b: }") + self.note()
            )
        elif style == "flow list":
            self.lines[-1] += " " + self.one_of("[]", "[{name: a}]", '[ {"name": "a", u: v}, ]') + self.note()
        elif style == "lines":
            pad = " " * (column + self.unit)
            self.lines[-1] += " {"
            inner = self.one_of(
                ["a: 1"], ["a: 1,"], ["a: 1 # c"], ["# only"], ["a: [x, # c", "  y],", "b: 2", "# c"]
            )
            self.lines += [*(pad + line for line in inner), pad + "}" + self.note()]
        elif style == "null":
            self.lines[-1] += self.one_of("", "", " ~", " null") + self.note()
        elif kind == "map":
            self.lines[-1] += self.note()
            self.mapping(column + self.unit, depth, {})
        else:
            self.lines[-1] += self.note()
            names = self.draw(
                st.lists(st.sampled_from(["x", "'y'", "z"]), min_size=1, max_size=3, unique=True)
            )
            self.list_of(column + self.dash, depth, names)

    def list_of(self, column: int, depth: int, names: list[str]) -> None:
        for name in names or [""] * self.one_of(1, 2):
            self.between(column)
            self.lines.append(" " * column + "-" + " " * (self.gap - 1))
            if name:
                self.lines[-1] += "name: " + name + self.note()
                if self.one_of(True, False):
                    self.mapping(column + self.gap, depth, {})
            elif depth and self.one_of(True, False):
                self.mapping(column + self.gap, depth - 1, {}, compact=True)
            else:
                self.lines[-1] += self.draw(st.sampled_from(_SCALARS)) + self.note()


@st.composite
def files(draw: st.DrawFn, key: str, kind: str) -> bytes:
    """A file that can be read; ``key`` is mostly in it."""
    writer = _Writer(draw)
    eol = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    writer.between(0)
    if writer.one_of(True, False, False):
        writer.lines.append(writer.one_of("---", "--- # first"))
    if writer.one_of(True, True, False):
        writer.lines += ["defaults: &base", "  k: v"]
    if writer.one_of(True, True, True, True, False):
        writer.mapping(0, 2, {key: kind} if writer.one_of(True, True, True, False) else {})
    if writer.one_of(True, False, False, False):
        writer.lines += ["...", *writer.one_of([], ["# after"])]
    text = eol.join(writer.lines) + writer.one_of(eol, eol, "")
    content = ("\ufeff" * writer.one_of(0, 0, 1) + text).encode()
    try:
        yaml_text.read(content, "file")
    except FileProblem:
        assume(False)
    return content


def _is_in(old: bytes, new: bytes) -> bool:
    rest = iter(new)
    return all(byte in rest for byte in old)


def _texts(content: bytes) -> Any:
    """The file as another parser reads it, every scalar a text; it takes no tab before a comment."""
    return yaml.load(content.decode().replace("\t#", " #"), Loader=yaml.BaseLoader)  # noqa: S506  # texts alone


def _other_reads(content: bytes) -> bool:
    """Whether it takes the file at all: it knows no anchor twice, and fewer tabs than the standard has."""
    try:
        _texts(content)
    except (yaml.YAMLError, TypeError):
        return False
    return True


def _refused(document: yaml_text.Document, problem: FileProblem) -> None:
    """Only where an anchor or the end of a block scalar is in the way may an edit be refused."""
    assert problem.id == "merge-not-safe"
    assert any(mark in document.text for mark in ("&", "|", ">")), document.text


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(files("extensions", "map"))
def test_an_entry_goes_in_and_out_without_a_trace(content: bytes) -> None:
    document = yaml_text.read(content, "file")
    old, held = document.value or {}, document.get("extensions")
    try:
        edited = document.set(("extensions", "our-entry"), _ENTRY)
    except FileProblem as problem:
        _refused(document, problem)
        return
    assert edited.value == {**old, "extensions": {**(held or {}), "our-entry": _ENTRY}}  # type: ignore[dict-item]
    bare = re.sub(rb"[ \t]*(~|null)", b"", content) if held is None else content
    assert _is_in(bare, edited.content)
    assert yaml_text.read(edited.content, "file").value == edited.value
    if _other_reads(content):
        others, known = _texts(edited.content), _texts(content) or {}
        assert others["extensions"].pop("our-entry").keys() == _ENTRY.keys()
        assert others.pop("extensions") == (known.pop("extensions", {}) if held else {})
        assert others == {k: v for k, v in known.items() if k != "extensions"}
    assert edited.set(("extensions", "our-entry"), _ENTRY) is edited
    for last in (
        edited,
        edited.set(("extensions", "our-entry"), "x"),
        edited.set(("extensions", "our-entry"), {"k": [1]}),
    ):
        out = last.remove(("extensions", "our-entry"))
        if held is not None or "extensions" not in old:
            assert out.content == content
        else:
            assert {**(out.value or {}), "extensions": None} == old
            assert not out.get("extensions")


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(files("mcpServers", "list"))
def test_an_element_goes_in_and_out_without_a_trace(content: bytes) -> None:
    document = yaml_text.read(content, "file", _CONTINUE)
    old, held = document.value or {}, document.get("mcpServers")
    try:
        edited = document.set(("mcpServers", "our-entry"), _ENTRY)
    except FileProblem as problem:
        _refused(document, problem)
        return
    element = {"name": "our-entry", **_ENTRY}
    assert edited.value == {**old, "mcpServers": [*(held or []), element]}  # type: ignore[misc]
    assert edited.get("mcpServers", "our-entry") == element
    assert edited.set(("mcpServers", "our-entry"), _ENTRY) is edited
    bare = re.sub(rb"[ \t]*(~|null)", b"", content) if held is None else content
    assert _is_in(bare, edited.content)
    if _other_reads(content):
        assert len(_texts(edited.content)["mcpServers"]) == len(held or []) + 1  # type: ignore[arg-type]
    deeper = edited.set(("mcpServers", "our-entry", "env"), {"A": "b"})
    assert deeper.get("mcpServers", "our-entry") == {**element, "env": {"A": "b"}}
    for last in (edited, deeper, edited.set(("mcpServers", "our-entry"), {"k": [1]})):
        out = last.remove(("mcpServers", "our-entry"))
        if held is not None or "mcpServers" not in old:
            assert out.content == content
        else:
            assert {**(out.value or {}), "mcpServers": None} == old
            assert not out.get("mcpServers")


@pytest.mark.slow
@settings(max_examples=examples(250), deadline=None)
@given(files("extensions", "map"), st.sampled_from([_ENTRY, {}, "text", [1, [2]]]), st.data())
def test_any_value_can_be_changed_and_any_member_taken_out(
    content: bytes, value: object, data: st.DataObject
) -> None:
    document = yaml_text.read(content, "file")
    inside = document.get("extensions")
    paths = [(n,) for n in document.value or {}]
    paths += [("extensions", n) for n in (inside if isinstance(inside, dict) else {})]
    assume(paths)
    path = data.draw(st.sampled_from(paths))
    found = yaml_nodes.scan(document.text, path[:-1]).containers[path[:-1]].item(path[-1])
    assert found is not None
    try:
        changed = document.set(path, value)
        assert changed.get(*path) == value
        assert changed.text.startswith(document.text[: found.start])
        # the comment on a key's line stands above a collection that comes in
        assert _is_in(document.text[found.end :].encode(), changed.text[found.start :].encode())
    except FileProblem as problem:
        _refused(document, problem)
    try:
        rest = document.remove(path)
        assert rest.get(*path) is None
        assert _is_in(re.sub(rb" ?{}", b"", rest.content), content)
        others = {k: v for k, v in document.value.items() if k != path[0]}
        assert {k: v for k, v in (rest.value or {}).items() if k != path[0]} == others
    except FileProblem as problem:
        _refused(document, problem)


@settings(max_examples=examples(150), deadline=None)
@given(files("extensions", "map"))
def test_the_parser_in_python_says_the_same_as_the_one_in_c(content: bytes) -> None:
    text = yaml_text.read(content, "file").text.replace("\t#", " #")
    with pytest.MonkeyPatch.context() as patch:
        fast = yaml_nodes.scan(text, ("extensions",))
        patch.setattr(yaml, "__with_libyaml__", False)
        assert yaml_nodes.scan(text, ("extensions",)) == fast


@settings(max_examples=examples(150), deadline=None)
@given(
    st.text(max_size=12), st.text(st.sampled_from("yYnNoOfFeEsS~01x:._-+ #&*!|>'\"%@`{}[],?=<"), max_size=6)
)
def test_any_text_is_read_back_by_every_version_of_yaml(text: str, odd: str) -> None:
    value = {"k": text, "odd": odd, odd: [text, odd, {text + "'": None}]}
    for before in ("", "top: {}\n"):
        done = yaml_text.read(before.encode(), "file").set(("top", "a"), value)
        assert done.get("top", "a") == value
        assert yaml.safe_load(done.text) == {"top": {"a": value}}


@settings(max_examples=examples(150), deadline=None)
@given(st.text(st.sampled_from("ab:- \n\r\t{}[],#&*!|>'\"?%.~x1"), max_size=30))
def test_whatever_a_file_holds_it_is_edited_or_refused_with_a_sentence(text: str) -> None:
    try:
        document = yaml_text.read(text.encode(), "file")
        edited = document.set(("a", "our-entry"), _ENTRY)
    except FileProblem as problem:
        assert problem.title
        return
    if _other_reads(text.encode()):
        assert _texts(edited.content)["a"]["our-entry"].keys() == _ENTRY.keys()
    old = document.get("a")
    out = edited.remove(("a", "our-entry"))
    assert out.text == document.text or not old


@settings(max_examples=examples(150), deadline=None)
@given(st.text(st.sampled_from("ab:- \n{}[],#'\"?|>x1.~"), max_size=25))
def test_a_file_is_read_as_the_other_parser_reads_it(text: str) -> None:
    try:
        wanted = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # texts alone
    except (yaml.YAMLError, TypeError):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        try:
            mine = yaml_nodes.scan(text).value
        except YamlError as error:
            assert error.kind == "duplicate"
            return
    assert _shape(mine) == _shape(wanted)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {"mapping": [_shape(v) for v in value.values()]}
    return [_shape(v) for v in value] if isinstance(value, list) else None
