"""How FusionAuth's API answers.

https://fusionauth.io/docs/apis/authentication (the key as the whole value of Authorization; 401 with an empty body;
"Making an API request using a tenant Id"), https://fusionauth.io/docs/apis/system (/api/status without a key),
https://fusionauth.io/docs/apis/users and /applications; the text of [TenantIdRequired] as reported in
https://github.com/FusionAuth/go-client/pull/29.
"""

from __future__ import annotations

import uuid

from .sites import Answer
from .vendors import EMAIL, Grant, Headers, Issuing, Page, Vendor, VendorSite, by_raw

_REQUIRED = (
    "A Tenant Id is required to complete this request. To complete this request, you may assign a Tenant to your API"
    " key, or add the X-FusionAuth-TenantId HTTP request header with the Tenant Id."
)


def _refused(_: str, __: str, ___: VendorSite) -> Answer:
    return Answer(401, "")


def _lacks(_: Page, __: Grant) -> Answer:
    return Answer(401, "")


def _before(vendor: Vendor, page: Page, headers: Headers, site: VendorSite) -> Answer | None:
    """With several tenants an address that does not tell the tenant by itself wants to be told it."""
    scoped = page is vendor.pages["/api/user"] or site.demands == "tenant"
    bound = headers.get("authorization") == site.credentials["api_key_of_tenant"].reveal()
    if not scoped or bound or headers.get("x-fusionauth-tenantid") == site.credentials["tenant_id"].reveal():
        return None
    error = {"code": "[TenantIdRequired]", "message": _REQUIRED}
    return Answer(400, {"fieldErrors": {}, "generalErrors": [error]})


def _issuer(site: VendorSite) -> Issuing:
    from .vendors_fusionauth_clients import Instance

    return Instance(site)


VENDOR = Vendor(
    id="fusionauth",
    base="",
    pages={
        "/api/status": Page({"status": "Ok"}, open=True),
        "/api/application": Page({"applications": [{"name": "Practice", "active": True}]}),
        "/api/user": Page({"user": {"email": EMAIL, "active": True}}),
        "/api/tenant": Page({"tenants": [{"name": "Practice"}]}, only=("api_key",)),
    },
    grants={"api_key": Grant(""), "api_key_of_tenant": Grant("")},
    presented=by_raw,
    refused=_refused,
    lacks=_lacks,
    missing=Answer(404, ""),
    before=_before,
    usual="api_key",
    more={"tenant_id": lambda: str(uuid.uuid4())},
    length=64,
    issues=_issuer,
)
