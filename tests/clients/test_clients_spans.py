"""The cases of a config file that people really have."""

from __future__ import annotations

import gc

import pytest

from wizard.documents import JSON, json_text, jsonc, splicing
from wizard.errors import FileProblem

PATH = ("mcpServers", "new")
ENTRY = '{"command": "x", "args": ["a"]}'
WHOLE = """{
  "mcpServers": {
    "new": {
      "command": "x",
      "args": [
        "a"
      ]
    }
  }
}"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "",
            WHOLE + "\n",
        ),
        ('{"x":1}', '{"x":1,"mcpServers":{"new":{"command":"x","args":["a"]}}}'),
        ('{"mcpServers": {"a": 1}}', '{"mcpServers": {"a": 1, "new": {"command": "x", "args": ["a"]}}}'),
        (
            '{\r\n\t"mcpServers": {\r\n\t\t"a": 1 // keep\r\n\t}\r\n}',
            '{\r\n\t"mcpServers": {\r\n\t\t"a": 1, // keep\r\n\t\t"new": {\r\n\t\t\t"command": "x",\r\n\t\t\t"args": ['
            '\r\n\t\t\t\t"a"\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}',
        ),
        (
            '{\n "mcpServers": {\n  "a": 1,\n },\n}\n',
            '{\n "mcpServers": {\n  "a": 1,\n  "new": {\n   "command": "x",\n   "args": ['
            '\n    "a"\n   ]\n  },\n },\n}\n',
        ),
        (
            "\ufeff{}",
            "\ufeff" + WHOLE,
        ),
    ],
)
def test_an_entry_goes_in_as_the_file_is_written(before: str, after: str) -> None:
    assert json_text.set_member(before.encode(), PATH, ENTRY).decode() == after


def test_a_neighbours_comment_stays_where_it_is_when_an_entry_goes() -> None:
    before = '{\n  "mcpServers": {\n    "new": 1,\n    // about b\n    "b": 2 // b\n  }\n}\n'
    after = '{\n  "mcpServers": {\n    // about b\n    "b": 2 // b\n  }\n}\n'
    assert json_text.remove_member(before.encode(), PATH).decode() == after


@pytest.mark.parametrize(
    ("content", "id", "where"),
    [
        (b'{"mcpServers": [}', "file-not-json", "line 1, column 17"),
        (b'{\r\n"a": 1\r\n"b": 2}', "file-not-json", "line 3, column 1"),
        (b'{"a": 1} x', "file-not-json", "line 1, column 10"),
        (b'{"a": "unclosed', "file-not-json", "line 1, column 7"),
        (b"{ /* unclosed", "file-not-json", "line 1, column 3"),
        (b'{"a": NaN}', "file-not-json", "line 1, column 7"),
        (b"[1]", "file-wrong-shape", "line 1, column 1"),
        (b"3", "file-wrong-shape", "line 1, column 1"),
        (b'{"mcpServers": []}', "file-wrong-shape", "line 1, column 16"),
        (b'{"mcpServers": {"a": 1, "a": 2}}', "file-duplicate-key", "line 1, column 25"),
        (b'{"mcpServers": {}, "mcpServers": {}}', "file-duplicate-key", "line 1, column 20"),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "file-too-deep", "line 1"),
        (b"\xff\xfe{\x00}\x00", "file-not-utf8", "UTF-16"),
        (b'{"a": "\xe9"}', "file-not-utf8", "number 8"),
        (b" " * (splicing.MAX_BYTES + 1), "file-too-big", "bytes"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place(content: bytes, id: str, where: str) -> None:
    with pytest.raises(FileProblem) as caught:
        json_text.set_member(content, PATH, ENTRY, "some.json")
    assert caught.value.id == id
    assert where in caught.value.detail
    assert "some.json" in caught.value.title
    assert caught.value.fix


@pytest.mark.parametrize(
    ("content", "what"), [(b"{} // no", "a comment"), (b'{"a": 1,}', "a comma after the last item")]
)
def test_a_strict_reader_is_named_when_its_file_is_not_strict(content: bytes, what: str) -> None:
    with pytest.raises(FileProblem) as caught:
        json_text.read(content, ".mcp.json", JSON, reader="Claude Code")
    assert caught.value.id == "file-not-strict-json"
    assert caught.value.title.startswith("Claude Code cannot read .mcp.json: it holds " + what)


@pytest.mark.parametrize("number", [b"1" * 5000, b"-" + b"7" * 9000])
@pytest.mark.parametrize("held", [b'{"n": %s}', b"%s", b'[{"n": [%s]}]'])
def test_a_number_too_long_for_python_stays_as_it_is(number: bytes, held: bytes) -> None:
    content = b'{"mcpServers": {"a": ' + held % number + b', "b": {}, "c": ' + held % number + b"}}"
    after = json_text.set_member(content, PATH, ENTRY)
    assert after.count(number) == 2
    assert json_text.remove_member(after, PATH) == content


@pytest.mark.slow
def test_a_large_file_is_edited_in_reasonable_time() -> None:
    body = ",".join(f'"k{n}": {{"a": [1, 2, "{"x" * 60}"], "b": null}}' for n in range(8_000))
    content = f'{{"mcpServers": {{}}, {body}}}'.encode()
    assert json_text.remove_member(json_text.set_member(content, PATH, ENTRY), PATH) == content


def test_the_search_for_cycles_is_as_it_was_afterwards() -> None:
    for wanted in (True, False):
        (gc.enable if wanted else gc.disable)()
        try:
            jsonc.scan('{"a": [1]}')
            with pytest.raises(jsonc.JsoncError):
                jsonc.scan("{")
            assert gc.isenabled() is wanted
        finally:
            gc.enable()


def test_an_element_goes_into_a_list_and_out_again() -> None:
    before = '{\n  "inputs": [\n    {"id": "a"} // first\n  ]\n}\n'
    document = json_text.read(before.encode(), "f")
    longer = document.append(("inputs",), {"id": "b"})
    assert longer.value == {"inputs": [{"id": "a"}, {"id": "b"}]}
    assert '{"id": "a"}, // first\n' in longer.text
    assert longer.remove_item(("inputs",), 1).text == before


def test_an_unsound_edit_is_never_handed_out() -> None:
    document = json_text.read(b'{"a": 1}', "f")
    with pytest.raises(FileProblem, match="without a risk"):
        document._verified([(0, 8, '{"a": 2}')], ("b",), 3)


def test_places_count_every_kind_of_line_end() -> None:
    assert jsonc.place("a\r\nb\rc\nde", 8) == "line 4, column 2"
