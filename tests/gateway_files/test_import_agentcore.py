"""``import --env`` of ``agentcore-auth/.env``: client credentials at Cognito, for an MCP server that checks them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import JWTVerifier
from support.running import Run

from sandbox.practice import Practice
from wizard import dotenv
from wizard.gateway import agentcore, env


@pytest.fixture
def server(services: Practice) -> Iterator[str]:
    """An MCP server that takes the practice user pool's tokens alone."""
    gateway = services._sites["gateway"]
    pool = gateway.idp.pool_issuer()  # type: ignore[attr-defined]  # the practice gateway has its identity provider
    verifier = JWTVerifier(jwks_uri=f"{pool}/.well-known/jwks.json", issuer=pool, required_scopes=[])
    mcp: FastMCP[None] = FastMCP("AgentCore", auth=verifier)

    @mcp.tool
    def ask(text: str) -> str:
        """Say it back."""
        return text

    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(mcp.http_app(path="/mcp"), log_level="error", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        thread.join(0.01)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}/mcp"
    running.should_exit = True
    thread.join(10)


def written(folder: Path, services: Practice, **more: str) -> Path:
    place = services.services["gateway"]
    held = {n: place.credentials[f"cognito_{n}"].reveal() for n in ("client_id", "client_secret")}
    file = folder / ".env"
    lines = {
        "COGNITO_DOMAIN": f"{place.url}/cognito",
        "AGENTCORE_CLIENT_ID_1": held["client_id"],
        "AGENTCORE_CLIENT_SECRET_1": held["client_secret"],
        "AGENTCORE_SERVER_NAME_1": "sre-gateway",
        **more,
    }
    file.write_text("".join(f"{k}={v}\n" for k, v in lines.items() if v), "utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.slow
@pytest.mark.row("G12")
def test_from_the_file_to_a_server_that_takes_the_token_and_into_a_config(
    services: Practice, server: str, run: Run, tmp_path: Path
) -> None:
    file = written(tmp_path, services)
    secret = services.services["gateway"].credentials["cognito_client_secret"].reveal()
    done = run("import", "--env", str(file), "--url", server, "--yes", "--json", "--store", "file")
    assert done.code == 0, done.out + done.err
    (made,) = done.json["connections"]
    assert (made["name"], made["service"], made["method"]) == ("sre-gateway", "mcp", "client_credentials")
    assert made["settings"]["token_endpoint"].endswith("/cognito/oauth2/token")
    tested = run("test", "sre-gateway", "--json")
    assert (tested.code, tested.json["tools"]) == (0, ["ask"]), tested.out
    headers = json.loads(run("headers", "sre-gateway").out)
    again = json.loads(run("headers", "sre-gateway").out)
    # a token is fetched each time one is needed, so that none is ever too old
    assert headers["Authorization"].startswith("Bearer ey") and headers != again
    config = tmp_path / "mcp.json"
    wrote = run(
        *("export", "sre-gateway", "--client", "claude-code", "--path", str(config)),
        *("--secrets", "helper", "--yes", "--json"),
    )
    assert wrote.code == 0, wrote.out + wrote.err
    assert secret not in config.read_text() + done.out + wrote.out
    assert "authwizard" in config.read_text() and server in config.read_text()


@pytest.mark.row("G12")
def test_a_gateway_s_address_is_made_of_its_arn_and_what_is_missing_is_named(
    services: Practice, run: Run, tmp_path: Path
) -> None:
    arn = "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/my-gateway-1"
    assert (
        agentcore.address(arn) == "https://my-gateway-1.gateway.bedrock-agentcore.us-east-1.amazonaws.com/mcp"
    )
    assert agentcore.address("arn:aws:s3:::bucket") == ""
    file = written(tmp_path, services, AGENTCORE_GATEWAY_ARN_1=arn, AGENTCORE_CLIENT_ID_2="half")
    done = run("import", "--env", str(file), "--dry-run", "--json")
    assert done.code == 1
    assert [c["url"] for c in done.json["connections"]] == [agentcore.address(arn)]
    assert "agentcore-incomplete" in [p["id"] for p in done.json["problems"]]
    held = agentcore.read(dotenv.parse(b"COGNITO_USER_POOL_ID=us-east-1_AbC123\nAGENTCORE_CLIENT_ID_1=x\n"))
    assert held.token_endpoint == "https://us-east-1abc123.auth.us-east-1.amazoncognito.com/oauth2/token"
    assert agentcore.read(dotenv.parse(b"AGENTCORE_CLIENT_ID_1=x\n")).token_endpoint == ""


@pytest.mark.row("U2")
def test_a_wildcard_in_a_gateway_s_own_redirect_uri_is_warned_about() -> None:
    text = (
        "AUTH_PROVIDER=keycloak\nEGRESS_OAUTH_CLIENT_ID_1=a\nEGRESS_OAUTH_CLIENT_SECRET_1=b\n"
        "EGRESS_OAUTH_REDIRECT_URI_1=http://localhost:*/callback\n"
    )
    problems = env.read(dotenv.parse(text.encode())).problems
    assert [(p.line, p.severity) for p in problems if p.id == "redirect-uri-wildcard"] == [(4, env.NOTE)]
