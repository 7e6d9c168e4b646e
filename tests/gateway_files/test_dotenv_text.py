"""`.env` text: what is read, what is written, and that nothing else changes. A real sh judges what it can source."""

from __future__ import annotations

import re
import secrets
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import dotenv
from wizard.dotenv import Dotenv
from wizard.errors import FileProblem, UsageError

QUICK = settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])

SOMETHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
AWKWARD = st.text("ab'\"\\$`# \n\r\t=${}éx~!;&", max_size=25)
VALUES = st.one_of(SOMETHING, AWKWARD)
KEYS = st.from_regex(r"[A-Z_][A-Z0-9_]{0,6}", fullmatch=True)
BARE = st.from_regex(r"[a-z0-9./:-]{1,8}", fullmatch=True)
LINES = st.one_of(
    st.builds("# {}".format, BARE),
    st.just(""),
    st.builds("{}={}".format, KEYS, BARE),
    st.builds("export {}={}".format, KEYS, BARE),
    st.builds("{} = {}".format, KEYS, BARE),
    st.builds("{}='{} # x'  # why".format, KEYS, BARE),
    st.builds('{}="{}\\n\\"x\\""'.format, KEYS, BARE),
    st.builds("{}={} # why".format, KEYS, BARE),
    st.builds("{}=".format, KEYS),
    st.builds("{}= # nothing".format, KEYS),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """The text of a tidy file: any line ends, with or without a mark at its beginning or a break at its end."""
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    lines = draw(st.lists(LINES, max_size=8))
    return (
        draw(st.sampled_from(["", "\ufeff"]))
        + eol.join(lines)
        + (eol if draw(st.booleans()) and lines else "")
    )


def _plain(text: str) -> dict[str, str]:
    return {k: v.reveal() for k, v in Dotenv(text).values().items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("  export   A=b  ", "b"),
        ("A = b", "b"),
        ("A=b c # why", "b c"),
        ("A=b#c", "b#c"),
        ("A=#c", "#c"),
        ("A= # c", ""),
        ("A=", ""),
        ("A=''", ""),
        ("A='b # c' # why", "b # c"),
        (r"A='it\'s \n'", r"it's \n"),
        ('A="b\\n\\"c\\" \\t\\\\ $HOME"', 'b\n"c" \t\\ $HOME'),
        ('A="one\r\ntwo"\r\nB=x', "one\ntwo"),
        ('A="a\\\\"\nB="x"', "a\\"),
        ("A='C:\\dir\\'", "C:\\dir\\"),
        ("A=${HOME}/x", "${HOME}/x"),
        ("A=b\nA=c", "c"),
        ("\ufeffA=b", "b"),
        ("A=b\rB=c", "b"),
        ("A=b=c=", "b=c="),
        ("'A'=b", "b"),
    ],
)
def test_a_value_is_read_as_its_readers_read_it(text: str, value: str) -> None:
    found = Dotenv(text).get("A")
    assert found is not None
    assert found.reveal() == value


def test_what_is_read_differently_is_named_with_its_line() -> None:
    text = "A=1\nnonsense\nexport B\nC = 2\nD='x' y\nA=3\n=4\nE=\"open\n"
    found = Dotenv(text)
    assert [(d.id, d.line, d.key) for d in found.doubts] == [
        ("no-assignment", 2, ""),
        ("spaces", 4, "C"),
        ("after-quote", 5, "D"),
        ("duplicate", 6, "A"),
        ("no-assignment", 7, ""),
        ("unclosed-quote", 8, "E"),
    ]
    assert _plain(text) == {"A": "3", "C": "2"}
    assert [b.line for b in found.bindings] == [1, 2, 3, 4, 6]


def test_a_sentence_repeats_no_value() -> None:
    token = secrets.token_urlsafe()
    found = Dotenv(f'{token}\nA="{token}" {token}\n{token}=x\n{token}=y\nB = {token}\nC="{token}')
    assert {d.id for d in found.doubts} == {
        "no-assignment",
        "after-quote",
        "duplicate",
        "spaces",
        "unclosed-quote",
    }
    assert token not in " ".join(d.says for d in found.doubts)
    assert token not in repr(found)


@QUICK
@given(files(), KEYS, VALUES)
@example("", "A", "")
@example("A='x", "A", "y")
@example("\ufeff", "A", "y z")
@example("A", "A", "y")
def test_what_is_set_is_read_and_no_other_byte_changes(text: str, key: str, value: str) -> None:
    before = Dotenv(text)
    after = before.set(key, value)
    got = dotenv.parse(after.content).get(key)
    assert got is not None
    assert got.reveal() == value
    assert {k: v for k, v in _plain(after.text).items() if k != key} == {
        k: v for k, v in _plain(text).items() if k != key
    }
    found = before.last(key)
    if found is None:
        assert after.text.startswith(text)
        added = after.text[len(text) :]
        assert added.strip("\r\n") == f"{key}={dotenv.rendered(value)}".strip("\r\n")
    else:
        head, tail = text[: found.at[0]], text[found.at[1] :]
        assert after.text.startswith(head)
        assert after.text.endswith(tail)
    assert after.set(key, value) is after


