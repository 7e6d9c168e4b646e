"""The cases of a YAML config file that people really have."""

from __future__ import annotations

import pytest

from wizard import documents
from wizard.documents import YAML, Form, splicing, yaml_nodes, yaml_text
from wizard.documents.yaml_text import Document
from wizard.errors import FileProblem

GOOSE = ("extensions", "new")
CONTINUE = ("mcpServers", "new")
KEYED = Form("yaml", keyed={("mcpServers",): "name"})
ENTRY = {"uri": "https://example.test/mcp", "args": ["a"], "env": {}}


def _goose(text: str) -> Document:
    return yaml_text.read(text.encode(), "config.yaml")


def _continue(text: str) -> Document:
    return yaml_text.read(text.encode(), "config.yaml", KEYED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "extensions:\n  new:\n    uri: https://example.test/mcp\n    args:\n      - a\n    env: {}\n"),
        (
            "# mine\r\n---\r\na: 1 # one",
            "# mine\r\n---\r\na: 1 # one\r\nextensions:\r\n  new:\r\n    uri: https://example.test/mcp\r\n"
            "    args:\r\n      - a\r\n    env: {}",
        ),
        (
            "\ufeffextensions:\n    old:\n        args:\n        - x\n    # more to come\n\n# about b\nb: 1\n...\n",
            "\ufeffextensions:\n    old:\n        args:\n        - x\n    # more to come\n    new:\n"
            "        uri: https://example.test/mcp\n        args:\n        - a\n        env: {}\n\n# about b\nb: 1\n"
            "...\n",
        ),
        (
            "extensions: {} # none\nb: 1\n",
            'extensions: {"new": {"uri": "https://example.test/mcp", "args": ["a"], "env": {}}} # none\nb: 1\n',
        ),
        (
            "extensions: {\n  old: {a: 1}, # c\n}\n",
            'extensions: {\n  old: {a: 1}, # c\n  "new": {"uri": "https://example.test/mcp", "args": ["a"], '
            '"env": {}},\n}\n',
        ),
        (
            "extensions: {a, b: }\n",
            'extensions: {a, b: , "new": {"uri": "https://example.test/mcp", "args": ["a"], "env": {}}}\n',
        ),
        (
            "extensions:\n  old:\n    text: |+\n      kept\n\n# end\n",
            "extensions:\n  old:\n    text: |+\n      kept\n\n  new:\n    uri: https://example.test/mcp\n    args:\n"
            "      - a\n    env: {}\n# end\n",
        ),
    ],
)
def test_an_entry_goes_in_as_the_file_is_written_and_out_again(before: str, after: str) -> None:
    document = _goose(before)
    edited = document.set(GOOSE, ENTRY)
    assert edited.content.decode() == after
    assert edited.set(GOOSE, ENTRY) is edited
    assert edited.remove(GOOSE).content.decode() == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "",
            "mcpServers:\n  - name: new\n    uri: https://example.test/mcp\n    args:\n      - a\n    env: {}\n",
        ),
        (
            "mcpServers:\n- name: old\n  args:\n  - x\n# about models\nmodels: []\n",
            "mcpServers:\n- name: old\n  args:\n  - x\n- name: new\n  uri: https://example.test/mcp\n  args:\n  - a\n"
            "  env: {}\n# about models\nmodels: []\n",
        ),
        (
            "mcpServers:\n    -   name: old\n    # - name: older",
            "mcpServers:\n    -   name: old\n    # - name: older\n    -   name: new\n"
            "        uri: https://example.test/mcp\n        args:\n            -   a\n        env: {}",
        ),
        (
            "mcpServers: [ {name: old} ]\n",
            'mcpServers: [ {name: old}, {"name": "new", "uri": "https://example.test/mcp", "args": ["a"], '
            '"env": {}} ]\n',
        ),
        (
            "mcpServers: []\n",
            'mcpServers: [{"name": "new", "uri": "https://example.test/mcp", "args": ["a"], "env": {}}]\n',
        ),
    ],
)
def test_an_element_goes_by_its_name(before: str, after: str) -> None:
    document = _continue(before)
    edited = document.set(CONTINUE, ENTRY)
    assert edited.content.decode() == after
    assert edited.get(*CONTINUE) == {"name": "new", **ENTRY}
    assert edited.set(CONTINUE, ENTRY) is edited
    assert edited.set(CONTINUE, {"name": "new", **ENTRY}) is edited
    assert edited.remove(CONTINUE).content.decode() == before
    assert edited.set((*CONTINUE, "env", "A"), "b").remove((*CONTINUE, "env", "A")).content == edited.content


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (
            "extensions:\nb: 1\n",
            "extensions:\n  new:\n    a: 1\nb: 1\n",
            "extensions: {}\nb: 1\n",
        ),
        (
            "extensions: ~ # none\n  # yet\nb: 1\n",
            "extensions: # none\n  new:\n    a: 1\n  # yet\nb: 1\n",
            "extensions: {} # none\n  # yet\nb: 1\n",
        ),
        ("b: 1\nextensions:", "b: 1\nextensions:\n  new:\n    a: 1", "b: 1"),
        # without anything before it, the mark of the end is no document
        ("extensions:\n...\n", "extensions:\n  new:\n    a: 1\n...\n", "extensions: {}\n...\n"),
    ],
)
def test_a_parent_that_holds_nothing_takes_an_entry_and_means_the_same_after_it(
    before: str, after: str, gone: str
) -> None:
    edited = _goose(before).set(GOOSE, {"a": 1})
    assert edited.text == after
    assert edited.remove(GOOSE).text == gone


