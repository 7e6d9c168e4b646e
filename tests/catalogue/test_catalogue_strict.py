"""A description at fault is refused at its line, with what was expected."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import catalogue
from wizard.catalogue import parse
from wizard.catalogue.parse import COMMANDS
from wizard.errors import CatalogueError

GOOD = """\
id = "weather"
title = "Weather"
summary = "Forecasts."
entry = "remote"
speaks = "mcp"

[live]
health = "/health"

[live.headers.key]
X-Key = "{key}"

[[fields]]
id = "site"
title = "Site"
required = false

[[environments]]
id = "prod"
title = "Production"
url = "https://weather.example.com"
settings = { site = "7" }

[[methods]]
id = "token"
kind = "bearer"

[[methods]]
id = "key"
kind = "api_key_header"
aliases_note = ""

[methods.headers]
X-Key = "{key}"
X-Site = "{site}"

[[methods.fields]]
id = "key"
title = "Key"
secret = true

[methods.guide]
steps = ["One.", "Two."]

[[scopes]]
id = "a:read"
title = "Read"

[[tools]]
name = "get_a"
scopes = [
  "a:read",
]

[[presets]]
id = "reader"
title = "Reader"
scopes = ["a:read"]
""".replace('aliases_note = ""\n', "")


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_good_one_is_good() -> None:
    service = parse(GOOD, "weather.toml")
    assert service.method("key").headers == {"X-Key": "{key}", "X-Site": "{site}"}
    assert service.environment("prod").settings == {"site": "7"}


@pytest.mark.parametrize(
    ("old", "new", "at", "saw", "expected"),
    [
        ('title = "Weather"', 'title = "Weather', 'title = "Weather', "not TOML", "TOML"),
        ('title = "Weather"', "title = 3", "title = 3", "a number", "a text"),
        ('title = "Weather"', 'titel = "Weather"', "id =", "`title` is missing", "title"),
        ('summary = "Forecasts."', 'summary = ""', "summary", "empty", "a text"),
        ('summary = "Forecasts."', 'summary = "a\\u001b[31m"', "summary", "control", "plain text"),
        ('speaks = "mcp"', 'speaks = "mcp"\ncolour = "red"', "colour", "unknown key `colour`", "one of"),
        ('speaks = "mcp"', 'speaks = "ftp"', "speaks", "`ftp`", "mcp, api"),
        ('entry = "remote"', 'entry = "stdio"', "id =", "`command` is missing", "command"),
        ('id = "weather"', 'id = "Weather"', 'id = "W', "`Weather`", "small letters"),
        ('id = "weather"', 'id = "doctor"', 'id = "d', "a command", "another name"),
        ('health = "/health"', 'health = "health"', "health =", "`health`", "begins with /"),
        ("[live.headers.key]", "[live.headers.kee]", "[live.headers.kee]", "`kee`", "token, key"),
        ('site = "7"', 'sight = "7"', "settings", "`sight`", "site"),
        ('site = "7"', 'token = "7"', "settings", "secret", "no secret"),
        ("https://weather.example.com", "weather.example.com", "url =", "`url`", "http(s)"),
        ("https://weather.example.com", "https://u:p@weather.example.com", "url =", "`url`", "without user"),
        ('kind = "bearer"', 'kind = "baerer"', "kind", "`baerer`", "bearer"),
        ('id = "key"\nkind', 'id = "token"\nkind', 'id = "token"\nkind = "api', "second time", "once"),
        ('X-Site = "{site}"', 'X-Site = "{sight}"', "X-Site", "`sight`", "site"),
        ('X-Site = "{site}"', 'X-Site = "{site"', "X-Site", "brace", "{token}"),
        ('X-Site = "{site}"', '"X Site" = "{site}"', '"X Site"', "`X Site`", "header"),
        ('X-Site = "{site}"', "X-Site = 7", "X-Site", "a number", "a text"),
        ('X-Key = "{key}"\nX-Site', "X-Site", '[[methods]]\nid = "key"', "goes nowhere", "{key}"),
        ("secret = true", 'secret = "yes"', "secret =", "a text", "true or false"),
        ("secret = true", 'secret = true\ndefault = "x"', "default", "default for a secret", "source"),
        ("secret = true", 'secret = true\nsource = "cmd:rm"', "source", "`cmd:rm`", "file:PATH"),
        ("secret = true", 'secret = true\naliases = ["site"]', "[[methods.fields]]", "`site`", "once"),
        ('steps = ["One.", "Two."]', 'steps = ["One.", 2]', "steps", "a number", "texts"),
        ('  "a:read",', '  "a:read",\n  "b:read",', '  "b:read"', "unknown scope `b:read`", "a:read"),
        (
            'title = "Reader"\nscopes = ["a:read"]',
            'title = "Reader"\nscopes = ["c"]',
            'scopes = ["c"]',
            "`c`",
            "a:read",
        ),
        ('name = "get_a"', 'nome = "get_a"', "[[tools]]", "`name` is missing", "name"),
        (
            '[[scopes]]\nid = "a:read"',
            '[[scopes]]\nid = "a read"',
            'id = "a read"',
            "`a read`",
            "without spaces",
        ),
        ("[[presets]]", "[presets]", "[presets]", "a table", "a list"),
    ],
)
def test_each_fault_at_its_line(old: str, new: str, at: str, saw: str, expected: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(CatalogueError) as caught:
        parse(text, "weather.toml")
    error = caught.value
    found = re.fullmatch(r"weather\.toml:(\d+): (.*); expected (.*)", error.detail)
    assert found, error.detail
    assert (int(found[1]), error.id) == (line_of(text, at), "catalogue-invalid"), error.detail
    assert saw in found[2]
    assert expected in found[3]


@pytest.mark.parametrize("word", sorted(COMMANDS))
def test_no_service_is_called_as_a_command(word: str) -> None:
    with pytest.raises(CatalogueError, match="cannot be used"):
        parse(GOOD.replace('"weather"', f'"{word}"', 1), "x.toml")


def test_a_secret_has_no_place_in_a_command() -> None:
    text = GOOD.replace('speaks = "mcp"', 'speaks = "mcp"\ncommand = ["weather", "--key", "{key}"]')
    with pytest.raises(CatalogueError) as caught:
        parse(text, "x.toml")
    assert ":6: `key` in a command" in caught.value.detail


def test_lines_are_found_behind_texts_over_several_lines_and_inline_tables() -> None:
    text = GOOD.replace(
        'summary = "Forecasts."', 'source = """\\\n  id = 1 [[x]] \\\n  """\nsummary = "F" # [ not open'
    ).replace('title = "Reader"', "title = 1")
    with pytest.raises(CatalogueError) as caught:
        parse(text, "x.toml")
    assert caught.value.detail.startswith(f"x.toml:{line_of(text, 'title = 1')}:")


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_no_text_whatever_raises_anything_else(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(
            st.sampled_from([*lines, "", "[[", "x = [", "[a.b]", "id = 1979-05-27", '"" = ""'])
        )
    text = "\n".join(lines)
    try:
        parse(text, "x.toml")
    except CatalogueError as error:
        assert 1 <= int(error.detail.split(":")[1]) <= len(lines) + 1


def test_every_built_in_file_is_called_as_its_id() -> None:
    for path in Path(catalogue.__file__).parent.glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["id"] == path.stem


def test_lines_without_end_are_scanned_quickly() -> None:
    text = f'{" " * 400_000}\n[live]{" " * 400_000}\n"{"a " * 100_000}" = 1\n'
    with pytest.raises(CatalogueError) as caught:
        parse(GOOD.replace("[live]\n", text, 1), "x.toml")
    assert len(caught.value.detail) < 400


FILES = '\n[[files]]\npath = "~/.weather/key.json"\ntitle = "the key"\n'


def test_files_say_where_credentials_lie() -> None:
    more = FILES + 'variable = "WEATHER_KEY"\nfolder_mode = "0700"\nform = "json"\nserver = true\n'
    found = parse(GOOD + more, "weather.toml").files[0]
    assert (found.path, found.mode, found.folder_mode) == ("~/.weather/key.json", 0o600, 0o700)
    assert (found.variable, found.form, found.server) == ("WEATHER_KEY", "json", True)


@pytest.mark.parametrize(
    "line", ['mode = "600"', 'form = "xml"', 'mode = "0999"', 'folder = "~"', "server = 1"]
)
def test_a_file_at_fault_is_refused(line: str) -> None:
    with pytest.raises(CatalogueError):
        parse(f"{GOOD}{FILES}{line}\n", "weather.toml")
