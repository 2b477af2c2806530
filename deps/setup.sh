#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Gets everything that Bakeoff needs from outside, as deps/deps.lock pins it, and writes build/deps.cmake for CMake.
set -uo pipefail
shopt -s extglob nullglob

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
STARTED=$EPOCHREALTIME
MACHINE=$(uname -m)
CACHE=${BAKEOFF_CACHE:-$HOME/.cache/bakeoff}
LOCK_FILE=$HERE/deps.lock
OUTPUT=${HERE%/*}/build/deps.cmake
ENGINES='' EXTRAS='' LIST='' CHILD='' TMP=''

# shellcheck source=deps/lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source=deps/lib/lock.sh
. "$HERE/lib/lock.sh"
# shellcheck source=deps/lib/debian.sh
. "$HERE/lib/debian.sh"
# shellcheck source=deps/lib/fetch.sh
. "$HERE/lib/fetch.sh"
# shellcheck source=deps/lib/unpack.sh
. "$HERE/lib/unpack.sh"
# shellcheck source=deps/lib/build_onnx.sh
. "$HERE/lib/build_onnx.sh"
# shellcheck source=deps/lib/build_venv.sh
. "$HERE/lib/build_venv.sh"
# shellcheck source=deps/lib/build_eager.sh
. "$HERE/lib/build_eager.sh"
# shellcheck source=deps/lib/build_keras.sh
. "$HERE/lib/build_keras.sh"
# shellcheck source=deps/lib/choose.sh
. "$HERE/lib/choose.sh"
# shellcheck source=deps/lib/report.sh
. "$HERE/lib/report.sh"

usage() {
  cat <<'TEXT'
Usage: deps/setup.sh [options]
Installs the Debian packages that are missing, downloads the pinned runtimes into a cache and writes build/deps.cmake.
Safe to repeat, and fast when nothing is missing.

  --engines a,b   only what these engines need (none: no engine; without this option: every engine that deps.lock gives by
                  default, which the word "default" in the list stands for: --engines default,torch-eager)
  --with a,b      extras as well: see --list
  --list          print what can be had, with sizes and state, and stop
  --lock FILE     another list than deps/deps.lock
  --output FILE   another file than build/deps.cmake
  --help          this text

Environment: BAKEOFF_CACHE            the cache (default: ~/.cache/bakeoff)
             BAKEOFF_KEEP_DOWNLOADS   1: keep the downloaded archives too
             BAKEOFF_PYTHON           the Python whose pip downloads, and of the baselines in it (/usr/bin/python3)
             BAKEOFF_SKIP_APT         1: trust that the Debian packages are there
             ONNXRUNTIME_ROOT         use this folder (include/, lib/) instead of the pinned ONNX Runtime

Example: deps/setup.sh --engines onnxruntime,openvino
TEXT
}

# A set-up that is interrupted leaves no process and no half-made folder behind.
# shellcheck disable=SC2317  # called by trap
on_signal() {
  trap '' INT TERM HUP
  if [[ -n $CHILD ]]; then stop_tree "$CHILD"; fi
  printf '\n' >&2
  say "interrupted: finished items are kept, the next run goes on from there"
  exit 130
}
# shellcheck disable=SC2317  # called by trap
clean_up() { if [[ -n $TMP ]]; then rm -rf "$TMP" 2>/dev/null || true; fi; }
trap on_signal INT TERM HUP
trap clean_up EXIT

value_of() {
  [[ $2 -ge 2 ]] || fail "$1 needs a value (see --help)" 2
}

ASKED=
while (($#)); do
  case $1 in
    --engines=* | --with=* | --lock=* | --output=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    --engines) value_of "$1" $#; ENGINES=$2 ASKED=1; shift 2 ;;
    --with) value_of "$1" $#; EXTRAS=$2; shift 2 ;;
    --lock) value_of "$1" $#; LOCK_FILE=$2; shift 2 ;;
    --output) value_of "$1" $#; OUTPUT=$2; shift 2 ;;
    --list) LIST=1; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "unknown option \"$1\" (see --help)" 2 ;;
  esac
done

read_lock "$LOCK_FILE"
choose_items
if [[ -n $LIST ]]; then
  print_list
  exit 0
fi
install_packages "${PACKAGES[@]}"
find_folders
plan_missing
FAILED=0
if ((${#MISSING[@]})); then
  print_plan
  check_disk
  for item in "${MISSING[@]}"; do
    install_item "$item" || leave_out "$item" "$REASON"
  done
fi
write_output
print_summary
exit "$FAILED"
