"""Systems that are well: vendors' APIs, whose good answers speak of what goes wrong elsewhere."""

from __future__ import annotations

import base64
import time
import uuid

from servers.scripted import Asked, Reply

from ..fault import Words, system
from ..refusing import Api, always, made
from ..world import World


def _well(world: World, path: str, credential: str, body: object, **headers: str) -> Words:
    stranger = Reply(
        world.pick(401, 403, 401), {"message": world.pick("Bad credentials", "Forbidden", "unauthorized")}
    )
    site = Api(always(200, body, **headers), stranger).serve(world, credential)
    url = site.url(path, world.variant.host)
    return ("doctor", url, "--kind", "api", "--credential", world.secret(credential))


@system()
def github_with_its_limit_used_up_by_this_very_request(world: World) -> Words:
    soon = str(int(time.time()) + 60)
    headers = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": soon, "X_GitHub_Request_Id": made()}
    more = world.pick(
        {"X_OAuth_Scopes": "repo", "X_Accepted_OAuth_Scopes": "repo"},
        {},
        {"X_Accepted_GitHub_Permissions": "metadata=read"},
    )
    body = [{"title": "Resource not accessible by personal access token", "body": "API rate limit exceeded"}]
    return _well(
        world,
        "/repos/acme/ledger/issues",
        made(world.pick("ghp_", "gho_", "github_pat_")),
        body,
        **headers,
        **more,
    )


@system()
def slack_whose_messages_quote_errors(world: World) -> Words:
    said = [
        {"type": "message", "text": "we got missing_scope", "error": "missing_scope", "needed": "users:read"}
    ]
    body = {"ok": True, "messages": said, "has_more": False}
    return _well(
        world, "/api/conversations.history", made("xoxb-", 50), body, X_OAuth_Scopes="channels:history"
    )


@system()
def google_and_notion_whose_documents_quote_errors(world: World) -> Words:
    says = world.pick(
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT: Request had insufficient authentication scopes.",
        "Could not find page with ID: 1. Make sure the relevant pages and databases are shared with your integration.",
        "AADSTS65001: The user or administrator has not consented; AADSTS53003",
    )
    body = {"object": "page", "id": str(uuid.uuid4()), "error": None, "content": says}
    path = world.pick("/v1/documents/1x", "/v1/pages/1x", "/v1/notes/1x")
    return _well(world, path, made(world.pick("ya29.", "ntn_", ""), 46), body)


@system()
def site_of_atlassian_with_a_classic_token(world: World) -> Words:
    email, token = "ada@example.com", made("ATATT3xFf", 180)
    pair = base64.b64encode(f"{email}:{token}".encode()).decode()
    told = {"/_edge/tenant_info": Reply(body={"cloudId": str(uuid.uuid4())})}
    site = Api(
        always(200, {"accountId": made(), "active": True}), Reply(401, "Unauthorized", "text/plain"), told
    )
    url = site.serve(world, pair, "Basic").url("/rest/api/3/myself", world.variant.host)
    return (
        *("doctor", url, "--kind", "api", "--method", "basic"),
        *("--set", f"username={email}", "--secret", f"password={world.secret(token)}"),
    )


@system()
def client_of_entra_that_gets_its_token(world: World) -> Words:
    token = made("", 60)

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(body={"token_type": "Bearer", "expires_in": 86400, "access_token": token})
        return Reply(body={"value": []}) if asked.bearer == token else Reply(401, {"error": "invalid_token"})

    site = world.serve(answer)
    endpoint = site.url(f"/{uuid.uuid4()}/oauth2/v2.0/token", world.variant.issuer_host)
    return (
        *(
            "doctor",
            site.url("/v1/items", world.variant.host),
            "--kind",
            "api",
            "--method",
            "client_credentials",
        ),
        *("--set", f"client_id={uuid.uuid4()}", "--set", f"token_endpoint={endpoint}"),
        *("--set", "scope=api://tools/.default", "--secret", f"client_secret={world.secret(made())}"),
    )
