# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# The PyTorch baseline's environment, without 3 GB of CUDA libraries that a CPU run never calls.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# build_eager OUT TMP NAME: unpacks the wheels of stanza NAME into a virtual environment in OUT. Returns 1 with REASON.
build_eager() { build_venv "$1" "$2" "$3" finish_eager; }

# What is made here besides the wheels' content is part of the folder: a change must make a new one.
build_eager_key() { cat "$HERE/lib/build_eager.sh"; }

# shellcheck disable=SC2317  # called by its name
finish_eager() {
  local site=$2 keep
  # Of CUDA's own wheels only what torch's CPU library itself names as needed.
  for keep in libcudart.so.13 libcupti.so.13; do cp -l "$site/nvidia/cu13/lib/$keep" "$site/$keep" || return 1; done
  rm -rf "$site/nvidia" "$site"/nvidia_*.dist-info
  mkdir -p "$site/nvidia/cu13/lib"
  mv "$site"/libcu*.so.13 "$site/nvidia/cu13/lib/" || return 1
  # A solver for the GPU, loaded when one is used; tools for building extensions.
  rm -rf "$site/torch/lib/libtorch_cuda_linalg.so" "$site/torch/bin/protoc"*
  make_stand_ins "$site" || return 1
  share_with_engine "$site/torch/lib"
}

# Python's torch loads its GPU half whatever it computes, and that names a dozen CUDA libraries as needed. One small library
# stands in for them all: it has every function that is named, and each of them ends the process with a word about it.
# shellcheck disable=SC2317  # called by its name
make_stand_ins() {
  local folder=$1/nvidia/cu13/lib name
  local -a libraries=("$1"/torch/lib/*.so)
  {
    printf '#include <stdio.h>\n#include <stdlib.h>\n'
    printf 'static void Refuse(void) {\n  fputs("this PyTorch was set up for the CPU only: a CUDA function was called\\n", stderr);\n  abort();\n}\n'
    nm -D --undefined-only "${libraries[@]}" |
      sed -nE 's/.* U ((cublas|cudnn|cufft|cuFile|curand|cusparse|nccl|nvrtc|nvshmem)[A-Za-z0-9_]*)(@.*)?$/\1/p' | sort -u |
      sed 's/.*/void &(void) { Refuse(); }/'
  } >"$folder/stand_in.c"
  "${CC:-gcc}" -shared -fPIC -O1 -o "$folder/libcuda_stand_in.so" "$folder/stand_in.c" || return 1
  readelf -d "${libraries[@]}" | sed -nE 's/.*\(NEEDED\).*\[(lib(cu|nccl|nv)[^]]*)\]/\1/p' | sort -u |
    while IFS= read -r name; do
      # The driver's library is no part of any package.
      if [[ ! -e $folder/$name && $name != libcuda.so.1 ]]; then ln -s libcuda_stand_in.so "$folder/$name"; fi
    done
}

# The engine in C++ keeps the same library out of the same wheel: one copy on the disk is enough.
# shellcheck disable=SC2317  # called by its name
share_with_engine() {
  local name twin
  for name in libtorch_cpu.so libc10.so; do
    twin=${FOLDER[torch]:-}/torch/lib/$name
    if [[ -f $twin ]] && cmp -s "$twin" "$1/$name"; then ln -f "$twin" "$1/$name" 2>/dev/null || true; fi
  done
}

# shellcheck disable=SC2317  # called by its name
check_finish_eager() {
  "$1/bin/python" -E -s -c 'import safetensors.torch, setuptools, torch, torchvision; torch.nn.Conv2d(3, 8, 3)(torch.zeros(1, 3, 8, 8))'
}
