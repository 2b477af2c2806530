# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# BAKEOFF_PYTHON_torch-eager: the interpreter of an environment with torch, torchvision and safetensors, from TORCH_EAGER_ROOT
# (one's own environment) or the set-up.
set(root "${BAKEOFF_DEP_torch_eager}")
if(NOT "$ENV{TORCH_EAGER_ROOT}" STREQUAL "")
  set(root "$ENV{TORCH_EAGER_ROOT}")
endif()
if(TORCH_EAGER_ROOT)
  set(root "${TORCH_EAGER_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(torch-eager)
  return()
endif()

# A link to an interpreter that the machine no longer has is no file.
set(BAKEOFF_PYTHON_torch-eager "${root}/bin/python")
if(NOT EXISTS "${root}/bin/python")
  set(BAKEOFF_DEP_MISSING "${root} holds no bin/python that works; run: deps/setup.sh --engines torch-eager")
endif()
