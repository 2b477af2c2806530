# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Messages, sizes and the running of long commands. Words go to stderr: stdout is for --list and --help.
# shellcheck shell=bash

say() { printf 'setup: %s\n' "$*" >&2; }
warn() { printf 'setup: warning: %s\n' "$*" >&2; }

# fail TEXT [EXIT-CODE]: the only way out with an error.
fail() {
  printf 'setup: error: %s\n' "$1" >&2
  exit "${2:-3}"
}

# megabytes BYTES: prints "23.8 MB" or "85 kB" (decimal, as registries print them), without a fork.
megabytes() {
  if (($1 < 1000000)); then
    printf '%d kB' $((($1 + 500) / 1000))
  else
    printf '%d.%d MB' $((($1 + 50000) / 1000000)) $((($1 + 50000) % 1000000 / 100000))
  fi
}

# Seconds since START (a value of EPOCHREALTIME), with one digit.
elapsed_since() {
  local now=${EPOCHREALTIME/[.,]/} start=${1/[.,]/}
  printf '%d.%d s' $(((now - start) / 1000000)) $(((now - start) % 1000000 / 100000))
}

# The words of a failed command that tell why: the last lines that look like an error, or simply the last lines.
tail_of_log() {
  local found
  found=$(grep -aiE 'error|fatal|not found|refused|denied|no space|unable|could not' "$1" 2>/dev/null | tail -n 3)
  if [[ -z $found ]]; then found=$(tail -n 3 "$1" 2>/dev/null); fi
  printf '%s' "${found:-no output}"
}

# Shows how far a download is: on a terminal in place, elsewhere one line every 20 s.
show_progress() {
  local label=$1 folder=$2 total=$3 started=$4 have shown=working
  if [[ ! -t 2 ]]; then
    ((SECONDS >= NEXT_PROGRESS)) || return 0
    NEXT_PROGRESS=$((SECONDS + 20))
  fi
  if ((total > 0)); then
    have=$(du -sb "$folder" 2>/dev/null | cut -f1)
    shown="$(megabytes "${have:-0}") of $(megabytes "$total")"
    # Clients keep a second copy for a moment when they have the whole file.
    if ((${have:-0} > total)); then shown="$(megabytes "$total"), downloaded"; fi
  fi
  if [[ -t 2 ]]; then
    printf '\r\033[Ksetup:   %s: %s, %s' "$label" "$shown" "$(elapsed_since "$started")" >&2
  else
    say "  $label: $shown, $(elapsed_since "$started")"
  fi
}

# run_logged LABEL LOG FOLDER TOTAL-BYTES COMMAND...: runs a long command in the background, so that a signal is acted on
# at once, and shows its progress. Descriptor 9 is the item's lock: a child that outlives us must not keep it.
run_logged() {
  local label=$1 log=$2 folder=$3 total=$4 started=$EPOCHREALTIME status=0
  shift 4
  NEXT_PROGRESS=$((SECONDS + 20))
  "$@" >>"$log" 2>&1 </dev/null 9>&- &
  CHILD=$!
  while kill -0 "$CHILD" 2>/dev/null; do
    sleep 0.25 9>&-
    show_progress "$label" "$folder" "$total" "$started"
  done
  wait "$CHILD" || status=$?
  CHILD=
  if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
  return "$status"
}

# stop_tree PID: ends a process and what it started.
stop_tree() {
  local child children=
  { read -r children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
  kill "$1" 2>/dev/null || true
  for child in $children; do stop_tree "$child"; done
}
