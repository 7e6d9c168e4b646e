#!/usr/bin/env bash
# Real peers for the tests of sign-in, below .ci/built/servers: Node 22 with oidc-provider and MCP's conformance suite
# (npm), moto (PyPI) in a venv of its own, and Keycloak (Maven Central) with Java 17 and Maven from Debian where they
# are missing. Run again it changes nothing. Ends non-zero, with the reason, when a registry is not reached. Prints the
# lines that the tests read.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
place=${AUTHWIZARD_CI_SERVERS:-$root/.ci/built/servers}
node_version=22.21.1
oidc_version=9.13.3
keycloak_version=26.7.0
conformance_version=0.2.0-alpha.12
moto_version=5.2.5
mkdir -p "$place"

failed() { # WHAT LOG
  printf 'servers: %s could not be installed; the last lines of %s:\n' "$1" "$2" >&2
  tail -n 8 "$2" >&2
  exit 1
}

debian() { # PROGRAM PACKAGE...
  command -v "$1" >/dev/null && return 0
  shift
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@") \
    >"$place/apt.log" 2>&1 || failed "$*" "$place/apt.log"
}

oidc() { # the certified OpenID provider, and the Node that it wants
  local modules=$place/oidc/node_modules
  [ -f "$modules/oidc-provider/package.json" ] && [ -x "$modules/node/bin/node" ] && return 0
  debian npm nodejs npm
  mkdir -p "$place/oidc"
  npm install --no-audit --no-fund --no-save --no-package-lock --prefix "$place/oidc" \
    "oidc-provider@$oidc_version" "node@$node_version" >"$place/npm.log" 2>&1 || failed 'oidc-provider' "$place/npm.log"
  [ -x "$modules/node/bin/node" ] || failed "node $node_version" "$place/npm.log"
}

conformance() { # the official suite; it runs on the Node beside it. Exactly this version: `latest` is an older one
  local package=$place/conformance/node_modules/@modelcontextprotocol/conformance/package.json
  grep -qs "\"version\": \"$conformance_version\"" "$package" && return 0
  debian npm nodejs npm
  mkdir -p "$place/conformance"
  npm install --no-audit --no-fund --no-save --no-package-lock --ignore-scripts --prefix "$place/conformance" \
    "@modelcontextprotocol/conformance@$conformance_version" >"$place/npm.log" 2>&1 ||
    failed 'the conformance suite' "$place/npm.log"
}

moto() { # Cognito's tokens as moto makes them. Its extra `server` has every service of AWS; these two are what one needs
  local home=$place/moto
  compgen -G "$home/lib/python*/site-packages/moto-$moto_version.dist-info/RECORD" >/dev/null &&
    [ -x "$home/bin/moto_server" ] && return 0
  rm -rf "$home"
  (python3 -m venv "$home" &&
    "$home/bin/pip" install -q --no-input "moto[cognitoidp]==$moto_version" flask flask-cors) \
    >"$place/pip.log" 2>&1 || failed 'moto' "$place/pip.log"
}

keycloak() { # unpacked and built once, without a cluster; its database is in memory
  local home=$place/keycloak-$keycloak_version
  [ -x "$home/bin/kc.sh" ] && return 0
  debian java openjdk-17-jre-headless
  debian mvn maven
  debian unzip unzip
  mvn -q -B dependency:copy "-Dartifact=org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip" \
    "-DoutputDirectory=$place" >"$place/mvn.log" 2>&1 || failed 'Keycloak' "$place/mvn.log"
  rm -rf "$place/unpacked"
  unzip -q "$place/keycloak-quarkus-dist-$keycloak_version.zip" -d "$place/unpacked" >"$place/unzip.log" 2>&1 ||
    failed 'Keycloak' "$place/unzip.log"
  "$place/unpacked/keycloak-$keycloak_version/bin/kc.sh" build --db=dev-mem --cache=local >"$place/kc.log" 2>&1 ||
    failed 'Keycloak (its build)' "$place/kc.log"
  # whole or not at all: a folder of this name is one that works
  rm -rf "$home"
  mv "$place/unpacked/keycloak-$keycloak_version" "$home" && rmdir "$place/unpacked"
  rm -f "$place/keycloak-quarkus-dist-$keycloak_version.zip"
}

oidc
conformance
moto
keycloak
printf 'AUTHWIZARD_CI_OIDC=%s\nAUTHWIZARD_CI_CONFORMANCE=%s\nAUTHWIZARD_CI_MOTO=%s\nAUTHWIZARD_CI_KEYCLOAK=%s\n' \
  "$place/oidc" "$place/conformance" "$place/moto" "$place/keycloak-$keycloak_version"
