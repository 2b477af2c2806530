# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_add_hop(): one folder of a conversion becomes one worker executable, if its runtimes are present.

# bakeoff_add_hop(NAME [PACKAGE dep...] [SOURCES file.cc...] [LINK target...]), in converters/<from>_to_<to>/CMakeLists.txt.
# Without SOURCES: every .cc of the folder but the tests. PACKAGE as in bakeoff_add_engine().
function(bakeoff_add_hop name)
  cmake_parse_arguments(arg "" "" "PACKAGE;SOURCES;LINK" ${ARGN})
  # A build of some engines only has the hops that need no other runtime.
  set(hop_reason "")
  foreach(dep IN LISTS arg_PACKAGE)
    if(NOT "all" IN_LIST BAKEOFF_ENGINES AND NOT "${dep}" IN_LIST BAKEOFF_ENGINES)
      set(hop_reason "switched off when this build was configured")
    endif()
  endforeach()
  bakeoff_worker_dependencies(hop "${name}" wanted "${hop_reason}" ${arg_PACKAGE})
  if(NOT wanted)
    return()
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "*.cc")
    list(FILTER arg_SOURCES EXCLUDE REGEX "_test\\.cc$")
  endif()
  bakeoff_worker_program(bakeoff-hop-${name} bakeoff_hop_worker PACKAGE ${arg_PACKAGE} SOURCES ${arg_SOURCES} LINK ${arg_LINK})
  # "engines/<name>_model.h": what a vendor's engine and hop share.
  target_include_directories(bakeoff-hop-${name} PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/engines")
endfunction()
