# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Reads deps.lock into arrays and answers questions about it. No forks here: this is on the path of every `make`.
# shellcheck shell=bash

# Names in file order; fields as FIELD[name.key], lines of a repeated key joined by newlines; the ordered steps that
# make a folder (file, take, link, …) in FIELD[name.steps]; the text that keys the folder in FIELD[name.text].
declare -a NAMES=()
declare -A FIELD=()

# Stanzas for other machines are kept by name only, so that "not for this machine" can be told from "unknown".
declare -A OTHER_ARCH=()

# The fields of a stanza that do not change what is in its folder, and so do not key it.
readonly UNKEYED=" needed-by disk apt override needs build-needs "

store_stanza() {
  local file=$1 line key value name='' arch='' text='' steps=''
  local -A fields=()
  shift
  for line in "$@"; do
    [[ $line =~ ^([a-z-]+):[[:space:]]+(.*[^[:space:]])[[:space:]]*$ ]] ||
      fail "$file: \"$line\" is not \"key: value\""
    key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    case $key in
      name) name=$value ;;
      arch) arch=$value ;;
      file | take | drop | link | dev-links | rpath | build) steps+="$key $value"$'\n' ;;
      version | needed-by | needs | build-needs | override | check | apt | disk | python) ;;
      *) fail "$file: stanza \"$name\": unknown key \"$key\"" ;;
    esac
    [[ $UNKEYED == *" $key "* ]] || text+=$line$'\n'
    fields[$key]+=${fields[$key]:+$'\n'}$value
  done
  [[ $name =~ ^[a-z0-9-]+$ ]] || fail "$file: a stanza has no valid name (found \"$name\")"
  if [[ -n $arch && $arch != "$MACHINE" ]]; then
    OTHER_ARCH[$name]=${fields[needed-by]:-}
    return
  fi
  [[ -z ${FIELD[$name.text]:-} ]] || fail "$file: two stanzas named \"$name\" for this machine"
  NAMES+=("$name")
  for key in "${!fields[@]}"; do FIELD[$name.$key]=${fields[$key]}; done
  FIELD[$name.steps]=$steps
  FIELD[$name.text]=$text
}

# read_lock FILE: fills the arrays.
# shellcheck disable=SC2094  # the name is for messages: nothing writes to the file
read_lock() {
  local line
  local -a stanza=()
  [[ -r $1 ]] || fail "$1: cannot be read"
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line == '#'* ]]; then continue; fi
    if [[ -n ${line// /} ]]; then
      stanza+=("$line")
    elif ((${#stanza[@]})); then
      store_stanza "$1" "${stanza[@]}"
      stanza=()
    fi
  done <"$1"
  if ((${#stanza[@]})); then store_stanza "$1" "${stanza[@]}"; fi
}

# names_needed_by KIND [NAME]: prints the stanzas that say so, one per line.
names_needed_by() {
  local name line
  for name in "${NAMES[@]}"; do
    while IFS= read -r line; do
      if [[ $line == "$1${2:+ $2}" ]]; then printf '%s\n' "$name"; fi
    done <<<"${FIELD[$name.needed-by]:-}"
  done
}

# labels_of KIND: prints every NAME for which a stanza says "needed-by: KIND NAME", also of stanzas for other machines.
labels_of() {
  local name line
  for name in "${NAMES[@]}" "${!OTHER_ARCH[@]}"; do
    while IFS= read -r line; do
      if [[ $line == "$1 "* ]]; then printf '%s\n' "${line#* }"; fi
    done <<<"${FIELD[$name.needed-by]:-${OTHER_ARCH[$name]:-}}"
  done | sort -u
}

# Sum of the sizes of a stanza's files, in bytes.
download_size() {
  local step size total=0
  while IFS= read -r step; do
    if [[ $step == 'file '* ]]; then
      read -r _ _ _ size _ <<<"$step"
      total=$((total + size))
    fi
  done <<<"${FIELD[$1.steps]}"
  printf '%d' "$total"
}

# nearest WORD CANDIDATE...: prints the candidate with the smallest edit distance, if it is a plausible slip.
nearest() {
  local word=$1
  shift
  printf '%s\n' "$@" | awk -v a="$word" '
    { n = length(a); m = length($0)
      for (j = 0; j <= m; ++j) d[0, j] = j
      for (i = 1; i <= n; ++i) { d[i, 0] = i
        for (j = 1; j <= m; ++j) {
          best = d[i-1, j-1] + (substr(a, i, 1) != substr($0, j, 1))
          if (d[i-1, j] + 1 < best) best = d[i-1, j] + 1
          if (d[i, j-1] + 1 < best) best = d[i, j-1] + 1
          d[i, j] = best } }
      if (NR == 1 || d[n, m] < least) { least = d[n, m]; name = $0 } }
    END { if (NR && least <= 1 + length(a) / 3) print name }'
}
