"""The cases of a TOML config file that people really have."""

from __future__ import annotations

import tomllib

import pytest

from wizard.documents import TOML, Document, read, splicing, toml_text
from wizard.errors import FileProblem

PATH = ("mcp_servers", "new")
ENTRY = {"url": "https://x.test/mcp", "http_headers": {"X-A": "1"}}
TABLE = '[mcp_servers.new]\nurl = "https://x.test/mcp"\nhttp_headers = { X-A = "1" }'


def opened(text: str) -> Document:
    return read(text.encode(), "config.toml", TOML, reader="Codex")


def texted(document: Document) -> str:
    return document.content.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{TABLE}\n"),
        ("\ufeff", f"\ufeff{TABLE}\n"),
        ("# only a comment", f"# only a comment\n\n{TABLE}"),
        ('model = "o"\n', f'model = "o"\n\n{TABLE}\n'),
        ('model = "o"', f'model = "o"\n\n{TABLE}'),
        ("\n\n", f"\n\n\n{TABLE}\n"),
        (" \t", f" \t\n\n{TABLE}"),
        ("\ufeffa = 1\r\n", "\ufeffa = 1\r\n\r\n" + TABLE.replace("\n", "\r\n") + "\r\n"),
        ("a = '''\n[mcp_servers.new]\n'''\n", f"a = '''\n[mcp_servers.new]\n'''\n\n{TABLE}\n"),
        ('a = """\n[mcp_servers.new]\\"""\n""" # x', f'a = """\n[mcp_servers.new]\\"""\n""" # x\n\n{TABLE}'),
        ("[mcp_servers.a]\nurl = 'u'\n# z\n[z]\n", f"[mcp_servers.a]\nurl = 'u'\n# z\n[z]\n\n{TABLE}\n"),
        ("[mcp_servers]\na.url = 'u'\n", f"[mcp_servers]\na.url = 'u'\n\n{TABLE}\n"),
        ("mcp_servers.a.url = 'u'\n", f"mcp_servers.a.url = 'u'\n\n{TABLE}\n"),
        ("[[x]]\na = [1, # ]\n 2]\n[[x]]\n", f"[[x]]\na = [1, # ]\n 2]\n[[x]]\n\n{TABLE}\n"),
        (
            "d = 1979-05-27 07:32:00\nn = [nan, -inf]\n",
            f"d = 1979-05-27 07:32:00\nn = [nan, -inf]\n\n{TABLE}\n",
        ),
    ],
)
def test_a_table_goes_in_at_the_end_and_comes_out_without_a_trace(before: str, after: str) -> None:
    document = opened(before).set(PATH, ENTRY)
    assert texted(document) == after
    assert document.get(*PATH) == ENTRY
    assert document.set(PATH, dict(ENTRY)) is document
    assert texted(document.set(PATH, {"command": "c"}).set(PATH, ENTRY)) == after
    assert texted(document.remove(PATH)) == before


