"""Editing random documents: what is not ours stays, byte for byte, and taking our entry out gives the old bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard.documents import JSON, JSONC, json_text, jsonc

_NAMES = st.text(st.sampled_from('abcé"\\/ {}[],:#'), min_size=1, max_size=5)
_TEXTS = st.text(max_size=12).filter(lambda t: t.isprintable())
_SCALARS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | _TEXTS
_COMMENTS = ["// a { note", "//", "/* , } */", "/**/", "/* // */", '/* " */']


@st.composite
def _gap(draw: st.DrawFn, eol: str, *, comments: bool) -> str:
    parts = draw(st.lists(st.sampled_from(["", " ", "  ", "\t", eol, eol + "  ", "C"]), max_size=3))
    out = ""
    for part in parts:
        if part != "C":
            out += part
        elif comments:
            comment = draw(st.sampled_from(_COMMENTS))
            out += comment + (eol if comment.startswith("//") else "")
    return out


@st.composite
def _value(draw: st.DrawFn, eol: str, comments: bool, depth: int) -> str:
    kind = draw(st.sampled_from(["scalar", "object", "array"])) if depth else "scalar"
    if kind == "scalar":
        return json.dumps(draw(_SCALARS), ensure_ascii=draw(st.booleans()))
    if kind == "array":
        items = [draw(_value(eol, comments, depth - 1)) for _ in range(draw(st.integers(0, 2)))]
        return draw(_container(eol, comments, items, "[]"))
    return draw(_object(eol, comments, depth, {}))


@st.composite
def _object(draw: st.DrawFn, eol: str, comments: bool, depth: int, fixed: dict[str, str]) -> str:
    names = draw(st.lists(_NAMES, max_size=3, unique=True))
    texts = {n: draw(_value(eol, comments, depth - 1)) for n in names} | fixed
    order = draw(st.permutations(list(texts)))
    items = []
    for name in order:
        left, right = draw(_gap(eol, comments=comments)), draw(_gap(eol, comments=comments))
        items.append(f"{json.dumps(name)}{left}:{right}{texts[name]}")
    return draw(_container(eol, comments, items, "{}"))


@st.composite
def _container(draw: st.DrawFn, eol: str, comments: bool, items: list[str], marks: str) -> str:
    out = marks[0]
    for number, item in enumerate(items):
        out += draw(_gap(eol, comments=comments)) + item + draw(_gap(eol, comments=comments))
        last = number == len(items) - 1
        out += "," if not last or (comments and draw(st.booleans())) else ""
    inner = draw(_gap(eol, comments=comments))
    # an empty container that holds only blanks is tidied away when our entry is taken out again
    if not items and not inner.strip():
        inner = ""
    return out + inner + marks[1]


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, bool]:
    """A document with `mcpServers` in it, and whether it is strict JSON."""
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    comments = draw(st.booleans())
    servers = draw(_object(eol, comments, 2, {}))
    body = draw(_object(eol, comments, 2, {"mcpServers": servers}))
    lead, tail = draw(_gap(eol, comments=comments)), draw(_gap(eol, comments=comments))
    bom = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    return bom + (lead + body + tail).encode(), comments


_ENTRY = {"type": "http", "url": "https://example.test/mcp", "headers": {"A": "é\u2028"}}


def _raw(document: json_text.Document, *path: str) -> dict[str | None, str]:
    """Each member of an object as it is written, from its key to its value's end."""
    holder = jsonc.scan(document.text, path).containers[path]
    return {item.key: document.text[item.start : item.end] for item in holder.items}


def _is_subsequence_by_pieces(old: bytes, new: bytes) -> bool:
    """Every old byte is in the new content, in order."""
    rest = iter(new)
    return all(byte in rest for byte in old)


@pytest.mark.slow
@settings(max_examples=examples(120), deadline=None)
@given(documents())
def test_an_inserted_entry_leaves_every_other_byte_and_comes_out_without_a_trace(
    case: tuple[bytes, bool],
) -> None:
    content, comments = case
    document = json_text.read(content, "file", JSONC if comments else JSON)
    edited = document.set(("mcpServers", "our-entry"), _ENTRY)
    assert edited.value == {
        **document.value,
        "mcpServers": {**document.value["mcpServers"], "our-entry": _ENTRY},
    }
    assert _is_subsequence_by_pieces(content, edited.content)
    for path, ours in (((), "mcpServers"), (("mcpServers",), "our-entry")):
        before, after = _raw(document, *path), _raw(edited, *path)
        assert {k: v for k, v in after.items() if k != ours} == {k: v for k, v in before.items() if k != ours}
    if not comments:
        assert json.loads(edited.content.decode("utf-8-sig")) == edited.value
    assert edited.set(("mcpServers", "our-entry"), _ENTRY) is edited
    assert edited.remove(("mcpServers", "our-entry")).content == content


@settings(max_examples=examples(60), deadline=None)
@given(documents(), _NAMES)
def test_a_replaced_value_changes_nothing_outside_it(case: tuple[bytes, bool], name: str) -> None:
    content, comments = case
    document = json_text.read(content, "file", JSONC if comments else JSON)
    first = document.set(("mcpServers", name), {"old": 1})
    again = first.set(("mcpServers", name), _ENTRY)
    found = jsonc.scan(first.text, ("mcpServers",)).containers[("mcpServers",)].item(name)
    assert found is not None
    assert again.text.startswith(first.text[: found.value])
    assert again.text.endswith(first.text[found.end :])
    assert again.bom == first.bom


@settings(max_examples=examples(60), deadline=None)
@given(documents(), st.data())
def test_any_member_can_be_taken_out(case: tuple[bytes, bool], data: st.DataObject) -> None:
    content, comments = case
    document = json_text.read(content, "file", JSONC if comments else JSON)
    name = data.draw(st.sampled_from(list(document.value)))
    rest = document.remove((name,))
    assert rest.value == {k: v for k, v in document.value.items() if k != name}
    assert _is_subsequence_by_pieces(rest.content, content)
    assert _raw(rest) == {k: v for k, v in _raw(document).items() if k != name}


@pytest.mark.slow
@settings(max_examples=examples(150), deadline=None)
@given(documents(), st.sampled_from([(), ("mcpServers",), ("mcpServers", "a"), ("a", "b")]))
def test_what_is_taken_in_one_piece_is_what_would_be_walked(
    case: tuple[bytes, bool], path: tuple[str, ...]
) -> None:
    text = case[0].decode("utf-8-sig")
    quick = jsonc.scan(text, path)
    slow = jsonc._Scanner(text, path, shallow=False)
    slow.waste = -1
    slow.gap()
    assert (slow.run(), slow.found) == (quick.value, quick.containers)
    slow.gap()
    assert slow.lenient == quick.lenient
    later = jsonc.deeper(text, jsonc.scan(text), path)
    assert (later.value, later.containers) == (quick.value, quick.containers)


@settings(max_examples=examples(150), deadline=None)
@given(st.text(st.sampled_from('{}[]:,"/*\\ \n\r\tab01-.eE+truefalsn'), max_size=40))
def test_strict_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    try:
        wanted = json.loads(text)
    except ValueError:
        wanted = ...
    try:
        found = jsonc.scan(text)
        mine = ... if found.empty or found.lenient else found.value
    except jsonc.JsoncError:
        mine = ...
    assert repr(mine) == repr(wanted)
