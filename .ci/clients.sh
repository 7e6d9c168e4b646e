#!/usr/bin/env bash
# Real client programs, below .ci/built/clients: each in a folder of its own, at one version, so that what was judged is
# what runs. Run again it changes nothing. Ends non-zero, with the reason, when a registry is not reached. Prints a line
# `export AUTHWIZARD_CI_NAME=FOLDER` for each: by it the tests find the program.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit 2
place=${AUTHWIZARD_CI_CLIENTS:-$root/.ci/built/clients}
mkdir -p "$place"

failed() { # WHAT LOG
  printf 'clients: %s could not be installed; the last lines of %s:\n' "$1" "$2" >&2
  tail -n 8 "$2" >&2
  exit 1
}

told() { # NAME
  printf 'export AUTHWIZARD_CI_%s=%s\n' "$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')" "$place/$1"
}

npm_client() { # NAME PACKAGE@VERSION...: scripts of the packages are not run
  local name=$1
  shift
  local mark=$place/$name/versions
  [ -f "$mark" ] && [ "$(cat "$mark")" = "$*" ] && { told "$name"; return 0; }
  rm -rf "${place:?}/$name"
  mkdir -p "$place/$name"
  npm install --no-audit --no-fund --no-save --no-package-lock --ignore-scripts --prefix "$place/$name" "$@" \
    >"$place/$name.log" 2>&1 || failed "$name" "$place/$name.log"
  printf '%s' "$*" >"$mark"
  told "$name"
}

pip_client() { # NAME PACKAGE==VERSION...: a virtual environment of its own, for they do not agree with each other
  local name=$1
  shift
  local mark=$place/$name/versions
  [ -f "$mark" ] && [ "$(cat "$mark")" = "$*" ] && { told "$name"; return 0; }
  rm -rf "${place:?}/$name"
  (python3 -m venv "$place/$name" && "$place/$name/bin/pip" install -q --no-input "$@") \
    >"$place/$name.log" 2>&1 || failed "$name" "$place/$name.log"
  printf '%s' "$*" >"$mark"
  told "$name"
}

command -v npm >/dev/null ||
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm) \
    >"$place/apt.log" 2>&1 || failed 'npm' "$place/apt.log"

npm_client codex @openai/codex@0.169.0
npm_client gemini @google/gemini-cli@0.61.0
npm_client opencode opencode-ai@1.18.33 opencode-linux-x64@1.18.33
npm_client copilot @github/copilot@1.0.102
npm_client cline cline@3.0.65
npm_client continue @continuedev/cli@1.5.47
pip_client langchain langchain-mcp-adapters==0.3.2 'mcp<2'
pip_client openai openai-agents==0.24.0