def test_another_value_takes_the_place_of_the_old_one_alone() -> None:
    before = "extensions:\n  new: # ours\n    a: 'x' # was\n    b:\n    - 1\n  # about old\n  old: {}\n"
    after = "extensions:\n  new: # ours\n    a: 'yes'\n  # about old\n  old: {}\n"
    edited = _goose(before).set(GOOSE, {"a": "yes"})
    assert edited.text == after.replace("'", '"')
    assert edited.remove(GOOSE).text == "extensions:\n  # about old\n  old: {}\n"
    assert edited.set(GOOSE, "x").set(GOOSE, {"a": "yes"}).value == edited.value


def test_the_last_member_of_all_goes_too() -> None:
    assert _goose("# c\na: 1\n").remove(("a",)).text == "# c\n"
    assert _goose("---\na: 1\n...\n").remove(("a",)).text == "---\n...\n"
    assert _goose("a: 1\n...\n").remove(("a",)).text == "{}\n...\n"
    assert _goose("# c\na: 1\n").remove(("a",)).empty


def test_true_is_not_one() -> None:
    document = _goose("extensions:\n  new: {enabled: 1}\n")
    assert document.set(GOOSE, {"enabled": True}).text == 'extensions:\n  new: {"enabled": true}\n'


def test_a_neighbours_comment_stays_where_it_is_when_an_entry_goes() -> None:
    before = "mcpServers:\n  # about new\n  - name: new # ours\n    a: 1 # ours\n  # about b\n  - name: b\n  # end\n"
    after = "mcpServers:\n  # about new\n  # about b\n  - name: b\n  # end\n"
    assert _continue(before).remove(CONTINUE).text == after


def test_an_element_goes_into_a_list_and_out_again() -> None:
    before = "inputs:\n- id: a # first\n# about b\nb: [x]\n"
    longer = _goose(before).append(("inputs",), {"id": "b"})
    assert longer.text == "inputs:\n- id: a # first\n- id: b\n# about b\nb: [x]\n"
    assert longer.remove_item(("inputs",), 1).text == before
    assert _goose(before).append(("b",), 1).text == before.replace("[x]", "[x, 1]")
    assert _goose("a: 1\n").append(("new",), "x").remove_item(("new",), 0).text == "a: 1\n"
    assert _goose("b: [x]\n").remove_item(("b",), 0).text == "b: []\n"


def test_what_is_not_there_is_left_alone() -> None:
    for text in ("", "a: 1\n", "- 1\n", "extensions:\n", "extensions: [new]\n"):
        document = _goose(text)
        assert document.get(*GOOSE) is None
        assert document.remove(GOOSE) is document
        assert document.remove_item(GOOSE, 0) is document
    assert _goose("# nothing\n").empty
    assert _goose("---\n...\n").empty


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"a: yes", {"a": "yes"}),
        (b"a: [0x1F, 0o17, 1e3, .5, +1, -.inf]", {"a": [31, 15, 1000.0, 0.5, 1, float("-inf")]}),
        (b"a: [1_000, 1:20, 2001-01-01, 0b1, on]", {"a": ["1_000", "1:20", "2001-01-01", "0b1", "on"]}),
        (b"a: [~, null, '', ~, !!str 1, !!float 1, !own x]", {"a": [None, None, "", None, "1", 1.0, "x"]}),
        (
            b"a: &x {k: 1}\nb: *x\nc: {<<: *x, k: 2}",
            {"a": {"k": 1}, "b": {"k": 1}, "c": {"<<": {"k": 1}, "k": 2}},
        ),
        (b"1: a\ntrue: b\n~: c\n[x]: d", {"1": "a", "true": "b", "null": "c", '["x"]': "d"}),
        (b'{"a": [1, {"b": "\\u00e9"}]}', {"a": [1, {"b": "é"}]}),
    ],
)
def test_scalars_are_read_as_the_programs_read_them(content: bytes, value: object) -> None:
    assert repr(documents.read(content, "f", YAML).value) == repr(value)


