# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Makes the virtual environment of the Keras baseline out of pinned wheels; TensorFlow is the engine's own copy.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# build_keras OUT TMP NAME: unpacks the wheels of stanza NAME into a virtual environment in OUT. Returns 1 with REASON.
build_keras() {
  local out=$1 log=$2/keras.log name=$3 site
  : >"$log"
  site=$out/lib/python${FIELD[$name.python]}/site-packages
  if ! run_logged 'making the Keras environment' "$log" "$2" 0 make_keras "$out" "$site" "$name"; then
    REASON="the virtual environment cannot be made: $(tail_of_log "$log")"
    return 1
  fi
}

# A wheel without scripts is installed by unpacking it. No pip inside: nothing is ever added to this environment.
make_keras() {
  local out=$1 site=$2 name=$3 step hash file
  "$PYTHON" -m venv --without-pip --symlinks "$out" || return 1
  while IFS= read -r step; do
    [[ $step == 'file '* ]] || continue
    read -r _ _ _ _ hash file _ <<<"$step"
    unzip -q -o "$CACHE/download/${hash:0:16}/$file" -d "$site" || return 1
  done <<<"${FIELD[$name.steps]}"
  printf '%s\n' "${FOLDER[tensorflow]}" >"$site/tensorflow.pth"
  "$out/bin/python" -m compileall -q -j 0 "$site" >/dev/null
  "$out/bin/python" -c 'import importlib.util as u; assert u.find_spec("keras") and u.find_spec("tensorflow")'
}
