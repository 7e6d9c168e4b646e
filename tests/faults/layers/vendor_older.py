"""Faults of vendors' older causes: a refusal in 200, a classic token's scopes."""

from __future__ import annotations

from servers.scripted import Reply

from ..fault import Words, fault
from ..refusing import Api, always, api, made
from ..world import World


@fault("slack-error-in-200-not-authed", source="modelcontextprotocol/servers#1261")
def said_in_200(world: World) -> Words:
    error = world.pick("token_revoked", "account_inactive", "invalid_auth")
    headers = world.pick({"x_slack_req_id": made("", 32)}, {}, {"X_Slack_Backend": "r"})
    named = tuple((n.replace("_", "-"), v) for n, v in headers.items())
    stranger = Reply(
        200, {"ok": False, "error": world.pick("invalid_auth", "not_authed", "invalid_auth")}, headers=named
    )
    path = world.pick("/api/auth.test", "/api/conversations.list", "/api/users.list")
    body = {"ok": False, "error": error, **world.pick({}, {}, {"warning": "missing_charset"})}
    return api(
        world,
        path,
        made(world.pick("xoxb-", "xoxp-", "xoxb-"), 50),
        Api(always(200, body, **headers), stranger),
    )


@fault("github-classic-scope-missing", source="andrewthetechie/gha-repo-manager#246")
def classic_scopes(world: World) -> Words:
    status, message, has, wants = world.pick(
        (404, "Not Found", "gist", "repo"),
        (
            403,
            "You need at least read:org scope or user scope to list your organizations.",
            "repo:status",
            "read:org, user",
        ),
        (403, "Must have admin rights to Repository.", "", "admin:repo_hook, repo"),
    )
    docs = "https://docs.github.com/rest"
    headers = {"X_OAuth_Scopes": has, "X_Accepted_OAuth_Scopes": wants, "X_GitHub_Request_Id": made()}
    refusal = always(
        status, {"message": message, "documentation_url": docs, "status": str(status)}, **headers
    )
    stranger = Reply(401, {"message": "Bad credentials", "documentation_url": docs})
    path = world.pick("/repos/acme/ledger", "/user/orgs", "/repos/blue/site/hooks")
    return api(world, path, made(world.pick("ghp_", "gho_", "ghp_")), Api(refusal, stranger))
