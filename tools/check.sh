#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The linters of `make check`: formatting, clang-tidy, shell scripts, and the rules of tests/lint. Installs what it needs by name.
#   tools/check.sh            every source file
#   tools/check.sh --changed  only what differs from main
set -euo pipefail
cd "$(dirname "$0")/.."

need() {
  local missing=()
  for package in "$@"; do dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package"); done
  [ ${#missing[@]} -eq 0 ] && return
  echo "check: installing ${missing[*]}"
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
}
need clang-format-19 clang-tidy-19 shellcheck

if [ "${1:-}" = --changed ]; then
  mapfile -t sources < <(git diff --name-only --diff-filter=d main -- '*.cc' '*.h'; git ls-files --others --exclude-standard -- '*.cc' '*.h')
else
  mapfile -t sources < <(git ls-files -- '*.cc' '*.h')
fi
mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run)

status=0
echo "check: formatting of ${#sources[@]} files"
[ ${#sources[@]} -eq 0 ] || clang-format-19 --dry-run -Werror "${sources[@]}" || status=1
echo "check: ${#scripts[@]} shell scripts"
shellcheck -x "${scripts[@]}" || status=1
echo "check: rules of the tree"
python3 tests/lint/lint_test.py || status=1

if [ ! -f build/release/compile_commands.json ]; then cmake --preset release >/dev/null; fi
mapfile -t tidy < <(printf '%s\n' "${sources[@]}" | grep '\.cc$' || true)
echo "check: clang-tidy on ${#tidy[@]} files"
[ ${#tidy[@]} -eq 0 ] || printf '%s\n' "${tidy[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/release --quiet || status=1
[ $status -eq 0 ] && echo "check: nothing found"
exit $status
