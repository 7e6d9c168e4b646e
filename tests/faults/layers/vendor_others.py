"""What Slack, Notion and Atlassian refuse; and a variable that stands before a login."""

from __future__ import annotations

import base64
import uuid

from servers.scripted import Asked, Reply

from wizard import connections
from wizard.connections import Connection

from ..fault import Words, fault
from ..refusing import Api, always, api, made
from ..world import World


@fault("slack-missing-scope-or-token-type", source="korotovsky/slack-mcp-server#228")
def other_token(world: World) -> Words:
    body = world.pick(
        {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": "im:history,chat:write"},
        {"ok": False, "error": "not_allowed_token_type"},
        {"ok": False, "needed": "channels:history", "provided": "identify", "error": "missing_scope"},
    )
    path = world.pick("/api/users.list", "/api/search.messages", "/api/conversations.history")
    stranger = Reply(200, {"ok": False, "error": "invalid_auth"})
    return api(world, path, made(world.pick("xoxb-", "xoxb-", "xoxp-"), 50), Api(always(200, body), stranger))


@fault("notion-page-not-shared", source="makenotion/notion-sdk-js#194")
def not_shared(world: World) -> Words:
    id = str(uuid.uuid4())
    kind, path = world.pick(
        ("page", f"/v1/pages/{id}"),
        ("database", f"/v1/databases/{id}/query"),
        ("block", f"/v1/blocks/{id}/children"),
    )
    more = world.pick(" Make sure the relevant pages and databases are shared with your integration.", "", "")
    more = more or world.pick(
        "", f' Make sure the relevant pages and databases are shared with your integration "{id[:4]}".', ""
    )
    body = {
        "object": "error",
        "status": 404,
        "code": "object_not_found",
        "message": f"Could not find {kind} with ID: {id}.{more}",
    }
    stranger = Reply(
        401, {"object": "error", "status": 401, "code": "unauthorized", "message": "API token is invalid."}
    )
    return api(world, path, made(world.pick("ntn_", "secret_", "ntn_"), 46), Api(always(404, body), stranger))


_SERAPH = (("X-Seraph-LoginReason", "AUTHENTICATED_FAILED"),)
_REFUSED = Reply(401, "Client must be authenticated to access this resource.", "text/plain", _SERAPH)


def _pair(world: World, known: Api, path: str) -> Words:
    """The doctor at a site of Atlassian, with an email and an API token."""
    email, token = f"ada-{made('', 6)}@example.com", made("ATATT3xFf", 180)
    pair = base64.b64encode(f"{email}:{token}".encode()).decode()
    url = known.serve(world, pair, "Basic").url(path, world.variant.host)
    secret = world.readable(token)
    return (
        *("doctor", url, "--kind", "api", "--method", "basic"),
        *("--set", f"username={email}", "--secret", f"password={secret}"),
    )


@fault("atlassian-scoped-token-needs-gateway", source="sooperset/mcp-atlassian#968")
def at_the_site(world: World) -> Words:
    id = str(uuid.uuid4())
    path, gateway = world.pick(
        ("/rest/api/3/myself", f"/ex/jira/{id}/rest/api/3/myself"),
        ("/wiki/rest/api/space", f"/ex/confluence/{id}/wiki/rest/api/user/current"),
        ("/rest/api/3/project/search", f"/ex/jira/{id}/rest/api/3/myself"),
    )

    def known(asked: Asked) -> Reply:
        return Reply(body={"accountId": made(), "active": True}) if asked.path == gateway else _REFUSED

    told = {"/_edge/tenant_info": Reply(body={"cloudId": id, "cloudName": "acme"})}
    return _pair(world, Api(known, _REFUSED, told), path)


@fault("atlassian-token-scope-set-incomplete", source="HolmesGPT/holmesgpt#2373")
def scopes_lacking(world: World) -> Words:
    says = world.pick(
        "Unauthorized; scope does not match", "Unauthorized; scope does not match", "scope does not match"
    )
    known = Api(
        always(world.pick(401, 401, 403), {"code": 401, "message": says}),
        Reply(401, {"code": 401, "message": "Unauthorized"}),
    )
    id = uuid.uuid4()
    path = world.pick(
        f"/ex/jira/{id}/rest/api/3/search",
        f"/ex/confluence/{id}/wiki/api/v2/pages",
        f"/ex/jira/{id}/rest/agile/1.0/board",
    )
    return _pair(world, known, path)


@fault("atlassian-cloud-id-wrong", source="stablyai/orca#20092")
def other_site(world: World) -> Words:
    wanted, mine = str(uuid.uuid4()), str(uuid.uuid4())
    sites = world.pick(
        [{"id": mine, "name": "acme", "url": "https://acme.atlassian.net", "scopes": ["read:jira-work"]}],
        [],
        [
            {"id": mine, "url": "https://one.atlassian.net"},
            {"id": str(uuid.uuid4()), "url": "https://two.atlassian.net"},
        ],
    )
    refusal = world.pick(
        Reply(404, {"code": 404, "message": "Not Found"}),
        Reply(403, {"errorMessages": ["Current user not permitted"], "errors": {}}),
        Reply(401, {"code": 401, "message": "Unauthorized"}),
    )

    def known(asked: Asked) -> Reply:
        return Reply(body=sites) if asked.path == "/oauth/token/accessible-resources" else refusal

    path = world.pick("jira", "confluence", "jira")
    return api(
        world,
        f"/ex/{path}/{wanted}/rest/api/3/project",
        made("eyJraWQiOi", 60),
        Api(known, Reply(401, {"code": 401, "message": "Unauthorized"})),
    )


@fault("env-token-overrides-login", source="cli/cli#10032", herring="token-not-recognised", alone=False)
def old_variable(world: World) -> Words:
    variable, service = world.pick(
        ("GITHUB_TOKEN", "github"), ("GH_TOKEN", "http"), ("NOTION_TOKEN", "notion")
    )
    good, old = made(world.pick("ghp_", "gho_", "ntn_")), made(world.pick("ghp_", "gho_", "ntn_"))
    said = world.pick("Bad credentials", "Bad credentials", "API token is invalid.")
    path = world.pick("/user", "/user/repos", "/v1/users/me")
    site = Api(always(200, {"login": "ada"}), Reply(401, {"message": said})).serve(world, good)
    url = site.url(path, world.variant.host)
    kept = world.readable(good)
    world.env(variable, old)
    connections.save(
        Connection(
            "mine", service, "own", site.url("", world.variant.host), "bearer", secrets={"token": kept}
        )
    )
    return ("doctor", url, "--kind", "api", "--credential", f"env:{variable}")
