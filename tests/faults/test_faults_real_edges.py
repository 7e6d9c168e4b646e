"""The faults of the header's way and of limits, met at the real programs that make them: nginx, Apache httpd, FastMCP,
tinyproxy. Each is named first, and not without its rule; put right, nothing is found."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults.corpus import Outcome, outcome
from faults.mcp_site import McpSite
from servers.apache import apache
from servers.nginx import nginx
from servers.proxies import tinyproxy
from servers.real import free_port, running
from servers.scripted import Asked, Reply, Scripted, scripted
from support.issuing import Issuer, issuing

from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.slow

STRIPPED = "authorization-stripped-by-cgi-or-fpm"
CGI = """
answer() { printf 'Status: %s\\nContent-Type: application/json\\n\\n%s' "$1" "$2"; }
case "$HTTP_AUTHORIZATION" in
  "Bearer TOKEN") answer "200 OK" '{"items": []}' ;;
  "") answer "401 Unauthorized" '{"error": "Missing Authorization header"}' ;;
  *) answer "401 Unauthorized" '{"error": "Invalid token"}' ;;
esac
"""
SCRIPTS = """
ScriptAlias /api {folder}/api
<Directory {folder}>
  Require all granted
  MORE
</Directory>
"""


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A value in a variable; its SOURCE."""

    def put(value: str) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, value)
        return f"env:{name}"

    return put


@contextmanager
def served(held: McpSite) -> Iterator[Scripted]:
    """A good MCP server, for a real one to stand before."""
    with scripted(held) as site:
        yield site


@contextmanager
def fastmcp(issuer: Issuer, scope: str) -> Iterator[str]:
    """A real FastMCP that takes this issuer's tokens, and wants a scope of them."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    checks = {
        "jwks_uri": f"{issuer.url}/jwks",
        "issuer": issuer.url,
        "audience": url,
        "algorithm": "ES256",
        "required_scopes": [scope],
    }
    given = {"SERVER_VERIFIER": json.dumps(checks), "SERVER_ISSUER": issuer.url}
    with running("fastmcp_server.py", port, str(port), "jwt-metadata", **given):
        yield url


def first_and_needed(words: tuple[str, ...], cause: str, patch: pytest.MonkeyPatch) -> Outcome:
    """The cause is proven and first; without its rule it is not named."""
    found = outcome(words)
    assert (found.code, found.first, found.certainties[:1]) == (1, cause, ("proven",)), found.document
    with patch.context() as without:
        without.delitem(REGISTRY, cause)
        assert cause not in outcome(words).causes
    return found


def nothing_found(words: tuple[str, ...]) -> None:
    found = outcome(words)
    assert (found.code, found.causes) == (0, ()), found.document


@pytest.mark.real("nginx")
def test_nginx_that_drops_the_authorization_header(
    given: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    held = McpSite(
        "/mcp", missing={"error": "invalid_request", "error_description": "Missing Authorization header"}
    )
    with served(held) as behind:
        onward = f"location / {{ proxy_pass {behind.url()}; MORE }}"
        source = given(held.token)
        with nginx(onward.replace("MORE", 'proxy_set_header Authorization "";')) as url:
            first_and_needed(("doctor", f"{url}/mcp", "--credential", source), STRIPPED, monkeypatch)
        with nginx(onward.replace("MORE", "proxy_set_header Host $http_host;")) as url:
            nothing_found(("doctor", f"{url}/mcp", "--credential", source))


@pytest.mark.real("nginx")
def test_nginx_that_drops_a_header_with_an_underscore(
    given: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    key = secrets.token_urlsafe(24)

    def answering(asked: Asked) -> Reply:
        if key in (asked.headers.get("api_key"), asked.headers.get("api-key")):
            return Reply(200, {"items": []})
        return Reply(403, {"detail": "Not authenticated"})

    with scripted(answering) as behind:
        onward = f"location / {{ proxy_pass {behind.url()}; }}"
        words = ("--kind", "api", "--header", f"api_key={given(key)}")
        with nginx(onward) as url:
            first_and_needed(
                ("doctor", f"{url}/v1/items", *words), "header-with-underscore-dropped", monkeypatch
            )
        with nginx(f"underscores_in_headers on; {onward}") as url:
            nothing_found(("doctor", f"{url}/v1/items", *words))


@pytest.mark.real("nginx")
@pytest.mark.parametrize("size", [9000, 40000])
def test_nginx_that_refuses_large_headers(
    size: int, given: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    held = McpSite("/mcp", token=secrets.token_hex(size // 2))
    with served(held) as behind:
        onward = f"location / {{ proxy_pass {behind.url()}; proxy_set_header Host $http_host; }}"
        words = ("--credential", given(held.token))
        with nginx(onward) as url:
            found = first_and_needed(
                ("doctor", f"{url}/mcp", *words), "request-headers-too-large", monkeypatch
            )
            assert held.token not in str(found.document)
        with nginx(f"large_client_header_buffers 4 64k; {onward}") as url:
            nothing_found(("doctor", f"{url}/mcp", *words))


@pytest.mark.real("apache2")
def test_apache_that_keeps_the_header_from_its_cgi_programs(
    given: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    token = secrets.token_urlsafe(24)
    source = given(token)
    script = CGI.replace("TOKEN", token)
    with apache(SCRIPTS.replace("MORE", ""), api=script) as url:
        words = ("doctor", f"{url}/api", "--kind", "api", "--credential", source)
        found = first_and_needed(words, STRIPPED, monkeypatch)
        assert "CGIPassAuth" in str(found.document["findings"][0]["fix"])
    with apache(SCRIPTS.replace("MORE", "CGIPassAuth On"), api=script) as url:
        nothing_found(("doctor", f"{url}/api", "--kind", "api", "--credential", source))


@pytest.mark.real()
def test_fastmcp_refuses_a_token_without_its_scope(
    given: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    with issuing("/realms/blue") as issuer, fastmcp(issuer, "notes:write") as url:

        def words(scope: str) -> tuple[str, ...]:
            return ("doctor", url, "--credential", given(issuer.token(aud=url, scope=scope)))

        lacking = outcome(words("notes:read"))
        assert (lacking.code, lacking.first) == (1, "insufficient-scope"), lacking.document
        assert "notes:write" in lacking.document["findings"][0]["title"]
        nothing_found(words("notes:read notes:write"))


@pytest.mark.real("tinyproxy")
@pytest.mark.parametrize(("user", "status"), [("", "407"), ("someone:WRONG@", "401")])
def test_a_proxy_that_answers_401_or_407(
    *,
    user: str,
    status: str,
    given: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    home: Path,
) -> None:
    held = McpSite("/mcp")
    password = secrets.token_urlsafe(12)
    with served(held) as behind, tinyproxy(tmp_path, "someone", password) as port:
        words = ("doctor", behind.url("/mcp", "localhost"), "--credential", given(held.token))
        wrong = user.replace("WRONG", secrets.token_urlsafe(9))
        monkeypatch.setenv("HTTP_PROXY", f"http://{wrong}127.0.0.1:{port}")
        found = first_and_needed(words, "proxy-407-or-proxy-ignored", monkeypatch)
        assert status in str(found.document["findings"][0]["evidence"])
        monkeypatch.setenv("HTTP_PROXY", f"http://someone:{password}@127.0.0.1:{port}")
        nothing_found(words)
