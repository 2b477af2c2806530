# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::litert: LiteRT's shared library (its package has no headers), from LITERT_ROOT or the set-up.
if(TARGET dep::litert)
  return()
endif()

set(root "${BAKEOFF_DEP_litert}")
if(NOT "$ENV{LITERT_ROOT}" STREQUAL "")
  set(root "$ENV{LITERT_ROOT}")
endif()
if(LITERT_ROOT)
  set(root "${LITERT_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(litert)
  return()
endif()

find_library(library NAMES LiteRt HINTS "${root}" PATH_SUFFIXES lib ai_edge_litert NO_DEFAULT_PATH NO_CACHE)
if(NOT library)
  set(BAKEOFF_DEP_MISSING "${root} holds no lib/libLiteRt.so")
  return()
endif()
find_path(flatbuffers flatbuffers/flatbuffers.h NO_CACHE)
if(NOT flatbuffers)
  set(BAKEOFF_DEP_MISSING "the headers of flatbuffers are missing; run: deps/setup.sh")
  return()
endif()

add_library(dep::litert SHARED IMPORTED GLOBAL)
set_target_properties(dep::litert PROPERTIES IMPORTED_LOCATION "${library}")
target_link_libraries(dep::litert INTERFACE ${CMAKE_DL_LIBS})
