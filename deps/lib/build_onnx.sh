# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Builds the onnx library (schema, checker, shape inference) as static archives with hidden symbols: another protobuf
# in the process of an engine must never meet ours. Against Debian's protobuf, by the pinned cmake (Debian's is too old).
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# build_onnx OUT TMP: OUT/src becomes OUT/include and OUT/lib. Returns 1, with REASON, when it does not build.
build_onnx() {
  local out=$1 tmp=$2 log=$2/onnx.log kept
  : >"$log"
  if ! run_logged 'building onnx (about 2 minutes)' "$log" "$tmp" 0 compile_onnx "$out" "$tmp"; then
    # The log outlives the temporary folder: it is the only trace of a build that fails.
    mkdir -p "$CACHE/log"
    kept=$CACHE/log/onnx-build.log
    cp "$log" "$kept"
    REASON="onnx does not build: $(tail_of_log "$log")
  the whole log: $kept"
    return 1
  fi
  rm -rf "$out/src"
}

compile_onnx() {
  local out=$1 tmp=$2 cmake=${FOLDER[cmake]}/bin/cmake jobs
  local -a launcher=()
  jobs=$(nproc)
  # About 1 GB for each compiler at work: a small machine with many cores must not swap.
  local memory
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1000000) }' /proc/meminfo)
  if ((memory > 0 && jobs > memory)); then jobs=$memory; fi
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  # The folder's name differs in every run: ccache sees through it this way.
  CCACHE_BASEDIR=$tmp CCACHE_NOHASHDIR=1 && export CCACHE_BASEDIR CCACHE_NOHASHDIR
  "$cmake" -S "$out/src" -B "$tmp/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "${launcher[@]}" \
    -DCMAKE_INSTALL_PREFIX="$out" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_CXX_VISIBILITY_PRESET=hidden -DCMAKE_VISIBILITY_INLINES_HIDDEN=ON \
    -DONNX_BUILD_PYTHON=OFF -DONNX_BUILD_TESTS=OFF -DONNX_GEN_PB_TYPE_STUBS=OFF -DONNX_USE_PROTOBUF_SHARED_LIBS=OFF \
    -DONNX_BUILD_CUSTOM_PROTOBUF=OFF -DPython3_EXECUTABLE="$PYTHON" -DCMAKE_POLICY_DEFAULT_CMP0074=NEW \
    -DProtobuf_USE_STATIC_LIBS=ON &&
    "$cmake" --build "$tmp/build" -j "$jobs" &&
    "$cmake" --install "$tmp/build"
}

# What the archives depend on besides their stanza.
build_onnx_key() {
  "${CXX:-c++}" -dumpfullversion -dumpmachine 2>&1
  declare -f compile_onnx
}
