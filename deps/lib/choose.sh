# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Which stanzas this run is about, where their folders are, and which of them must be made.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# ITEMS: the chosen stanzas in file order. WHY: "base", "engine NAME", … by stanza. EXPLICIT: those asked for by name.
declare -a ITEMS=() PACKAGES=() MISSING=()
declare -A WHY=() EXPLICIT=() FOLDER=() LEFT_OUT=()

# known_label KIND-PATTERN LABEL: is there a stanza, for any machine, that this label names?
known_label() {
  local text
  for text in "${FIELD[@]}" "${OTHER_ARCH[@]}"; do
    # shellcheck disable=SC2053  # the right side is a pattern
    if [[ $text == $1\ "$2" ]]; then return 0; fi
  done
  return 1
}

# refuse_unknown OPTION LABEL KIND...: ends with the list and the nearest name.
refuse_unknown() {
  local option=$1 label=$2 kind guess
  local -a known=()
  shift 2
  for kind in "$@"; do mapfile -t -O "${#known[@]}" known < <(labels_of "$kind"); done
  guess=$(nearest "$label" "${known[@]}")
  fail "$option: \"$label\" is not known${guess:+; did you mean \"$guess\"?} Known: ${known[*]}" 2
}

choose() {
  [[ -z ${WHY[$1]:-} ]] || return 0
  local needed
  WHY[$1]=$2
  for needed in ${FIELD[$1.needs]:-}; do choose "$needed" "$2"; done
}

choose_items() {
  local name why label
  local -A engines=() extras=()
  local -a asked
  if [[ -n $ASKED && $ENGINES != none ]]; then
    IFS=', ' read -ra asked <<<"$ENGINES"
    ((${#asked[@]})) || fail '--engines: no engine named (use "none" for none)' 2
    for label in "${asked[@]}"; do
      # As if nothing had been asked for, and the others besides.
      if [[ $label == default ]]; then
        ASKED=
        continue
      fi
      known_label '?(optional-)engine' "$label" || refuse_unknown --engines "$label" engine optional-engine
      engines[$label]=1
    done
  fi
  IFS=', ' read -ra asked <<<"$EXTRAS"
  for label in "${asked[@]}"; do
    known_label extra "$label" || refuse_unknown --with "$label" extra
    extras[$label]=1
  done
  for name in "${NAMES[@]}"; do
    while IFS= read -r why; do
      label=${why#* }
      case $why in
        base) choose "$name" base ;;
        engine\ * | optional-engine\ *)
          if [[ -n ${engines[$label]:-} ]]; then
            choose "$name" "engine $label"
            EXPLICIT[$name]=1
          elif [[ -z $ASKED && $why == engine\ * ]]; then
            choose "$name" "engine $label"
          fi
          ;;
        extra\ *) if [[ -n ${extras[$label]:-} ]]; then
          choose "$name" "$why"
          EXPLICIT[$name]=1
        fi ;;
        build) ;;
        *) fail "$LOCK_FILE: stanza \"$name\": needed-by \"$why\" is not known" ;;
      esac
    done <<<"${FIELD[$name.needed-by]:-}"
  done
  for name in "${!OTHER_ARCH[@]}"; do
    label=${OTHER_ARCH[$name]#* }
    # Another stanza of the same name may be for this machine.
    if [[ -z ${FIELD[$name.text]:-} && (-n ${engines[$label]:-} || -n ${extras[$label]:-}) ]]; then EXPLICIT[$name]=1; fi
  done
  for name in "${NAMES[@]}"; do
    [[ -n ${WHY[$name]:-} ]] || continue
    ITEMS+=("$name")
    # shellcheck disable=SC2206  # package names have no blanks
    PACKAGES+=(${FIELD[$name.apt]:-})
  done
}

# The folder of a stanza: its name, its version, and 8 digits of what decides its content.
find_folder() {
  local name=$1 text=${FIELD[$1.text]} variable=${FIELD[$1.override]:-} build needed key
  [[ -z ${FOLDER[$name]:-} ]] || return 0
  if [[ -n $variable && -n ${!variable:-} ]]; then
    FOLDER[$name]=${!variable}
    key=$(first_missing "$name" "${!variable}")
    [[ -z $key ]] || fail "$variable=${!variable}: this folder has no $key"
    return
  fi
  if [[ ${FIELD[$name.steps]} =~ (^|$'\n')'build '([a-z]+) ]]; then
    build=build_${BASH_REMATCH[2]}_key
    if declare -F "$build" >/dev/null; then text+=$("$build"); fi
  fi
  for needed in ${FIELD[$name.needs]:-}; do
    find_folder "$needed"
    text+=${FOLDER[$needed]##*/}
  done
  key=$(sha256sum <<<"$text")
  FOLDER[$name]=$CACHE/pkg/$name-${FIELD[$name.version]}-${key:0:8}
}

find_folders() {
  local name
  for name in "${NAMES[@]}"; do
    if [[ -n ${FIELD[$name.version]:-} ]]; then find_folder "$name"; fi
  done
}

# MISSING: what must be made, tools for a build before what they build.
plan_missing() {
  local name needed
  for name in "${ITEMS[@]}"; do
    [[ -n ${FOLDER[$name]:-} && ! -d ${FOLDER[$name]} ]] || continue
    for needed in ${FIELD[$name.build-needs]:-}; do
      if [[ ! -d ${FOLDER[$needed]:-} && " ${MISSING[*]} " != *" $needed "* ]]; then MISSING+=("$needed"); fi
    done
    if [[ " ${MISSING[*]} " != *" $name "* ]]; then MISSING+=("$name"); fi
  done
}

# leave_out NAME REASON: an engine that was not asked for by name may be absent; everything else may not.
leave_out() {
  LEFT_OUT[$1]=$2
  if [[ ${WHY[$1]:-${OTHER_ARCH[$1]:-build}} == engine* && -z ${EXPLICIT[$1]:-} ]]; then
    say "$1 left out: $2"
  else
    printf 'setup: error: %s: %s\n' "$1" "$2" >&2
    FAILED=3
  fi
}
