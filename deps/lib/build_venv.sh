# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Makes the virtual environment of a baseline in Python out of the pinned wheels of its stanza.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# build_venv OUT TMP NAME FINISH: an environment in OUT with the wheels of stanza NAME; `FINISH OUT SITE NAME` runs when they
# are unpacked, before the byte code is made. Returns 1 with REASON.
build_venv() {
  local out=$1 tmp=$2 name=$3 log=$2/$3.log
  : >"$log"
  if ! run_logged "making the $name environment" "$log" "$tmp" 0 make_venv "$out" "$name" "$4"; then
    REASON="the virtual environment cannot be made: $(tail_of_log "$log")"
    return 1
  fi
}

# A wheel without scripts is installed by unpacking it. No pip inside: nothing is ever added to this environment.
make_venv() {
  local out=$1 name=$2 finish=$3 site=$1/lib/python${FIELD[$2.python]}/site-packages step hash file
  "$PYTHON" -m venv --without-pip --symlinks "$out" || return 1
  while IFS= read -r step; do
    [[ $step == 'file '* ]] || continue
    read -r _ _ _ _ hash file _ <<<"$step"
    unzip -q -o "$CACHE/download/${hash:0:16}/$file" -d "$site" || return 1
  done <<<"${FIELD[$name.steps]}"
  "$finish" "$out" "$site" "$name" || return 1
  "$out/bin/python" -m compileall -q -j 0 "$site" >/dev/null
  # What one package brings and another lacks shows here, not in the first measurement.
  "check_$finish" "$out"
}
