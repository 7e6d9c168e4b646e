"""Editing random TOML files: what is not ours stays, byte for byte, and taking our entry out gives the old bytes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass

import pytest
import tomlkit
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.examples import examples
from tomlkit.exceptions import TOMLKitError

from wizard.documents import toml_text
from wizard.errors import FileProblem

PATH = ("mcp_servers", "our.entry")
ENTRY = {"url": "https://example.test/mcp", "http_headers": {"A": "é\u2028\x7f"}, "env": {"N" * 60: "v" * 60}}
OTHER = {"command": "c", "args": ["a", 'b"']}

_NAMES = st.text(st.sampled_from('abé"\\ .[]#=-'), min_size=1, max_size=4)
_NOISE = ["# note", "#", '# """', "  # [mcp_servers.'our.entry']", "", "", "  ", "\t# '''"]
_SCALARS = [
    "1", "0x1F", "true", "1_000.5e-3", "inf", "1979-05-27 07:32:00", "07:32:00", "''", '""',
    '"[mcp_servers.x] # \\" \\\\"', "'# \\'", '"""a"""', "'''a'''", '"""a"""""', "'''''a'''''", '"""\\""""',
]  # fmt: skip
_LONG = ['"""\n[mcp_servers.\'our.entry\']\n\\\n  x = 1 \\""" ""\n"""', "'''\n\n[x]\n\\'' # '''"]


@st.composite
def _key(draw: st.DrawFn, name: str) -> str:
    forms = [json.dumps(name, ensure_ascii=draw(st.booleans()))]
    if "'" not in name:
        forms.append(f"'{name}'")
    if name.isascii() and name.replace("-", "a").replace("_", "a").isalnum():
        forms += [name, name]
    return draw(st.sampled_from(forms))


@st.composite
def _dotted(draw: st.DrawFn, path: tuple[str, ...]) -> str:
    dot = draw(st.sampled_from([".", ".", " . ", "\t."]))
    return dot.join([draw(_key(name)) for name in path])


@st.composite
def _value(draw: st.DrawFn, depth: int = 2, line: bool = False) -> str:
    kind = draw(st.sampled_from(["scalar", "scalar", "array", "table"])) if depth else "scalar"
    if kind == "scalar":
        return draw(st.sampled_from(_SCALARS if line else _SCALARS + _LONG))
    if kind == "table":
        names = draw(st.lists(_NAMES, max_size=2, unique=True))
        members = [f"{draw(_key(n))} = {draw(_value(depth - 1, True))}" for n in names]
        return "{" + ", ".join(members) + "}"
    gaps = st.sampled_from(["", " "] if line else ["", " ", "\n", " # ] ,\n", '\n # "\n\t'])
    out = "["
    items = draw(st.lists(_value(depth - 1, line), max_size=3))
    for number, item in enumerate(items):
        comma = "," if number < len(items) - 1 or draw(st.booleans()) else ""
        out += draw(gaps) + item + draw(gaps) + comma
    return out + draw(gaps) + "]"


@st.composite
def _member(draw: st.DrawFn, path: tuple[str, ...]) -> str:
    indent, end = draw(st.sampled_from(["", "", "  ", "\t"])), draw(st.sampled_from(["", "", " # [x]", "  "]))
    return f"{indent}{draw(_dotted(path))}{draw(st.sampled_from([' = ', '=']))}{draw(_value())}{end}"


@st.composite
def _body(draw: st.DrawFn, prefix: tuple[str, ...] = ()) -> list[str]:
    names = draw(st.lists(_NAMES, max_size=3, unique=True))
    return [draw(_member((*prefix, *([n] if draw(st.booleans()) else [n, "sub"])))) for n in names]


@st.composite
def _table(draw: st.DrawFn, path: tuple[str, ...], marks: str = "[]") -> list[str]:
    indent, end = draw(st.sampled_from(["", "", " "])), draw(st.sampled_from(["", "", " # ="]))
    space, half = draw(st.sampled_from(["", " "])), len(marks) // 2
    return [f"{indent}{marks[:half]}{space}{draw(_dotted(path))}{space}{marks[half:]}{end}", *draw(_body())]


@dataclass(frozen=True)
class Case:
    """A file, and the same one without what is ours."""

    content: bytes
    base: bytes


