"""What Google refuses, told by its reasons (`diagnostics/packs/google.toml`)."""

from __future__ import annotations

from .book import cause
from .packed import OF_A_LOGIN, by_pack

cause(
    id="google-scope-insufficient",
    layer="scope",
    owner="you",
    title="The access token has none of the scopes that this Google API takes.",
    explanation="Google knows the token and refuses the call: at the login other scopes were consented to. A token"
    " never"
    " gains any afterwards.",
    fix=(
        "Log in again and consent to the scopes that the API's page names.",
        "With gcloud: gcloud auth application-default login --scopes=openid,"
        "https://www.googleapis.com/auth/cloud-platform,SCOPES",
    ),
    sources=(
        "https://cloud.google.com/docs/authentication/troubleshoot-adc",
        "https://github.com/xing5/mcp-google-sheets/issues/29",
        "https://github.com/gcpug/nouhau/issues/124",
    ),
    explains=("insufficient-scope", "token-not-recognised"),
    standing=True,
)(by_pack)

cause(
    id="google-api-disabled-or-quota-project",
    layer="tenant",
    owner="you",
    title="The Google Cloud project behind the token has this API switched off, or none was named for its quota.",
    explanation="Each request to a Google API counts for a Cloud project: that of the OAuth client, or one named with"
    " the request. There the API has to be enabled. The token itself is good.",
    fix=(
        "Enable the API in the project that the answer names: console.cloud.google.com, APIs & Services, Library.",
        "With gcloud's credentials: gcloud auth application-default set-quota-project PROJECT",
    ),
    sources=(
        "https://cloud.google.com/service-usage/docs/enable-disable",
        "https://github.com/taylorwilsdon/google_workspace_mcp/issues/126",
        "https://github.com/NoeFabris/opencode-antigravity-auth/issues/478",
        "https://github.com/GAM-team/GAM/issues/168",
    ),
    explains=("insufficient-scope", "token-not-recognised"),
    standing=True,
)(by_pack)

cause(
    id="google-access-denied-test-users",
    layer="tenant",
    owner="idp-admin",
    title="The Google app is in testing, and this account is none of its test users.",
    explanation="As long as an app's publishing status is Testing, Google lets only the accounts in that its owner has"
    " listed. Everybody else gets a page with Error 403: access_denied, before any consent.",
    fix=(
        "Log in with an account that is on the list of test users.",
        "To the app's admin: \"Please add my account under Google Auth Platform, Audience, Test users, or publish the"
        ' app."',
    ),
    sources=(
        "https://support.google.com/cloud/answer/15549945",
        "https://github.com/taylorwilsdon/google_workspace_mcp/issues/126",
        "https://github.com/mbrt/gmailctl/issues/353",
    ),
    explains=OF_A_LOGIN,
    standing=True,
)(by_pack)
