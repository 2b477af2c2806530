# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# What the set-up tells: the list, the plan, the summary, and the file for CMake.
# shellcheck shell=bash

print_list() {
  local name state why
  find_folders
  printf '%-16s %-10s %12s %8s  %-24s %s\n' NAME VERSION DOWNLOAD DISK 'NEEDED BY' STATE
  for name in "${NAMES[@]}"; do
    [[ -n ${FIELD[$name.version]:-} ]] || continue
    if [[ -d ${FOLDER[$name]} ]]; then state=present; else state=-; fi
    why=${FIELD[$name.needed-by]//$'\n'/, }
    printf '%-16s %-10s %12s %5s MB  %-24s %s\n' "$name" "${FIELD[$name.version]}" \
      "$(megabytes "$(download_size "$name")")" "${FIELD[$name.disk]:-0}" "$why" "$state"
  done
  for name in "${!OTHER_ARCH[@]}"; do
    [[ -n ${FIELD[$name.text]:-} ]] || printf '%-16s not pinned for %s\n' "$name" "$MACHINE"
  done
}

# What will be fetched, before anything is.
print_plan() {
  local name size total=0
  for name in "${MISSING[@]}"; do
    size=$(download_size "$name")
    total=$((total + size))
    say "to get: $name ${FIELD[$name.version]}, $(megabytes "$size")"
  done
  say "in all $(megabytes "$total") to download into $CACHE"
}

# A full disk in the middle of a download has a much worse message than this one.
check_disk() {
  local name kept=0 largest=0 size have need
  mkdir -p "$CACHE" || fail "$CACHE: cannot be made (BAKEOFF_CACHE names another place)"
  for name in "${MISSING[@]}"; do
    size=$(($(download_size "$name") / 1000000))
    kept=$((kept + ${FIELD[$name.disk]:-0}))
    if [[ -n ${BAKEOFF_KEEP_DOWNLOADS:-} ]]; then kept=$((kept + size)); fi
    # An archive and the folder made from it are there at the same time; an sdist also builds.
    if ((size > largest)); then largest=$size; fi
  done
  need=$((kept + 2 * largest + 150))
  have=$(($(df -Pk "$CACHE" | awk 'NR == 2 { print $4 }') / 1000))
  ((have >= need)) || fail "$CACHE: $have MB free, $need MB needed: free some, or set BAKEOFF_CACHE to a larger place"
}

# A CMake string: backslash, quote and dollar keep their own meaning, a line break becomes a blank.
cmake_string() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"} text=${text//\$/\\\$}
  printf '"%s"' "${text//$'\n'/ }"
}

output_text() {
  local name
  echo '# Written by deps/setup.sh: the folders of what deps/deps.lock pins. Changes are overwritten.'
  for name in "${NAMES[@]}"; do
    [[ -n ${FOLDER[$name]:-} && ${FIELD[$name.needed-by]} != build ]] || continue
    # What was got by name stays in use: `make` without a word must not take it away.
    if [[ -n ${WHY[$name]:-} || ${FIELD[$name.needed-by]} == @(extra|optional-engine)* ]] && [[ -d ${FOLDER[$name]} ]]; then
      printf 'set(BAKEOFF_DEP_%s %s)\n' "${name//-/_}" "$(cmake_string "${FOLDER[$name]}")"
    fi
  done
  for name in "${!LEFT_OUT[@]}"; do
    printf 'set(BAKEOFF_LEFT_OUT_%s %s)\n' "${name//-/_}" "$(cmake_string "${LEFT_OUT[$name]}")"
  done
}

# Only when it changes: CMake runs again whenever this file is newer.
write_output() {
  local name text
  for name in "${!OTHER_ARCH[@]}"; do
    if [[ -z ${FIELD[$name.text]:-} && ${OTHER_ARCH[$name]} == engine* && (-z $ASKED || -n ${EXPLICIT[$name]:-}) ]]; then
      leave_out "$name" "deps.lock pins no package for $MACHINE"
    fi
  done
  text=$(output_text)
  [[ -r $OUTPUT && $(<"$OUTPUT") == "$text" ]] && return 0
  if ! { mkdir -p "${OUTPUT%/*}" && printf '%s\n' "$text" >"$OUTPUT.$$" && mv -f "$OUTPUT.$$" "$OUTPUT"; }; then
    fail "$OUTPUT: cannot be written"
  fi
}

print_summary() {
  local name ready=0 total=0
  for name in "${ITEMS[@]}"; do
    [[ -n ${FOLDER[$name]:-} ]] || continue
    total=$((total + 1))
    if [[ -d ${FOLDER[$name]} ]]; then ready=$((ready + 1)); fi
  done
  say "$ready of $total dependencies are in place, $(elapsed_since "$STARTED")"
}