@st.composite
def cases(draw: st.DrawFn, ours: bool) -> Case:
    """Sections in any order: (whether it is ours, its lines). What stands above a section that is not ours is not."""
    form = draw(st.sampled_from(["tables", "dotted", "inline"])) if ours else ""
    root = [(False, [line]) for line in draw(_body())]
    holder: list[tuple[bool, list[str]]] = []
    if draw(st.booleans()):
        holder = [(False, [draw(st.sampled_from(["[mcp_servers]", "[ 'mcp_servers' ] # x"]))])]
        holder += [(False, [line]) for line in draw(_body())]
    place, prefix = (holder, PATH[1:]) if holder else (root, PATH)
    if form == "dotted":
        place += [(True, [draw(_member((*prefix, name)))]) for name in draw(st.sampled_from(["a", "ab"]))]
        place += [(False, [line]) for line in draw(_body(("zz",)))] if holder else []
    elif form == "inline":
        text = draw(_value(2, True))
        place.append((True, [f"{draw(_dotted(prefix))} = {text} # ours"]))
    tables = [
        [(False, draw(_table(("t", name))))] for name in draw(st.lists(_NAMES, max_size=3, unique=True))
    ]
    tables += [[(False, draw(_table(("l",), "[[]]")))] for _ in range(draw(st.integers(0, 2)))]
    for name in draw(st.lists(_NAMES, max_size=2, unique=True)):
        tables.append([(False, draw(_table(("mcp_servers", f"o{name}"))))])
        if draw(st.booleans()):
            tables.append([(False, draw(_table(("mcp_servers", f"o{name}", "env 1"))))])
    if form == "tables":
        for inner in draw(st.lists(st.sampled_from([(), ("env 1",), ("h h",)]), min_size=1, unique=True)):
            tables.append([(True, draw(_table((*PATH, *inner))))])
        tables += [[(True, draw(_table((*PATH, "l l"), "[[]]")))] for _ in range(draw(st.integers(0, 2)))]
    if holder:
        tables.append(holder)
    pieces = root + [piece for table in draw(st.permutations(tables)) for piece in table]
    noise = st.lists(st.sampled_from(_NOISE), max_size=3)
    lines: list[tuple[bool, str]] = []
    for own, texts in pieces:
        lines += [(False, line) for line in ([] if own else draw(noise))]
        lines += [(own, line) for line in texts]
    lines += [(False, line) for line in draw(noise)]
    eol, bom, last = draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans()), draw(st.booleans())

    def joined(kept: list[str]) -> bytes:
        text = "\n".join(kept) + ("\n" if last and kept else "")
        return ("\ufeff" * bom + text.replace("\n", eol)).encode()

    case = Case(joined([line for _, line in lines]), joined([line for own, line in lines if not own]))
    for content in (case.content, case.base):
        try:
            tomllib.loads(content.decode().removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError:
            assume(False)
    return case


def _lines(content: bytes) -> list[bytes]:
    """Its lines but the blank ones."""
    return [
        line.rstrip(b"\r\n") for line in content.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()
    ]


def _other(document: toml_text.Document) -> object:
    """As another parser reads it (which leaves CRLF in a text of many lines, where the standard says it may)."""
    try:
        return tomlkit.parse(document.text.replace("\r\n", "\n")).unwrap()
    except TOMLKitError:
        return None


def _agree(old: toml_text.Document, new: toml_text.Document) -> None:
    """Another parser sees the same in the new file, if it did in the old one."""
    if _other(old) == (old.value or {}):
        assert _other(new) == new.value


@pytest.mark.slow
@settings(max_examples=examples(200), deadline=None)
@given(cases(ours=False))
def test_an_added_entry_is_behind_the_old_bytes_and_comes_out_without_a_trace(case: Case) -> None:
    document = toml_text.read(case.content, "file")
    edited = document.set(PATH, ENTRY)
    assert edited.content.startswith(case.content)
    servers = document.get("mcp_servers") or {}
    assert edited.value == {**(document.value or {}), "mcp_servers": {**servers, PATH[1]: ENTRY}}
    changed = edited.set(PATH, OTHER)
    assert changed.get(*PATH) == OTHER
    _agree(document, changed)
    assert edited.set(PATH, ENTRY) is edited
    assert changed.set(PATH, ENTRY).content == edited.content
    assert edited.remove(PATH).content == case.content
    assert changed.remove(PATH).content == case.content


@pytest.mark.slow
@settings(max_examples=examples(200), deadline=None)
@given(cases(ours=True))
def test_an_entry_that_stands_anywhere_is_all_that_changes(case: Case) -> None:
    document = toml_text.read(case.content, "file")
    base = _lines(case.base)
    assert _lines(document.remove(PATH).content) == base
    edited = document.set(PATH, ENTRY)
    assert edited.get(*PATH) == ENTRY
    rest = iter(_lines(edited.content))
    assert all(line in rest for line in base)
    assert _lines(edited.remove(PATH).content) == base
    _agree(document, edited)


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(cases(ours=False), _NAMES, st.sampled_from([1, "a\n#", [1.5, "x" * 120], True]))
def test_a_single_value_goes_in_and_out(case: Case, name: str, value: object) -> None:
    document = toml_text.read(case.content, "file")
    for path in ((name,), ("mcp_servers", name), ("t", name), ("new", name)):
        if document.get(*path) is not None:
            continue
        edited = document.set(path, value)
        assert edited.get(*path) == value
        assert edited.set(path, 7).set(path, value).content == edited.content
        assert edited.remove(path).content == case.content


@pytest.mark.slow
@settings(max_examples=examples(100), deadline=None)
@given(cases(ours=True), st.data())
def test_any_member_can_be_taken_out(case: Case, data: st.DataObject) -> None:
    document = toml_text.read(case.content, "file")
    assume(not document.empty)
    name = data.draw(st.sampled_from(list(document.value)))
    rest = document.remove((name,))
    assert (rest.value or {}) == {k: v for k, v in document.value.items() if k != name}
    old = iter(_lines(case.content))
    assert all(line in old for line in _lines(rest.content))


@settings(max_examples=examples(400), deadline=None)
@given(
    st.lists(
        st.sampled_from([*"[]{}=.,# \n", "\r\n", '"', "'", '"""', "'''", "\\", "a", "x", "1", "x.a"]),
        max_size=25,
    )
)
def test_any_file_is_edited_or_refused(parts: list[str]) -> None:
    content = "".join(parts).encode()
    try:
        document = toml_text.read(content, "file")
        edited = document.set(("x", "new"), {"a": {"b": [1]}})
    except FileProblem as problem:
        assert problem.id in {"file-not-toml", "file-wrong-shape"}
        return
    assert edited.content.startswith(content)
    assert edited.remove(("x", "new")).content == content


@pytest.mark.slow
@settings(max_examples=examples(400), deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=20), _NAMES)
def test_texts_come_back(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        with pytest.raises(FileProblem):
            toml_text.read(b"", "file").set((name,), text)
        return
    document = toml_text.read(b"", "file").set((name, text), {text: text, name: [text]})
    assert tomllib.loads(document.text) == {name: {text: {text: text, name: [text]}}}
