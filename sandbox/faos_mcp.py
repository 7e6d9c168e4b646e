"""A practice ``faos-mcp``: a stdio MCP server that reads the ``FAOS_*`` variables and calls the practice API.

Start it with ``python -m sandbox.faos_mcp``; ``auth clear`` behind it forgets every login by SSO. A credential that
the API refuses does not keep it from starting; each tool then says what the API said. It sends the credential to
loopback only, for it is no real ``faos-mcp``.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.urls import check_url, is_loopback

from .faos_login import LoginFailed, SsoLogin, clear
from .rpc import INVALID_REQUEST, PARSE_ERROR, Core, Json, McpTool, RpcError, ToolAnswer

_TIMEOUT = 10.0
_GREETING_TIMEOUT = 2.0
_GREETING_WAIT = 2.0
_LARGEST = 1_000_000
_SCHEMA = {"type": "object", "properties": {}, "additionalProperties": True}


class CannotStart(Exception):
    """The environment does not allow a start; the text says why."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API, and what goes with every request to it; with ``sso`` the login that a person makes in the browser."""

    url: str
    headers: Mapping[str, Secret]
    sso: SsoLogin | None = None

    def greet(self) -> None:
        """Let the API know who is there; no login is begun or renewed for that."""
        if self.sso is None or self.sso.is_in():
            self.ask("GET", "/v1/whoami", timeout=_GREETING_TIMEOUT)

    def ask(self, method: str, path: str, body: bytes | None = None, timeout: float = _TIMEOUT) -> ToolAnswer:
        """One request; a refusal or no answer is a failed answer with the reason, never an exception."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        headers = {name: value.reveal() for name, value in self.headers.items()}
        try:
            if self.sso is not None:
                headers["Authorization"] = self.sso.header().reveal()
            connection.request(
                method, parts.path.rstrip("/") + path, body, {"Content-Type": "application/json", **headers}
            )
            reply = connection.getresponse()
            text = reply.read(_LARGEST).decode("utf-8", "replace")
        except LoginFailed as problem:
            return ToolAnswer(str(problem), failed=True)
        except (ValueError, UnicodeError):
            # the library's own sentence quotes the value
            return ToolAnswer("A FAOS_* variable holds characters that no HTTP header may hold.", failed=True)
        except (OSError, http.client.HTTPException) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            return ToolAnswer(f"No answer from {self.url}: {reason}.", failed=True)
        finally:
            connection.close()
        if reply.status == 401 and self.sso is not None:
            says = "The login that is kept is not taken any more: clear it (faos-mcp auth clear)."
            return ToolAnswer(f"HTTP 401 from {self.url}: {text} {says}", failed=True)
        if reply.status != 200:
            return ToolAnswer(f"HTTP {reply.status} from {self.url}: {text}", failed=True)
        return ToolAnswer(_text_of(text))


def api_of(environ: Mapping[str, str]) -> Api:
    """The API as the document's variables describe it. Raises: CannotStart."""
    if not environ.get("FAOS_API_URL", ""):
        raise CannotStart("FAOS_API_URL is not set: it names the API to call.")
    try:
        url = check_url(environ["FAOS_API_URL"])
    except AuthwizardError as error:
        raise CannotStart(f"FAOS_API_URL: {error.title} {error.detail}") from error
    if not is_loopback(url):
        raise CannotStart(
            "FAOS_API_URL is not on this machine: this practice faos-mcp sends credentials to practice services only."
        )
    headers: dict[str, Secret] = {}
    sso = None
    method = environ.get("FAOS_AUTH_METHOD", "")
    if method == "sso":
        if not environ.get("FAOS_SSO_DOMAIN", "").strip():
            raise CannotStart(
                "FAOS_AUTH_METHOD=sso, and FAOS_SSO_DOMAIN is not set: it names your company's domain."
            )
        sso = SsoLogin(url, environ["FAOS_SSO_DOMAIN"].strip().lower())
    elif method:
        raise CannotStart("FAOS_AUTH_METHOD is not sso, the one value that the document names.")
    elif environ.get("FAOS_API_TOKEN"):
        headers["Authorization"] = Secret(environ["FAOS_API_TOKEN"]).map("Bearer ")
    for variable, header in (
        ("FAOS_SERVICE_ACCOUNT_ID", "X-FAOS-Service-Account-Id"),
        ("FAOS_SERVICE_ACCOUNT_SECRET", "X-FAOS-Service-Account-Secret"),
        ("FAOS_TENANT_ID", "X-FAOS-Tenant-Id"),
    ):
        if environ.get(variable):
            headers[header] = Secret(environ[variable])
    return Api(url, headers, sso)


def core_of(api: Api) -> Core:
    """The server with every tool of the document; each asks the API."""
    from wizard import catalogue

    def run(name: str, arguments: Mapping[str, object]) -> ToolAnswer:
        return api.ask("POST", f"/v1/tools/{quote(name)}", json.dumps(arguments).encode())

    tools = tuple(
        McpTool(tool.name, f"{tool.title or tool.name} (practice)", partial(run, tool.name), _SCHEMA)
        for tool in catalogue.load().get("faos").tools
    )
    return Core("faos-mcp", "practice", tools)


def serve(core: Core, api: Api, source: BinaryIO, target: BinaryIO) -> None:
    """Answer one message a line until the input ends. Meanwhile the API learns who is there."""
    greeting = threading.Thread(target=api.greet, daemon=True)
    greeting.start()
    for line in source:
        if not line.strip():
            continue
        message: object = None
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            answer: Json | None = RpcError(PARSE_ERROR, "Parse error").answer(None)
        else:
            if isinstance(message, dict) and message.get("jsonrpc") == "2.0":
                answer = core.answer(message)
            else:
                answer = RpcError(INVALID_REQUEST, "Each line must be one JSON-RPC 2.0 message").answer(None)
        if isinstance(message, dict) and message.get("method") in ("initialize", "server/discover"):
            # a client that only lists ends us right after this answer; a refusal is told by each tool
            greeting.join(_GREETING_WAIT)
        if answer is not None:
            target.write(json.dumps(answer).encode() + b"\n")
            target.flush()


def main() -> int:
    """Serve standard input and output; 1 where the environment does not allow it."""
    if sys.argv[1:]:
        return _auth(sys.argv[1:])
    try:
        api = api_of(os.environ)
        serve(core_of(api), api, sys.stdin.buffer, sys.stdout.buffer)
    except CannotStart as reason:
        sys.stderr.write(f"faos-mcp (practice): {reason}\n")
        return 1
    except BrokenPipeError:
        # the client has gone; keep the interpreter from flushing into nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _auth(words: list[str]) -> int:
    if words != ["auth", "clear"]:
        sys.stderr.write("faos-mcp (practice): the one command is: auth clear\n")
        return 2
    try:
        cleared = clear()
    except LoginFailed as problem:
        sys.stderr.write(f"faos-mcp (practice): {problem}\n")
        return 1
    sys.stdout.write("The login was cleared.\n" if cleared else "No login is kept.\n")
    return 0


def _text_of(answer: str) -> str:
    try:
        content = json.loads(answer)
    except ValueError:
        return answer
    return str(content.get("text", answer)) if isinstance(content, dict) else answer


if __name__ == "__main__":
    sys.exit(main())
