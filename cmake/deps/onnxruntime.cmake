# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::onnxruntime: ONNX Runtime's shared library and headers, from ONNXRUNTIME_ROOT or the set-up.
if(TARGET dep::onnxruntime)
  return()
endif()

set(root "${BAKEOFF_DEP_onnxruntime}")
if(NOT "$ENV{ONNXRUNTIME_ROOT}" STREQUAL "")
  set(root "$ENV{ONNXRUNTIME_ROOT}")
endif()
if(ONNXRUNTIME_ROOT)
  set(root "${ONNXRUNTIME_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(onnxruntime)
  return()
endif()

# Release archives have lib/ and include/; distributions put the headers one or four folders deeper.
find_library(library NAMES onnxruntime HINTS "${root}" PATH_SUFFIXES lib lib64 NO_DEFAULT_PATH NO_CACHE)
find_path(headers onnxruntime_cxx_api.h HINTS "${root}/include" PATH_SUFFIXES onnxruntime onnxruntime/core/session core/session
  NO_DEFAULT_PATH NO_CACHE)
if(NOT library OR NOT headers)
  set(BAKEOFF_DEP_MISSING "${root} holds no lib/libonnxruntime.so with include/onnxruntime_cxx_api.h")
  return()
endif()

add_library(dep::onnxruntime SHARED IMPORTED GLOBAL)
set_target_properties(dep::onnxruntime PROPERTIES
  IMPORTED_LOCATION "${library}"
  INTERFACE_INCLUDE_DIRECTORIES "${headers}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${headers}")