@pytest.mark.parametrize(
    ("before", "changed", "removed"),
    [
        (  # apart, with somebody else's tables and comments between
            "[mcp_servers.new]\n# ours\nurl = 'u' # ours\n# a's\n[a]\nx = 1\n\n"
            "[mcp_servers.new.env]\nA = '1'\n\n# b's\n[b]\n",
            f"{TABLE}\n# a's\n[a]\nx = 1\n\n# b's\n[b]\n",
            "# a's\n[a]\nx = 1\n\n# b's\n[b]\n",
        ),
        (  # odd spelling
            '[ mcp_servers . "new" ] # ours\nurl = "u"\n[["mcp_servers".new.x]]\n[[mcp_servers.\'new\'.x]]\na=1\n[z]',
            f"{TABLE}\n[z]",
            "[z]",
        ),
        (  # a comment above the header is not in the table
            "# about new\n[mcp_servers.new]\nurl = 'u'\n\n[z]\n",
            f"# about new\n{TABLE}\n\n[z]\n",
            "# about new\n\n[z]\n",
        ),
        ("[a]\n\n[mcp_servers.new]\n\n\n[z]\n", f"[a]\n\n{TABLE}\n\n\n[z]\n", "[a]\n\n\n[z]\n"),
        (  # dotted keys at the top, and a table
            "mcp_servers.new.url = 'u'\nx = 1\n[mcp_servers.new.env]\nA = '1'\n",
            f"x = 1\n{TABLE}\n",
            "x = 1\n",
        ),
        (
            "[mcp_servers]\n  new.url = 'u' # ours\n  new . env.A = '1'\n  other.url = 'o'\n",
            '[mcp_servers]\n  new.url = "https://x.test/mcp"\n'
            "  new.http_headers = { X-A = \"1\" }\n  other.url = 'o'\n",
            "[mcp_servers]\n  other.url = 'o'\n",
        ),
        (
            "[mcp_servers]\n'new' = {url = '}'} # kept\nother = {}\n",
            "[mcp_servers]\n"
            '\'new\' = { url = "https://x.test/mcp", http_headers = { X-A = "1" } } # kept\nother = {}\n',
            "[mcp_servers]\nother = {}\n",
        ),
        (
            "mcp_servers.new = {url = 'u'}",
            'mcp_servers.new = { url = "https://x.test/mcp", http_headers = { X-A = "1" } }',
            "",
        ),
        ("[mcp_servers]\nnew.url = 'u'", None, "[mcp_servers]"),
        ("[mcp_servers]\nnew.url = 'u'\n[mcp_servers.new.env]\nA = '1'", None, "[mcp_servers]\n"),
        ("[a]\r\n\r\n[mcp_servers.new]\r\nurl = 'u'\r\n\r\n[z]\r\n", None, "[a]\r\n\r\n[z]\r\n"),
    ],
)
def test_an_entry_is_changed_and_taken_out_where_it_stands(
    before: str, changed: str | None, removed: str
) -> None:
    document = opened(before)
    after = document.set(PATH, ENTRY)
    if changed is not None:
        assert texted(after) == changed
    assert after.get(*PATH) == ENTRY
    assert texted(document.remove(PATH)) == removed


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("", ("a",), 1, "a = 1\n"),
        ("# top\n[x]\n", ("a",), True, "a = true\n\n# top\n[x]\n"),
        ("b = 1\n\n# x\n[x]\n", ("a",), ["p", 1.5], 'b = 1\na = ["p", 1.5]\n\n# x\n[x]\n'),
        ("b = 1 # b", ("a",), "é\n", 'b = 1 # b\na = "é\\n"'),
        ("b = 1\r\n", ("a b",), "", 'b = 1\r\n"a b" = ""\r\n'),
        ("[t]\n  x = 1\n\n[u]\n", ("t", "a"), 2, "[t]\n  x = 1\n  a = 2\n\n[u]\n"),
        ("[t]", ("t", "a", "b"), 2, "[t]\na.b = 2"),
        ("x = 1\n[t.u]\n", ("t", "a"), 2, "x = 1\nt.a = 2\n[t.u]\n"),
    ],
)
def test_a_single_value_stands_below_the_last_of_its_table(
    before: str, path: tuple[str, ...], value: object, after: str
) -> None:
    document = opened(before).set(path, value)
    assert texted(document) == after
    assert document.get(*path) == value
    assert texted(document.remove(path)) == before


def test_a_single_value_is_replaced_in_place() -> None:
    document = opened('a = "x" # note\nb = """\na = 1"""\n')
    assert texted(document.set(("a",), "y")) == 'a = "y" # note\nb = """\na = 1"""\n'
    assert texted(opened("n = 1").set(("n",), True)) == "n = true"
    assert texted(opened("[t]\nx = 1\n\n[u]\n").set(("t",), 3)) == "t = 3\n\n\n[u]\n"


def test_names_and_texts_are_written_so_that_they_come_back() -> None:
    value = {
        "a.b": 'q"\\\x00\x7f\u2028\t',
        "": [],
        "é": {},
        "l": [{"x": [1]}],
        "f": -1e30,
        "w": ["w" * 60, "v" * 60],
    }
    path = ("mcp_servers", 'na.me "x"')
    document = opened("").set(path, value)
    assert tomllib.loads(texted(document)) == {"mcp_servers": {path[1]: value}}
    assert texted(document).startswith('[mcp_servers."na.me \\"x\\""]\n"a.b" = "q\\"\\\\\\u0000\\u007f')
    assert texted(document.remove(path)) == ""


def test_what_is_too_long_for_a_line_has_a_table_of_its_own() -> None:
    long = {f"NAME_{n}": "v" * 30 for n in range(3)}
    document = opened("").set(PATH, {"env": long, "url": "u"})
    assert texted(document).startswith('[mcp_servers.new]\nurl = "u"\n\n[mcp_servers.new.env]\nNAME_0 = ')
    assert texted(document.remove(PATH)) == ""


