# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The Keras baseline's environment; TensorFlow is the engine's own copy.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# build_keras OUT TMP NAME: unpacks the wheels of stanza NAME into a virtual environment in OUT. Returns 1 with REASON.
build_keras() { build_venv "$1" "$2" "$3" finish_keras; }

# shellcheck disable=SC2317  # called by its name
finish_keras() { printf '%s\n' "${FOLDER[tensorflow]}" >"$2/tensorflow.pth"; }

# shellcheck disable=SC2317  # called by its name
check_finish_keras() {
  "$1/bin/python" -c 'import importlib.util as u; assert u.find_spec("keras") and u.find_spec("tensorflow")'
}
