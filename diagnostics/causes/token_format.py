"""Layer token-format: what the credential's own text tells."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import CredentialText
from ..wire_facts import Differential, Mended
from .book import Verdict, cause, likely
from .text_faults import judged


@cause(
    id="token-trailing-newline-or-crlf",
    layer="token-format",
    owner="you",
    title="The token is surrounded by a line end or a space.",
    explanation="A line end or a space came along when the token was copied or written to its file. It cannot be"
    " sent in a header, or makes it another token.",
    fix=(
        'Store the token anew without it: printf %s "$TOKEN" > FILE',
        "A file with Windows line ends: dos2unix FILE",
    ),
    sources=(
        "https://github.com/balena-io/balena-cli/issues/1800",
        "https://github.com/1Password/connect-sdk-go/issues/73",
        "https://github.com/kubernetes/kubernetes/issues/52919",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised"),
)
def trailing_newline(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """Seen in the text, proven by the value without it."""
    return judged(credential.fault("token-trailing-newline-or-crlf"), differential, mended)


@cause(
    id="token-quotes-or-invisible-characters",
    layer="token-format",
    owner="you",
    title="The token holds characters that do not belong to it.",
    explanation="Quotes, zero-width characters or a space within came along from a chat, a rendered page or a"
    " .env file. No server takes them as part of the token.",
    fix=(
        "Copy the raw value again, with the copy button, not from rendered text.",
        "Quotes belong to the shell, not into docker's --env-file nor into JSON within quotes.",
    ),
    sources=(
        "https://github.com/Huachao/vscode-restclient/issues/942",
        "https://github.com/memochou1993/gpt-ai-assistant/issues/308",
        "https://github.com/bytedance/deer-flow/issues/2855",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised"),
)
def quotes_or_invisible(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """Seen in the text, proven by the value without them."""
    return judged(credential.fault("token-quotes-or-invisible-characters"), differential, mended)


@cause(
    id="token-not-recognised",
    layer="token-format",
    owner="you",
    title="The server does not know this credential.",
    explanation="It is well formed, it arrives, and the server answers as it does to one that nobody was given: it"
    " was revoked, replaced, or made somewhere else.",
    fix=(
        "Make a new token in the environment that the address names, and store it: authwizard rotate, or setup anew.",
        "If others use the same server: ask its admin whether the token was revoked or the server restarted.",
    ),
    sources=("RFC 6750 section 3.1", "FAOS: Authentication Setup, Troubleshooting (401)"),
    fallback=True,
)
def not_recognised(credential: CredentialText, differential: Differential) -> Verdict | None:
    """The false one and the real one are answered alike."""
    real = differential.real
    if real is None or not real.refused or not real.same_as(differential.false):
        return None
    if (
        any(c.get("error") == "insufficient_scope" for c in real.challenges)
        or real.code == "insufficient_scope"
    ):
        return None
    told = Evidence("differential", f"yours and a false one are answered alike: {real.seen()}")
    if not differential.none.same_as(real):
        missing = Evidence("differential", f"none at all is answered differently: {differential.none.seen()}")
        return likely(told, missing, *_doubts(credential))
    return likely(told, *_doubts(credential))


def _doubts(credential: CredentialText) -> tuple[Evidence, ...]:
    return tuple(Evidence("credential", fault.says) for fault in credential.faults)
