"""Layer env: a variable that is exported hides the same one in an env file."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts.entry import EnvFileValue
from ..facts.wire import Differential
from .book import Verdict, cause, proven


@cause(
    id="variable-hides-env-file",
    layer="env",
    owner="you",
    title="A variable that is exported holds an old value, and hides the one in the .env file.",
    explanation="What loads a .env file leaves a variable that is there already as it is. So the value that somebody"
    " exported once goes before the new one in the file.",
    fix=("Take the exported variable away (unset NAME), and see which start-up file sets it.",),
    sources=(
        "https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/",
        "https://github.com/theskumar/python-dotenv (README: load_dotenv, override)",
        "https://github.com/motdotla/dotenv (README: What happens to environment variables that were already set)",
    ),
    explains=(
        "token-not-recognised",
        "basic-credentials-wrong",
        "access-token-expired",
        "auth-error-hidden-in-200",
    ),
)
def hides(differential: Differential, other: EnvFileValue) -> Verdict | None:
    """The variable's value is refused, and the file's is let in by the same address."""
    real = differential.real
    if real is None or real.accepted or other.answer is None or not other.answer.accepted:
        return None
    name = other.variable
    return proven(
        Evidence("differential", f"the value of {name} in the environment is answered {real.seen()}"),
        Evidence("env-file", f"{other.path}, line {other.line}, has another: {other.answer.seen()}"),
        title=f"The exported variable {name} hides the value in {other.path}, which works.",
        fix=(
            f"unset {name}, and let the file be loaded again; or export the file's value.",
            f"See what exports it: grep -n {name} ~/.bashrc ~/.profile ~/.zshrc ~/.config/environment.d/*.conf",
        ),
    )