@QUICK
@given(files(), KEYS)
def test_what_is_removed_takes_its_own_lines_and_no_other(text: str, key: str) -> None:
    before = Dotenv(text)
    after = before.remove(key)
    assert after.last(key) is None
    assert {k: v for k, v in _plain(text).items() if k != key} == _plain(after.text)
    kept = [
        line
        for line in re.split("\r?\n", text.lstrip("\ufeff"))
        if not re.match(rf"\s*(export )?{key} ?=", line)
    ]
    assert [x for x in re.split("\r?\n", after.text.lstrip("\ufeff")) if x] == [x for x in kept if x]


@QUICK
@given(files(), KEYS, VALUES)
def test_set_and_removed_again_is_as_before(text: str, key: str, value: str) -> None:
    before = Dotenv(text)
    if before.last(key) is None:
        ended = text if text.strip("\ufeff") == "" or text.endswith("\n") else text + before.eol
        assert before.set(key, value).remove(key).text == ended


@QUICK
@given(st.one_of(SOMETHING, st.text("AB=\"'\\\n\r #$", max_size=40)), KEYS, VALUES)
def test_any_text_is_read_and_changed_rightly_or_refused(text: str, key: str, value: str) -> None:
    before = Dotenv(text)
    try:
        after = before.set(key, value)
    except FileProblem as refused:
        assert refused.id == "env-file-open-quote"
        return
    assert _plain(after.text) == {**_plain(text), key: value}


def test_an_open_quote_before_it_is_no_place_to_write() -> None:
    with pytest.raises(FileProblem) as caught:
        Dotenv('A="open\n').set("B", "\nsecond line")
    assert caught.value.detail == "Line 1 opens a quote that is not closed."
    assert Dotenv('A="open\n').set("B", "plain").text == 'A="open\nB=plain\n'


@pytest.mark.parametrize("key", ["", "1A", "A B", "A-B", "A=B", "Ä"])
def test_a_name_that_no_shell_takes_is_refused(key: str) -> None:
    with pytest.raises(UsageError):
        Dotenv().set(key, "x")


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b"])
def test_a_value_that_no_file_can_hold_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        Dotenv().set("A", value)
    assert caught.value.id == "value-not-writable"


@pytest.mark.real("sh")
def test_a_shell_reads_back_what_is_called_portable(tmp_path: Path) -> None:
    """One real sh sources a file of every awkward pair of characters, and says what it read."""
    marks = ["a", "'", '"', "\\", "$", "`", "#", " ", "~", "!", "*", "é", "=", ";", "&", "|", "(", "\t", "%"]
    values = [f"{x}{y}{z}b" for x in marks for y in marks for z in ("", "'")]
    values = [v for v in values if dotenv.portable(v)]
    assert len(values) > 400
    file = Dotenv()
    for number, value in enumerate(values):
        file = file.added(f"V{number}={dotenv.rendered(value)}")
    (tmp_path / "x.env").write_bytes(file.content)
    names = " ".join(f'"$V{number}"' for number in range(len(values)))
    done = subprocess.run(
        ["sh", "-c", f". ./x.env; printf '%s\\0' {names}"], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == values
    assert [v.reveal() for v in file.values().values()] == values


@pytest.mark.parametrize("value", ["${HOME}", "it's $HOME", "two\nlines", "it's \\", "'`id`", "a\rb"])
def test_what_readers_read_in_different_ways_is_not_called_portable(value: str) -> None:
    assert not dotenv.portable(value)
    found = Dotenv().set("A", value).get("A")
    assert found is not None
    assert found.reveal() == value


def test_no_file_to_read_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "utf16").write_bytes("A=b\n".encode("utf-16"))
    (tmp_path / "latin").write_bytes(b"A=b\nB=\xe9\n")
    (tmp_path / "huge").write_bytes(b"A=b\n" * 2_500_000)
    for name, id in (
        ("absent", "file-missing"),
        ("folder", "file-is-folder"),
        ("utf16", "file-not-utf8"),
        ("latin", "file-not-utf8"),
        ("huge", "file-too-large"),
    ):
        with pytest.raises(FileProblem) as caught:
            dotenv.load(tmp_path / name)
        assert caught.value.id == id
