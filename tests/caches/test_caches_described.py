"""A cache and a program's own login, described: what is wrong is named with its line."""

from __future__ import annotations

import pytest

from wizard import catalogue
from wizard.caches import described
from wizard.errors import CatalogueError

GOOD = """id = "acme"
title = "Acme"
summary = "Acme, by its program."
entry = "stdio"
speaks = "mcp"
command = ["acme-mcp"]
[[environments]]
id = "prod"
title = "Production"
url = "https://acme.example.com"
[[caches]]
id = "acme"
title = "the logins of acme-mcp"
program = "acme-mcp"
folder = "~/.acme"
files = "login_*.json"
unit = "ms"
[[tools]]
name = "acme_list"
scopes = ["read"]
[[scopes]]
id = "read"
title = "Read"
[[methods]]
id = "sso"
kind = "sso"
title = "SSO"
[methods.login]
tool = "acme_list"
cache = "acme"
"""


def test_a_program_that_logs_in_by_itself() -> None:
    service = catalogue.parse(GOOD, "acme.toml")
    assert service.caches[0].files == "login_*.json"
    login = service.methods[0].login
    assert login is not None
    assert (login.tool, login.cache) == ("acme_list", "acme")


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('cache = "acme"', 'cache = "other"', "an unknown cache `other`"),
        ('tool = "acme_list"', 'tool = "acme_drop"', "an unknown tool `acme_drop`"),
        ('folder = "~/.acme"', 'folder = "acme"', "a folder, with ~ in front"),
        ('files = "login_*.json"', 'files = "../login.json"', "files in that folder"),
        ('unit = "ms"', 'unit = "h"', "one of s, ms"),
        ('unit = "ms"', 'locks = ["lock"]', "the end of a file's name"),
        ('unit = "ms"', "unti = 1", "an unknown key `unti`"),
    ],
)
def test_what_is_wrong_is_named(right: str, wrong: str, says: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        catalogue.parse(GOOD.replace(right, wrong, 1), "acme.toml")
    assert says in refused.value.detail
    assert refused.value.detail.startswith("acme.toml:")


def test_every_cache_has_an_id_of_its_own() -> None:
    ids = [c.id for c in described.known()]
    assert {"faos", "mcp-remote"} <= set(ids)
    assert len(ids) == len(set(ids))
