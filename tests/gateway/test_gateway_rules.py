"""Access rules read as the gateway reads them, whatever stands in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from diagnostics.facts.gateway import how, nearest
from sandbox.gateway import RULES
from wizard.errors import FileProblem
from wizard.gateway import rules

DOCUMENT = """
group_mappings:
  mcp-registry-admin:
    - mcp-registry-admin
    - mcp-servers-unrestricted/read
  mcp-servers-restricted:
    - mcp-servers-restricted/read
    - mcp-servers-restricted/execute

mcp-servers-restricted/read:
  - server: currenttime
    methods:
      - tools/list
    tools:
      - current_time_by_timezone

mcp-servers-restricted/execute:
  - server: fininfo/
    methods:
      - tools/list
      - tools/call
    tools:
      - get_stock_aggregates
      - print_stock_data
"""


def test_the_documents_example() -> None:
    found = rules.parse(DOCUMENT, "scopes.yml")
    mine = found.scopes_of(["mcp-servers-restricted", "somebody-else"])
    assert mine == ("mcp-servers-restricted/read", "mcp-servers-restricted/execute")
    assert found.servers(mine) == ("currenttime", "fininfo")
    assert found.allows(mine, "fininfo", "tools/call", "get_stock_aggregates")
    assert not found.allows(mine, "fininfo", "tools/call", "delete_everything")
    assert not found.allows(mine, "fininfo", "tools/call")
    assert not found.allows(mine, "fininfo", "initialize")
    assert found.scopes_for("currenttime", "tools/list") == ("mcp-servers-restricted/read",)
    assert found.groups_for(["mcp-servers-restricted/read"]) == ("mcp-servers-restricted",)


@pytest.mark.parametrize(
    "group", ["mcp-servers-Restricted", "mcp_servers_restricted", "/mcp-servers-restricted"]
)
def test_a_group_that_is_spelled_otherwise_brings_nothing(group: str) -> None:
    assert rules.parse(DOCUMENT, "scopes.yml").scopes_of([group]) == ()


def test_the_practice_gateways_rules_are_in_that_form() -> None:
    found = rules.read(RULES)
    assert {"mcp-servers-unrestricted", "mcp-servers-restricted"} <= set(found.groups)
    assert "UI-Scopes" not in found.scopes


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("group_mappings: [", "rules-not-yaml"),
        ("- a\n- b", "rules-invalid"),
        ("", "rules-invalid"),
        ("group_mappings: yes", "rules-invalid"),
        ("!!python/object:os.system {}", "rules-not-yaml"),
    ],
)
def test_what_is_no_such_file_is_named(tmp_path: Path, text: str, id: str) -> None:
    place = tmp_path / "scopes.yml"
    place.write_text(text)
    with pytest.raises(FileProblem) as raised:
        rules.read(place)
    assert raised.value.id == id
    assert raised.value.fix


_YAML = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["group_mappings", "server", "methods", "tools", "UI-Scopes", "a/read"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=examples(40))
@given(_YAML)
def test_any_yaml_is_read_or_refused(data: object) -> None:
    import yaml

    try:
        found = rules.parse(yaml.safe_dump(data), "scopes.yml")
    except FileProblem:
        return
    assert all(isinstance(g.server, str) for grants in found.scopes.values() for g in grants)
    assert not found.allows(found.scopes_of(["nobody"]), "mcpgw", "initialize")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rules.parse(text, "scopes.yml")
    except FileProblem as problem:
        assert problem.title


KNOWN = ("mcp-servers-unrestricted", "mcp-servers-restricted")


@pytest.mark.parametrize(
    ("name", "near", "word"),
    [
        ("mcp-servers-Unrestricted", KNOWN[0], "capitals"),
        ("mcp_servers_unrestricted", KNOWN[0], "hyphens"),
        ("/mcp-servers-unrestricted", KNOWN[0], "slash"),
        ("mcp-servers-restrcted", KNOWN[1], "letter"),
        ("mcp-servers-restricted", "", ""),
        ("developers", "", ""),
        ("", "", ""),
    ],
)
def test_near_misses_of_names(name: str, near: str, word: str) -> None:
    assert nearest(name, KNOWN) == near
    if near:
        assert word in how(name, near)


def test_short_names_are_not_near_each_other() -> None:
    assert nearest("add", ("and", "odd")) == ""
    assert nearest("ADD", ("add",)) == "add"


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4))
def test_what_is_near_is_known_and_another(name: str, known: list[str]) -> None:
    found = nearest(name, known)
    assert found == "" or (found in known and found != name)
