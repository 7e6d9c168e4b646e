"""What GitHub's REST API refuses."""

from __future__ import annotations

import time

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..refusing import Api, always, api, made
from ..world import World

_DOCS = "https://docs.github.com/rest"
_BAD = Reply(401, {"message": "Bad credentials", "documentation_url": _DOCS, "status": "401"})
_PLACES = ("/repos/acme/ledger/issues", "/orgs/umbrella/repos", "/api/v3/repos/blue-team/site/pulls")


def _says(message: str, status: int = 403) -> dict[str, object]:
    return {"message": message, "documentation_url": _DOCS, "status": str(status)}


@fault("github-sso-not-authorized", source="github/github-mcp-server#1121")
def single_sign_on(world: World) -> Words:
    whose = world.pick("Personal Access token", "OAuth token", "personal token")
    message = (
        "Resource protected by organization SAML enforcement. You must grant your"
        f" {whose} access to this organization."
    )
    at = f"required; url=https://github.com/orgs/acme/sso?authorization_request={made()}"
    body, headers = world.pick(
        (_says(message), {"X_GitHub_SSO": at, "X_OAuth_Scopes": "repo", "X_Accepted_OAuth_Scopes": "repo"}),
        (_says(message), {"X_GitHub_Request_Id": made()}),
        (_says("Not Found", 404), {"x_github_sso": at}),
    )
    status = world.pick(403, 403, 404)
    token = made(world.pick("ghp_", "gho_", "github_pat_"))
    return api(world, world.pick(*_PLACES), token, Api(always(status, body, **headers), _BAD))


@fault("github-fine-grained-permission-missing", source="peter-evans/repository-dispatch#393")
def no_permission(world: World) -> Words:
    token = made(world.pick("github_pat_", "ghs_", "github_pat_"))
    whose = world.pick("personal access token", "integration", "personal access token")
    wanted = world.pick("contents=write", "pull_requests=write; issues=write", "")
    headers = {"X_Accepted_GitHub_Permissions": wanted} if wanted else {"X_GitHub_Media_Type": "github.v3"}
    refusal = always(403, _says(f"Resource not accessible by {whose}"), **headers)

    def known(asked: Asked) -> Reply:
        return Reply(body={"login": "ada"}) if asked.path.endswith("/user") else refusal(asked)

    return api(world, world.pick(*_PLACES), token, Api(known, _BAD))


@fault(
    "github-fine-grained-not-approved-or-wrong-owner",
    source="cli/cli#13350",
    certainty="likely",
)
def other_owner(world: World) -> Words:
    base, whose, what = world.pick(
        ("", "DarkAI", "/repos/DarkAI/runs/actions/runs"),
        ("/api/v3", "umbrella", "/api/v3/repos/umbrella/core"),
        ("", "blue-team", "/orgs/blue-team/teams"),
    )
    hidden = always(
        404,
        _says("Not Found", 404),
        X_GitHub_Request_Id=made(),
        X_Accepted_GitHub_Permissions="metadata=read",
    )

    def known(asked: Asked) -> Reply:
        return Reply(body={"login": "ada", "type": "User"}) if asked.path == f"{base}/user" else hidden(asked)

    there = {f"{base}/users/{whose}": Reply(body={"login": whose, "type": "Organization"})}
    return api(world, what, made("github_pat_", 82), Api(known, _BAD, there))


@fault("github-rate-or-secondary-limit-as-403", source="github/github-mcp-server#2219")
def too_often(world: World) -> Words:
    soon = str(int(time.time()) + 1800)
    used_up = {"X_RateLimit_Limit": "5000", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": soon}
    body, headers = world.pick(
        (_says("API rate limit exceeded for user ID 4711."), {**used_up, "X_GitHub_Request_Id": made()}),
        (
            _says(
                "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            ),
            {"Retry_After": "60"},
        ),
        (
            _says("You have triggered an abuse detection mechanism. Please wait a few minutes."),
            {"X_GitHub_Media_Type": "v3"},
        ),
    )
    refusal = always(403, body, **headers)
    everybody = world.pick(_BAD, refusal(Asked("GET", "", "", {}, (), b"")), _BAD)
    return api(world, world.pick(*_PLACES), made(world.pick("ghp_", "gho_", "ghp_")), Api(refusal, everybody))