@pytest.mark.parametrize(
    ("content", "id", "where"),
    [
        (b"extensions: {", "file-not-yaml", "line 1, column"),
        (b"a: 1\r\nb: 'x\r\n", "file-not-yaml", "line"),
        (b"a: 1\n\tb: 2\n", "file-not-yaml", "line 2, column 1"),
        (b"a: b: c\n", "file-not-yaml", "line 1, column 5"),
        (b"a: \x01\n", "file-not-yaml", "line 1, column 4"),
        (b"a: 1\n---\nb: 1\n", "file-not-yaml", "line 2, column 1"),
        (b"a: !!python/object/apply:os.system [x]\n", "file-not-yaml", "line 1, column 4"),
        (b"a: !!python/name:os.system x\n", "file-not-yaml", "line 1, column 4"),
        (b"a: *none\n", "file-not-yaml", "line 1, column 4"),
        (b"a: &x [*x]\n", "file-not-yaml", "line 1, column 8"),
        (b"- a\n", "file-wrong-shape", "line 1, column 1"),
        (b"words\n", "file-wrong-shape", "line 1, column 1"),
        (b"extensions: []\n", "file-wrong-shape", "line 1, column 13"),
        (b"extensions: none\n", "file-wrong-shape", "line 1, column 13"),
        (b"extensions:\n  a: 1\n  'a': 2\n", "file-duplicate-key", "line 3, column 3"),
        (b"extensions: &x\n  a: 1\nb: *x\n", "merge-not-safe", "parsed again"),
        (b"b: &x\n  a: 1\nextensions: *x\n", "merge-not-safe", "alias"),
        (b"extensions:\n  new: &x {}\nb: *x\n", "merge-not-safe", "alias"),
        (b"b: &x {}\nextensions:\n  new: *x\n", "merge-not-safe", "alias"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "file-too-deep", "line 1"),
        (b"\xff\xfea\x00", "file-not-utf8", "UTF-16"),
        (b"a: \xe9", "file-not-utf8", "number 4"),
        (b" " * (splicing.MAX_BYTES + 1), "file-too-big", "bytes"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place(content: bytes, id: str, where: str) -> None:
    with pytest.raises(FileProblem) as caught:
        yaml_text.read(content, "some.yaml").set(GOOSE, ENTRY)
    assert caught.value.id == id
    assert where in caught.value.detail
    assert "some.yaml" in caught.value.title
    assert caught.value.fix


@pytest.mark.parametrize(
    ("content", "id"),
    [
        (b"mcpServers: {new: {}}\n", "file-wrong-shape"),
        (b"mcpServers: x\n", "file-wrong-shape"),
        (b"mcpServers:\n- name: new\n- {name: new}\n", "file-duplicate-key"),
        (b"b: &x {name: new}\nmcpServers:\n- *x\n", "merge-not-safe"),
    ],
)
def test_a_list_of_names_is_refused_where_it_is_none(content: bytes, id: str) -> None:
    with pytest.raises(FileProblem) as caught:
        yaml_text.read(content, "some.yaml", KEYED).set(CONTINUE, ENTRY)
    assert caught.value.id == id


@pytest.mark.parametrize(
    "text",
    [
        "extensions:\n  new: &x {}\nb: *x\n",
        "b: &x {}\nextensions:\n  new: *x\n",
        "extensions:\n  new: [&x 1]\nb: *x\n",
    ],
)
def test_what_others_refer_to_is_not_taken_out(text: str) -> None:
    with pytest.raises(FileProblem, match="without a risk") as caught:
        _goose(text).remove(GOOSE)
    assert "alias" in caught.value.detail


def test_aliases_that_repeat_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    with pytest.raises(FileProblem) as caught:
        _goose("\n".join(lines))
    assert caught.value.id == "file-too-deep"


def test_merge_keys_of_others_do_not_disturb() -> None:
    before = "base: &b {x: 1}\nextensions:\n  <<: *b\n  old:\n    <<: *b\n    y: 2\n"
    edited = _goose(before).set(GOOSE, ENTRY)
    assert edited.text.startswith(before)
    assert edited.remove(GOOSE).text == before
    assert _goose(before).remove(("extensions", "old")).value == {
        "base": {"x": 1},
        "extensions": {"<<": {"x": 1}},
    }


def test_a_text_that_would_change_its_end_is_refused() -> None:
    with pytest.raises(FileProblem) as caught:
        _goose("a: |\n  no line end").set(GOOSE, ENTRY)
    assert caught.value.id == "merge-not-safe"


def test_an_unsound_edit_is_never_handed_out() -> None:
    with pytest.raises(FileProblem, match="without a risk"):
        _goose("a: 1")._verified([(0, 4, "a: 2")], ("b",), 3)


def test_the_parser_in_python_does_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    assert yaml_nodes.scan("a: [b, {c: }]\n").value == {"a": ["b", {"c": None}]}


def test_numbers_beyond_all_measure_do_not_hurt() -> None:
    for number in ("1" * 9000, "0x" + "f" * 9000, "1e" + "9" * 9000):
        before = f"? {number}\n: {number}\n"
        assert _goose(before).set(GOOSE, ENTRY).remove(GOOSE).text == before


@pytest.mark.slow
def test_a_large_file_is_edited_in_reasonable_time() -> None:
    entry = "  ext{n}:\n    type: stdio # {n}\n    args:\n    - a\n    - 'b c'\n    env: {{A: b}}\n"
    text = "extensions:\n" + "".join(entry.format(n=n) for n in range(4_000))
    edited = _goose(text).set(GOOSE, ENTRY)
    assert edited.remove(GOOSE).text == text
