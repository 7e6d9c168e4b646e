"""Whatever a login can find has an entry among the causes: what `wizard.oauth` raises is compared with the registry."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from diagnostics.causes.book import REGISTRY
from wizard import oauth
from wizard.oauth import discovery

ROOM = Path(oauth.__file__).parent
NEVER_TOLD = {discovery.NOTHING}
"""Raised where nothing may be guessed, and caught by whoever said so: then nobody logs in, and nothing has failed."""
TABLES = {
    "authorization.id": "_ERRORS",
    "login_page.NO_CONNECTION": "authorization.NO_CONNECTION",
    "code_refusals.id": "_problem",
    "walk.id": "assigned beside it",
    "refresh_refusals.found.id": "_kind",
    "sessions.refused.id": "another problem",
}
"""Where an id is looked up: the table's ids are collected as well. What `sessions` raises again was raised before."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOM.glob("*.py")):
        yield path.stem, ast.parse(path.read_text("utf-8"))


def texts(node: ast.AST, known: dict[str, str]) -> set[str]:
    """The texts that an expression can be; none for what only the run knows."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) and node.value else set()
    if isinstance(node, ast.IfExp):
        return texts(node.body, known) | texts(node.orelse, known)
    return {known[name]} if (name := ast.unparse(node)) in known else set()


def name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def constants(tree: ast.Module) -> dict[str, str]:
    return {
        name_of(n.target): n.value.value
        for n in tree.body
        if isinstance(n, ast.AnnAssign)
        and isinstance(n.value, ast.Constant)
        and isinstance(n.value.value, str)
    }


def raised() -> tuple[set[str], set[str]]:
    """The ids, and where they are looked up in a table."""
    ids: set[str] = set()
    looked_up: set[str] = set()
    everywhere = {f"{module}.{n}": v for module, tree in modules() for n, v in constants(tree).items()}
    for module, tree in modules():
        known = {**everywhere, **constants(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in ("OAuthProblem", "ResourceProblem"):
                found = texts(node.args[0], known)
                ids |= found
                looked_up |= set() if found else {f"{module}.{ast.unparse(node.args[0])}"}
            elif isinstance(node, ast.Call) and name_of(node.func) == "_problem":
                ids |= texts(node.args[0], known)
            elif isinstance(node, ast.Call) and name_of(node.func) == "_kind":
                ids |= texts(node.args[1], known)
            elif isinstance(node, ast.AnnAssign) and name_of(node.target) in ("_ERRORS", "_ASKED"):
                assert isinstance(node.value, ast.Dict)
                ids |= {
                    i for v in node.value.values if isinstance(v, ast.Tuple) for i in texts(v.elts[0], known)
                }
            elif isinstance(node, ast.Assign) and "id" in ast.unparse(node.targets[0]).strip("()").split(
                ", "
            ):
                whole = node.value.values[-1] if isinstance(node.value, ast.BoolOp) else node.value
                ids |= texts(whole.elts[0], known) if isinstance(whole, ast.Tuple) else set()
    return ids, looked_up


def test_every_problem_of_a_login_is_a_cause() -> None:
    ids, looked_up = raised()
    assert looked_up == set(TABLES)
    # one of each way in which an id is written
    assert {
        "pkce-not-advertised",
        "callback-port-in-use-or-reserved",
        "well-known-answers-200-with-html-or-empty-json",
        "login-denied",
        "authorization-refused",
        "refresh-token-of-another-client",
        "refresh-token-expired-or-revoked",
        "rate-limited",
        discovery.NOTHING,
    } <= ids
    assert ids - NEVER_TOLD - set(REGISTRY) == set()
