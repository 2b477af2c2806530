#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The linters of `make check`: formatting, clang-tidy, shell scripts, and the rules of tests/lint. Installs what it needs by name.
#   tools/check.sh            every source file (clang-tidy skips what it found clean before: tools/tidy.py)
#   tools/check.sh --changed  only what differs from main
#   tools/check.sh --deep     with clang-analyzer, but for tests: an hour or more on two cores
set -euo pipefail
cd "$(dirname "$0")/.."

tools/need.sh clang-19 clang-format-19 clang-tidy-19 libomp-19-dev shellcheck

deep=()
[ "${1:-}" != --deep ] || deep=(--deep)
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

cmake --preset release >/dev/null
cmake --build --preset release --target bakeoff_tflite_header >/dev/null  # a header that is generated
mapfile -t tidy < <(printf '%s\n' "${sources[@]}" | grep '\.cc$' || true)
echo "check: clang-tidy on ${#tidy[@]} files"
[ ${#tidy[@]} -eq 0 ] || tools/tidy.py "${deep[@]}" "${tidy[@]}" || status=1
[ $status -eq 0 ] && echo "check: nothing found"
exit $status
