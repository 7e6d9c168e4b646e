"""Who stands before a server, known by what it alone writes into an answer: header fields, and pages of its own.

Sources: developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response (cf-mitigated),
developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors,
docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works (x-amzn-waf-action),
ngrok.com/docs/errors/err_ngrok_3200, vercel.com/docs/errors, docs.railway.com/reference/errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .facts.wire import Answer

KEPT: Final = frozenset(
    {
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "allow",
        "cf-mitigated",
        "cf-ray",
        "fly-request-id",
        "ngrok-error-code",
        "server",
        "vary",
        "via",
        "x-amzn-waf-action",
        "x-azure-ref",
        "x-backend",
        "x-backend-server",
        "x-instance-id",
        "x-pod-name",
        "x-powered-by",
        "x-railway-fallback",
        "x-render-routing",
        "x-served-by",
        "x-server-id",
        "x-sucuri-id",
        "x-upstream",
        "x-vercel-error",
    }
)
"""Header fields that tell who answered, or what a browser may read; none of them holds a secret."""
LONGEST: Final = 200

_PAGE: Final = ("text/html", "application/xhtml+xml")
_CHECKS: Final = (
    (
        "Cloudflare",
        re.compile(rb"__cf_chl|_cf_chl_opt|/cdn-cgi/challenge-platform|<title>Just a moment", re.I),
    ),
    ("AWS WAF", re.compile(rb"awswaf\.com|AwsWafIntegration|gokuProps", re.I)),
    ("Imperva", re.compile(rb"_Incapsula_Resource", re.I)),
    ("DataDome", re.compile(rb"captcha-delivery\.com", re.I)),
    ("PerimeterX", re.compile(rb"px-captcha|_pxAppId", re.I)),
    ("Akamai", re.compile(rb"/_sec/cp_challenge", re.I)),
    ("Vercel", re.compile(rb"Vercel Security Checkpoint", re.I)),
)
_EDGES: Final = (
    ("Cloudflare", ("cf-ray", "cf-mitigated"), "cloudflare"),
    ("an AWS load balancer", (), "awselb"),
    ("CloudFront", (), "cloudfront"),
    ("Akamai", (), "akamaighost"),
    ("Azure Front Door", ("x-azure-ref",), ""),
    ("Sucuri", ("x-sucuri-id",), "sucuri"),
    ("ngrok", ("ngrok-error-code",), ""),
    ("Vercel", ("x-vercel-error",), "vercel"),
    ("Railway", ("x-railway-fallback",), "railway"),
    ("Render", ("x-render-routing",), ""),
    ("Fly.io", ("fly-request-id",), "fly/"),
)
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.I | re.S)
_TEXT: Final = 300


def marks(lines: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Those fields of an answer that tell who answered, by small names; of cookies the names alone."""
    found: dict[str, str] = {}
    for name, value in lines:
        small = name.lower()
        if small in KEPT:
            found[small] = f"{found[small]}, {value}"[:LONGEST] if small in found else value[:LONGEST]
        elif small == "set-cookie":
            cookie = value.partition("=")[0].strip()[:40]
            found["set-cookie"] = " ".join(filter(None, (found.get("set-cookie", ""), cookie)))[:LONGEST]
    return MappingProxyType(found)


def browser_check(kind: str, headers: Mapping[str, str], body: bytes) -> str:
    """Whose test for a browser a page is; empty for any other answer."""
    if "challenge" in headers.get("cf-mitigated", "").lower():
        return "Cloudflare"
    if headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha"):
        return "AWS WAF"
    if kind not in _PAGE:
        return ""
    return next((name for name, known in _CHECKS if known.search(body)), "")


def words(kind: str, body: bytes) -> str:
    """What a text or page says to a reader, its tags and scripts taken out; empty for JSON and event streams."""
    if not kind.startswith("text/") and kind not in (*_PAGE, ""):
        return ""
    if kind == "text/event-stream":
        return ""
    text = body[:8192].decode("utf-8", "replace")
    plain = _TAGS.sub(" ", text) if kind in _PAGE or text.lstrip()[:1] == "<" else text
    return " ".join(plain.split())[:_TEXT]


def name_of(answer: Answer) -> str:
    """Who stands at the edge, as the answer's fields tell; empty where none is known."""
    server = answer.marks.get("server", "").lower()
    for name, fields, begins in _EDGES:
        if any(f in answer.marks for f in fields) or (begins and server.startswith(begins)):
            return name
    return ""
