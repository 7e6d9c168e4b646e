"""Layer env: a variable that stands before a login which is kept."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.vendor import OtherKept
from ..facts.wire import Differential
from .book import Verdict, cause, proven


@cause(
    id="env-token-overrides-login",
    layer="env",
    owner="you",
    title="A variable of the environment holds an old credential, and stands before the login that is kept.",
    explanation="Many programs take a token from a variable (GH_TOKEN, GITHUB_TOKEN, SLACK_BOT_TOKEN, NOTION_TOKEN ...)"
    " before the login that they keep themselves. Logging in again changes nothing as long as the variable is there.",
    fix=(
        "Take the variable away, or put the right value into it; do not log in again for this.",
        "Look where it is set: the shell's start files, a .env file, the editor's settings, the system's variables.",
    ),
    sources=(
        "https://github.com/cli/cli/issues/10032",
        "https://github.com/mislav/hub/issues/2462",
        "https://github.com/AnswerDotAI/nbdev/issues/1027",
        "https://cli.github.com/manual/gh_help_environment",
    ),
    explains=(
        "token-not-recognised",
        "basic-credentials-wrong",
        "auth-error-hidden-in-200",
        "slack-error-in-200-not-authed",
        "access-token-expired",
    ),
)
def overrides(differential: Differential, other: OtherKept) -> Verdict | None:
    """The variable's value is refused as a false one is, and the kept one is let in by the same address."""
    real = differential.real
    if real is None or real.accepted:
        return None
    return proven(
        Evidence(
            "differential", f"the value of {other.variable} is answered {real.seen()}, as a false one is"
        ),
        Evidence(
            "other-kept", f"the credential kept by the connection {other.connection}: {other.answer.seen()}"
        ),
        title=f"{other.variable} holds a credential that is refused; the one that the connection {other.connection}"
        " keeps is taken.",
        fix=(
            f"Take {other.variable} away (unset {other.variable}), or put the right value into it.",
            f"Do not log in again for this: use the connection {other.connection}, or its value in the variable.",
            "Look where it is set: the shell's start files, a .env file, the editor's settings, the system's"
            " variables.",
        ),
    )
