"""Systems that are well, and whose way there is not the plainest: TLS, proxies, clocks that differ a little."""

from __future__ import annotations

import datetime
import ssl
from email.utils import format_datetime

import trustme
from servers.scripted import Reply

from ..fault import Words, system
from ..layers.tls import at_time, context_of, host_of, made, now, served, trusted, two_hosts
from ..layers.way import guarded, token
from ..world import World


@system()
def https_behind_an_authority_of_ones_own(world: World) -> Words:
    authority = trustme.CA()
    # TLS 1.2 alone is well; so is a whole chain
    signer = world.pick(authority, authority.create_child_ca(), authority)
    context = context_of(signer.issue_cert(host_of(world)))
    context.maximum_version = world.pick(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    url, value = served(world, context)
    return ("doctor", url, "--credential", world.secret(value), *trusted(world, authority))


@system()
def a_client_certificate_that_may_be_sent(world: World) -> Words:
    """The server asks for one, and takes a token alone."""
    authority = trustme.CA()
    context = context_of(authority.issue_cert(host_of(world)))
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    url, value = served(world, context)
    return ("doctor", url, "--credential", world.secret(value), *trusted(world, authority))


@system()
def a_certificate_that_ends_tomorrow(world: World) -> Words:
    authority = trustme.CA()
    ends = now() + world.pick(
        datetime.timedelta(days=1), datetime.timedelta(hours=2), datetime.timedelta(days=9)
    )
    begun = now() - world.pick(datetime.timedelta(minutes=2), datetime.timedelta(days=89))
    leaf = authority.issue_cert(host_of(world), not_before=begun, not_after=ends)
    url, value = served(world, context_of(leaf))
    return ("doctor", url, "--credential", world.secret(value), *trusted(world, authority))


@system()
def its_own_certificate_that_is_trusted(world: World) -> Words:
    own = made("device", authority=True, host=host_of(world))
    url, value = served(world, own.context())
    ca = ("--ca", str(world.file("trust/ca.pem", own.pem())))
    return ("doctor", url, "--credential", world.secret(value), *ca)


@system()
def a_proxy_that_exempts_this_machine(world: World) -> Words:
    value = token()
    proxy = world.serve(lambda _: Reply(502, "Bad Gateway", "text/plain")).url()
    world.env("HTTP_PROXY", proxy)
    world.env("NO_PROXY", world.pick("localhost,127.0.0.1,::1", "*", "127.0.0.1, localhost"))
    return ("doctor", world.url(world.serve(guarded(value))), "--credential", world.secret(value))


@system()
def clocks_a_little_apart(world: World) -> Words:
    value = token()
    apart = datetime.timedelta(seconds=world.pick(40, -30, 4))
    site = world.serve(at_time(guarded(value), apart))
    return ("doctor", world.url(site), "--credential", world.secret(value))


@system(warned=("authorization-header-missing",))
def a_login_elsewhere_that_is_not_needed_here(world: World) -> Words:
    """Nothing is given, and the server owes a refusal; a login that cannot be reached from here is none of it."""
    ours, theirs = trustme.CA(), trustme.CA()
    issuer_host = world.name(world.pick("login.acme.test", "auth.acme.test", "id.intern.example"))
    one, other = context_of(ours.issue_cert(host_of(world))), context_of(theirs.issue_cert(issuer_host))
    url = two_hosts(world, one, other, issuer_host)
    if world.variant.number == 2:
        world.nameless(issuer_host)
    return ("doctor", url, *trusted(world, ours))


@system()
def a_page_that_a_cache_kept(world: World) -> Words:
    """An answer of an hour ago says so by its Age; the clocks agree."""
    value = token()
    plain = guarded(value)

    def kept(asked: object) -> Reply:
        reply = plain(asked)  # type: ignore[arg-type]  # passed on
        date = format_datetime(now() - datetime.timedelta(hours=1), usegmt=True)
        return Reply(reply.status, reply.body, reply.kind, (*reply.headers, ("Date", date), ("Age", "3600")))

    return ("doctor", world.url(world.serve(kept)), "--credential", world.secret(value))
