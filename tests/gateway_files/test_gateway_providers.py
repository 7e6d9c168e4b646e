"""The gateway's list of providers: what it says, its notes, and the line of what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard.errors import FileProblem
from wizard.gateway import providers

LIST = """\
# As the gateway's guide shows it.
providers:
  atlassian:
    display_name: "Atlassian Cloud"
    auth_url: "https://auth.atlassian.com/authorize"
    token_url: "https://auth.atlassian.com/oauth/token"
    scopes:
      - "read:jira-work"
      - "write:jira-work"
    requires_cloud_id: true
"""


def test_the_list_of_the_document() -> None:
    found = providers.parse(LIST, "x.yaml")
    assert found.notes == ()
    one = found.providers["atlassian"]
    assert (one.display_name, one.auth_url, one.token_url, one.scopes, one.requires_cloud_id) == (
        "Atlassian Cloud",
        "https://auth.atlassian.com/authorize",
        "https://auth.atlassian.com/oauth/token",
        ("read:jira-work", "write:jira-work"),
        True,
    )
    assert one.more == {}


def test_what_its_own_script_reads_is_kept_without_a_note() -> None:
    text = LIST + "    audience: api.atlassian.com\n    additional_params:\n      prompt: consent\n"
    found = providers.parse(text, "x.yaml")
    assert found.notes == ()
    assert found.providers["atlassian"].more == {
        "audience": "api.atlassian.com",
        "additional_params": {"prompt": "consent"},
    }


def test_unknown_keys_are_kept_and_told_and_no_fault() -> None:
    found = providers.parse(LIST + "    colour: blue\n    Scopes: [x]\nversion: 2\n", "x.yaml")
    assert [n.line for n in found.notes] == [11, 12, 13]
    assert found.notes[0].says == "`colour` of `atlassian` is not known here; it is kept and not used."
    assert found.notes[1].says.endswith("Is `scopes` meant?")
    assert found.providers["atlassian"].more == {"colour": "blue", "Scopes": ["x"]}


def test_a_provider_without_addresses_is_told() -> None:
    found = providers.parse("providers:\n  x:\n    display_name: X\n", "x.yaml")
    assert [n.says for n in found.notes] == [
        "`x` has no `auth_url`: it cannot be signed in to.",
        "`x` has no `token_url`: it cannot be signed in to.",
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "Line 1: `providers:` is missing at the top of the file."),
        ("a: 1\n", "Line 1: `providers:` is missing at the top of the file."),
        ("- a\n", "Line 1: the file should hold names with values."),
        ("providers: []\n", "Line 1: `providers` should hold names with values."),
        ("providers:\n  x: 1\n", "Line 2: `x` should hold names with values."),
        (
            LIST.replace("true", "perhaps"),
            "Line 10: `requires_cloud_id` of `atlassian` should be true or false.",
        ),
        (LIST.replace('"Atlassian Cloud"', "12"), "Line 4: `display_name` of `atlassian` should be a text."),
        (
            LIST.replace('"read:jira-work"', "1.5"),
            "Line 8: `scopes` of `atlassian` should be a list of texts.",
        ),
        (
            LIST.replace('"https://auth.atlassian.com/oauth/token"', "nowhere"),
            "Line 6: `token_url` of `atlassian` is no",
        ),
        (LIST + "    scopes: []\n", "Line 11: `scopes` stands twice in `atlassian`."),
        (LIST + "    ? [a]\n    : b\n", "Line 11: a name in `atlassian` is no text."),
        (LIST + "\tx: 1\n", "It is no YAML: line 11."),
        ("providers: [", "It is no YAML: line 1."),
        ("--- a\n--- b\n", "It is no YAML: line 2."),
        ("providers: &a\n  x: *a\n", "Line 1: it is nested too deep, or refers to itself."),
        ("providers:\n  x:\n    y: !!python/object:os.system a\n    auth_url: 1\n", "Line 4: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, detail: str) -> None:
    with pytest.raises(FileProblem) as caught:
        providers.parse(text, "x.yaml")
    assert caught.value.detail.startswith(detail)


def test_aliases_that_multiply_end_soon() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(FileProblem) as caught:
        providers.parse(bomb + "providers:\n  x:\n    more: *i\n", "x.yaml")
    assert "nested too deep" in caught.value.detail


def test_brackets_without_end_have_a_sentence() -> None:
    with pytest.raises(FileProblem):
        providers.parse("providers: " + "[" * 900, "x.yaml")


@settings(max_examples=examples(80), deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("providers:x \n-[]{}&*!|>'\"#%@?\t1", max_size=60)))
def test_any_text_is_a_list_or_a_sentence(text: str) -> None:
    try:
        providers.parse(text, "x.yaml")
    except FileProblem as problem:
        assert problem.id in ("providers-not-yaml", "providers-invalid")


def test_no_file_to_read_has_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes(b"providers: \xe9\n")
    (tmp_path / "huge").write_bytes(b"# x\n" * 2_500_000)
    for name, id in (
        ("absent", "file-missing"),
        ("", "file-is-folder"),
        ("pipe", "file-not-regular"),
        ("latin", "file-not-utf8"),
        ("huge", "file-too-large"),
    ):
        with pytest.raises(FileProblem) as caught:
            providers.read(tmp_path / name)
        assert caught.value.id == id
