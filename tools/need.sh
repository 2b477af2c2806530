#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Installs the Debian packages given that are missing: what linters and fuzzing need beyond deps/setup.sh.
set -euo pipefail
missing=()
for package in "$@"; do dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "${0##*/}: installing ${missing[*]}"
root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
"${root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
