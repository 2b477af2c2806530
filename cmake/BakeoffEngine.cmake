# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_add_engine(): one engine file becomes one worker executable, if its runtime is present.

define_property(GLOBAL PROPERTY BAKEOFF_ENGINE_ROWS BRIEF_DOCS "JSON rows of bakeoff-engines.json" FULL_DOCS "built or why not")

# bakeoff_add_engine(NAME [PACKAGE dep...] [SOURCES extra.cc...] [LINK target...])
# PACKAGE names files cmake/deps/<dep>.cmake, each of which defines the target dep::<dep> or sets BAKEOFF_DEP_MISSING to the reason.
function(bakeoff_add_engine name)
  cmake_parse_arguments(arg "" "" "PACKAGE;SOURCES;LINK" ${ARGN})
  string(TOUPPER "${name}" upper)
  string(REPLACE "-" "_" upper "${upper}")
  set(BAKEOFF_ENGINE_${upper} "AUTO" CACHE STRING "The ${name} engine: AUTO (if its runtime is present), ON (fail without it) or OFF.")
  set(choice "${BAKEOFF_ENGINE_${upper}}")
  if(choice STREQUAL "OFF" OR NOT ("all" IN_LIST BAKEOFF_ENGINES OR "${name}" IN_LIST BAKEOFF_ENGINES))
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_ROWS "{\"name\": \"${name}\", \"built\": false, \"reason\": \"switched off when this build was configured\"}")
    message(STATUS "engine ${name}: off")
    return()
  endif()
  set(links "")
  foreach(dep IN LISTS arg_PACKAGE)
    set(BAKEOFF_DEP_MISSING "")
    include("${PROJECT_SOURCE_DIR}/cmake/deps/${dep}.cmake")
    if(BAKEOFF_DEP_MISSING)
      if(choice STREQUAL "ON")
        message(FATAL_ERROR "engine ${name} was asked for: ${BAKEOFF_DEP_MISSING}")
      endif()
      # A semicolon would cut the row in two: in CMake it separates list items.
      string(REPLACE ";" "\\u003b" reason "${BAKEOFF_DEP_MISSING}")
      set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_ROWS "{\"name\": \"${name}\", \"built\": false, \"reason\": \"${reason}\"}")
      message(STATUS "engine ${name}: left out, ${BAKEOFF_DEP_MISSING}")
      return()
    endif()
    list(APPEND links "dep::${dep}")
  endforeach()
  set(target "bakeoff-engine-${name}")
  add_executable(${target} "${name}.cc" ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE bakeoff_worker ${links} ${arg_LINK})
  # RPATH instead of RUNPATH: the vendors' libraries find their own neighbours through it as well.
  target_link_options(${target} PRIVATE "-Wl,--disable-new-dtags")
  set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_ROWS "{\"name\": \"${name}\", \"built\": true}")
  set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_TARGETS "${target}")
  message(STATUS "engine ${name}: built")
endfunction()

# bin/bakeoff-engines.json: which engines this build knows, and why one is missing. Read by `bakeoff engines`.
function(bakeoff_write_engine_list)
  get_property(rows GLOBAL PROPERTY BAKEOFF_ENGINE_ROWS)
  list(JOIN rows ",\n  " text)
  file(CONFIGURE OUTPUT "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bakeoff-engines.json" CONTENT "{\"engines\": [\n  ${text}\n]}\n")
endfunction()

# bakeoff_dep_dir(NAME VAR): the folder of a dependency, from -DBAKEOFF_DEP_NAME, the environment or the set-up; "" if absent.
macro(bakeoff_missing_dep name)
  set(BAKEOFF_DEP_MISSING "the ${name} package is not set up; run: deps/setup.sh --engines ${name}")
endmacro()
