# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::openvino: OpenVINO's shared library and headers, from OPENVINO_ROOT or the set-up.
if(TARGET dep::openvino)
  return()
endif()

set(root "${BAKEOFF_DEP_openvino}")
if(NOT "$ENV{OPENVINO_ROOT}" STREQUAL "")
  set(root "$ENV{OPENVINO_ROOT}")
endif()
if(OPENVINO_ROOT)
  set(root "${OPENVINO_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(openvino)
  return()
endif()

# The wheel has openvino/libs, archives have runtime/lib/intel64. Plugins and frontends lie beside the library.
find_library(library NAMES openvino HINTS "${root}" PATH_SUFFIXES openvino/libs lib libs runtime/lib/intel64 runtime/lib/aarch64
  NO_DEFAULT_PATH NO_CACHE)
find_path(headers openvino/openvino.hpp HINTS "${root}" PATH_SUFFIXES openvino/include include runtime/include
  NO_DEFAULT_PATH NO_CACHE)
if(NOT library OR NOT headers)
  set(BAKEOFF_DEP_MISSING "${root} holds no libopenvino.so with openvino/openvino.hpp")
  return()
endif()

add_library(dep::openvino SHARED IMPORTED GLOBAL)
set_target_properties(dep::openvino PROPERTIES
  IMPORTED_LOCATION "${library}"
  INTERFACE_INCLUDE_DIRECTORIES "${headers}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${headers}")