@pytest.mark.parametrize(
    ("content", "id", "where"),
    [
        (b"mcp_servers = { a = {} }", "file-wrong-shape", "line 1, column 1"),
        (b"# x\r\n\r\n mcp_servers = {}", "file-wrong-shape", "line 3, column 2"),
        (b"mcp_servers = 1", "file-wrong-shape", "line 1, column 1"),
        (b"a = 1\n[[mcp_servers]]\n", "file-wrong-shape", "line 2, column 3"),
        (b"a = 1\nb =\n", "file-not-toml", "line 2, column 4"),
        (b"a = 1\r\na = 2\r\n", "file-not-toml", "line 2, column 6"),
        (b'a = 1\nb = "', "file-not-toml", "line 2, column 6"),
        (b"[a]\n[a]\n", "file-not-toml", "line 2, column 3"),
        (b"a = 1\r", "file-not-toml", "line 1, column 6"),
        (b"n = " + b"9" * 5000, "file-not-toml", "config.toml"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "file-too-deep", "config.toml"),
        (b"\xff\xfea\x00", "file-not-utf8", "UTF-16"),
        (b"a = '\xe9'", "file-not-utf8", "number 6"),
        (b" " * (splicing.MAX_BYTES + 1), "file-too-big", "bytes"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_its_place(content: bytes, id: str, where: str) -> None:
    with pytest.raises(FileProblem) as caught:
        read(content, "config.toml", TOML, reader="Codex").set(PATH, ENTRY)
    assert caught.value.id == id
    assert where in caught.value.detail
    assert "config.toml" in caught.value.title
    assert caught.value.fix


def test_a_parsers_words_name_the_table_as_the_file_does() -> None:
    with pytest.raises(FileProblem) as caught:
        opened("[a.'b c']\n[a.'b c']\n")
    assert caught.value.detail == 'config.toml, line 2, column 9: cannot declare `a."b c"` twice'


def test_a_table_written_as_one_value_is_left_alone() -> None:
    document = opened("mcp_servers = { new = { a = 1 } }")
    assert document.set(PATH, {"a": 1}) is document
    assert document.remove(("mcp_servers", "other")) is document
    with pytest.raises(FileProblem, match="one value") as caught:
        document.remove(PATH)
    assert "[mcp_servers.new]" in caught.value.fix[0]


@pytest.mark.parametrize("value", [None, {"a": [None]}, "\ud800", {"\udfff": 1}, object()])
def test_what_toml_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(FileProblem) as caught:
        opened("").set(PATH, value)
    assert caught.value.id == "value-not-toml"
    with pytest.raises(FileProblem):
        opened("a = [1]").append(("a",), value)


def test_a_file_of_comments_holds_nothing() -> None:
    document = opened("# a\n")
    assert document.empty
    assert document.value is None
    assert document.get("a") is None
    assert document.remove(("a",)) is document
    assert not opened("[a]").empty


def test_a_very_deep_key_is_no_traceback() -> None:
    document = opened(f"[{'.'.join('a' * 3000)}]\n")
    with pytest.raises(FileProblem, match="without a risk"):
        document.set(PATH, ENTRY)


def test_an_unsound_edit_is_never_handed_out() -> None:
    document = toml_text.read(b"a = 1\n# kept\n", "f")
    for edits in ([(0, 5, "a = 2")], [(0, 5, "")], [(5, 5, "\nb = ")]):
        with pytest.raises(FileProblem, match="without a risk"):
            document._verified(edits, ("b",), {"a": 1, "b": 3})


@pytest.mark.parametrize(
    ("before", "longer"),
    [
        ("a = []", 'a = ["n"]'),
        ("a = ['x'] # c", "a = ['x', \"n\"] # c"),
        ("a = ['x',] # c", "a = ['x', \"n\",] # c"),
        ("a = [\n  'x', # x\n] # c\n", "a = [\n  'x', # x\n  \"n\",\n] # c\n"),
        ("a = [\r\n\t'x' # ]\r\n]\r\n", "a = [\r\n\t'x', # ]\r\n\t\"n\"\r\n]\r\n"),
        (
            "a = [[1, 2], {x = ','}, 1979-05-27 07:32:00]",
            "a = [[1, 2], {x = ','}, 1979-05-27 07:32:00, \"n\"]",
        ),
    ],
)
def test_an_element_goes_into_a_list_and_out_again(before: str, longer: str) -> None:
    document = opened(before).append(("a",), "n")
    assert texted(document) == longer
    elements = document.get("a")
    assert isinstance(elements, list)
    assert texted(document.remove_item(("a",), len(elements) - 1)) == before


def test_any_element_can_be_taken_out() -> None:
    text = "a = [\n  1, # one\n  2,\n  # three\n  3, 4 # four\n  ,5]\n"
    for index in range(5):
        document = opened(text).remove_item(("a",), index)
        assert document.value == {"a": [n for n in range(1, 6) if n != index + 1]}
        assert all(mark in texted(document) for mark in ("# one", "# three", "# four"))


def test_a_list_of_tables_grows_and_shrinks() -> None:
    before = "[[a]]\nx = 1\n\n[a.sub]\n\n# b\n[b]\n"
    document = opened(before).append(("a",), {"x": 2})
    assert texted(document) == before + "\n[[a]]\nx = 2\n"
    assert texted(document.remove_item(("a",), 1)) == before
    assert texted(document.remove_item(("a",), 0)) == "\n# b\n[b]\n\n[[a]]\nx = 2\n"
    with pytest.raises(FileProblem):
        document.append(("b",), 1)
    assert texted(opened("").append(("a",), 1)) == "a = [1]\n"


@pytest.mark.slow
def test_a_large_file_is_edited_in_reasonable_time() -> None:
    section = (
        "# about {0}\n[mcp_servers.s{0}]\nurl = 'https://x/{0}'\nargs = ['a', '[mcp_servers.new]'] # x\n\n"
    )
    content = "".join(section.format(n) for n in range(8_000)).encode()
    document = read(content, "f", TOML).set(PATH, ENTRY)
    assert document.remove(PATH).content == content
