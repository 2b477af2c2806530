# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::torch: LibTorch for the CPU, from TORCH_ROOT or the set-up.
if(TARGET dep::torch)
  return()
endif()

set(root "${BAKEOFF_DEP_torch}")
if(NOT "$ENV{TORCH_ROOT}" STREQUAL "")
  set(root "$ENV{TORCH_ROOT}")
endif()
if(TORCH_ROOT)
  set(root "${TORCH_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(torch)
  return()
endif()

# The libraries look for CUDA's two small ones at ../../nvidia/cu13/lib of the folder they really lie in.
find_library(torch_cpu NAMES torch_cpu HINTS "${root}" PATH_SUFFIXES torch/lib lib NO_DEFAULT_PATH NO_CACHE)
find_path(headers torch/script.h HINTS "${root}" PATH_SUFFIXES torch/include include NO_DEFAULT_PATH NO_CACHE)
if(torch_cpu)
  get_filename_component(folder "${torch_cpu}" DIRECTORY)
  find_library(c10 NAMES c10 HINTS "${folder}" NO_DEFAULT_PATH NO_CACHE)
endif()
if(NOT torch_cpu OR NOT c10 OR NOT headers)
  set(BAKEOFF_DEP_MISSING "${root} holds no libtorch_cpu.so and libc10.so with torch/script.h")
  return()
endif()

add_library(dep::torch INTERFACE IMPORTED GLOBAL)
# Last in the search order: the folder has headers of other libraries too (fmt), which must not hide the ones we link.
target_compile_options(dep::torch INTERFACE "SHELL:-idirafter ${headers}" "SHELL:-idirafter ${headers}/torch/csrc/api/include")
# Operators register themselves when libtorch_cpu is loaded: it must stay even where nothing of it is named.
target_link_libraries(dep::torch INTERFACE "-Wl,--push-state,--no-as-needed" "${torch_cpu}" "${c10}" "-Wl,--pop-state")
target_link_options(dep::torch INTERFACE "-Wl,-rpath-link,${folder}" "-Wl,-rpath-link,${folder}/../../nvidia/cu13/lib")
