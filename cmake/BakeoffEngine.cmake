# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_add_engine(): one engine file becomes one worker executable, if its runtime is present.

define_property(GLOBAL PROPERTY BAKEOFF_ENGINE_ROWS BRIEF_DOCS "JSON rows of bakeoff-engines.json" FULL_DOCS "built or why not")

# bakeoff_engine_dependencies(NAME WANTED dep...): the engine's option and its dependencies. Sets WANTED to ON where it is
# to be built; else leaves a row with the reason. A macro: what cmake/deps/<dep>.cmake sets is for the caller.
macro(bakeoff_engine_dependencies name wanted)
  string(TOUPPER "${name}" upper)
  string(REPLACE "-" "_" upper "${upper}")
  set(BAKEOFF_ENGINE_${upper} "AUTO" CACHE STRING "The ${name} engine: AUTO (if its runtime is present), ON (fail without it) or OFF.")
  set(choice "${BAKEOFF_ENGINE_${upper}}")
  set(reason "")
  if(choice STREQUAL "OFF" OR NOT ("all" IN_LIST BAKEOFF_ENGINES OR "${name}" IN_LIST BAKEOFF_ENGINES))
    set(reason "switched off when this build was configured")
  else()
    foreach(dep ${ARGN})
      set(BAKEOFF_DEP_MISSING "")
      include("${PROJECT_SOURCE_DIR}/cmake/deps/${dep}.cmake")
      if(BAKEOFF_DEP_MISSING AND NOT reason)
        set(reason "${BAKEOFF_DEP_MISSING}")
        if(choice STREQUAL "ON")
          message(FATAL_ERROR "engine ${name} was asked for: ${reason}")
        endif()
      endif()
    endforeach()
  endif()
  if(reason)
    set(${wanted} OFF)
    # A semicolon would cut the row in two: in CMake it separates list items.
    string(REPLACE ";" "\\u003b" row_reason "${reason}")
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_ROWS "{\"name\": \"${name}\", \"built\": false, \"reason\": \"${row_reason}\"}")
    message(STATUS "engine ${name}: left out, ${reason}")
  else()
    set(${wanted} ON)
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_ROWS "{\"name\": \"${name}\", \"built\": true}")
    message(STATUS "engine ${name}: built")
  endif()
endmacro()

# bakeoff_add_engine(NAME [PACKAGE dep...] [SOURCES extra.cc...] [LINK target...])
# PACKAGE names files cmake/deps/<dep>.cmake, each of which defines the target dep::<dep> or sets BAKEOFF_DEP_MISSING to the reason.
function(bakeoff_add_engine name)
  cmake_parse_arguments(arg "" "" "PACKAGE;SOURCES;LINK" ${ARGN})
  bakeoff_engine_dependencies("${name}" wanted ${arg_PACKAGE})
  if(NOT wanted)
    return()
  endif()
  list(TRANSFORM arg_PACKAGE PREPEND "dep::" OUTPUT_VARIABLE links)
  set(target "bakeoff-engine-${name}")
  add_executable(${target} "${name}.cc" ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE bakeoff_worker ${links} ${arg_LINK})
  # RPATH instead of RUNPATH: the vendors' libraries find their own neighbours through it as well.
  target_link_options(${target} PRIVATE "-Wl,--disable-new-dtags")
  bakeoff_install_with_runtimes(${target} ${arg_PACKAGE})
  set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_TARGETS "${target}")
endfunction()

# bakeoff_add_python_engine(NAME PACKAGE dep SCRIPT file): a baseline in Python. cmake/deps/<dep>.cmake sets
# BAKEOFF_PYTHON_<dep> to the interpreter; the worker is a launcher for it.
function(bakeoff_add_python_engine name)
  cmake_parse_arguments(arg "" "PACKAGE;SCRIPT" "" ${ARGN})
  set(BAKEOFF_PYTHON_${arg_PACKAGE} "")
  bakeoff_engine_dependencies("${name}" wanted ${arg_PACKAGE})
  if(NOT wanted)
    return()
  endif()
  set(python "${BAKEOFF_PYTHON_${arg_PACKAGE}}")
  set(script "${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT}")
  set(launcher "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bakeoff-engine-${name}")
  # -E and -s: a user's PYTHON* variables and own packages must not change what is measured. -B: nothing is written beside the source.
  file(GENERATE OUTPUT "${launcher}" CONTENT "#!/bin/sh
# Written by CMake: starts the ${name} baseline.
BAKEOFF_WORKER_LIBRARY='$<TARGET_FILE:bakeoff_worker_c>' exec '${python}' -E -s -B '${script}' \"$@\"
" FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  set_property(GLOBAL APPEND PROPERTY BAKEOFF_ENGINE_SCRIPTS "${launcher}")
endfunction()

# Installs a program that uses the dependencies given: the runtimes go to lib/bakeoff/<dep>, and the program finds them by paths
# relative to itself, so that the tree can be moved.
function(bakeoff_install_with_runtimes target)
  if(BAKEOFF_NO_INSTALL)
    return()  # the example of tests/contract
  endif()
  install(TARGETS ${target} RUNTIME DESTINATION bin)
  set(paths "")
  foreach(dep IN LISTS ARGN)
    set(root "${BAKEOFF_DEP_${dep}}")
    if(NOT root)
      continue()
    endif()
    file(GLOB_RECURSE libraries LIST_DIRECTORIES false RELATIVE "${root}" "${root}/*.so" "${root}/*.so.*")
    foreach(library IN LISTS libraries)
      get_filename_component(folder "${library}" DIRECTORY)
      list(APPEND paths "$ORIGIN/../lib/bakeoff/${dep}/${folder}")
    endforeach()
    get_property(installed GLOBAL PROPERTY BAKEOFF_INSTALLED_DEPS)
    if(NOT dep IN_LIST installed)
      set_property(GLOBAL APPEND PROPERTY BAKEOFF_INSTALLED_DEPS "${dep}")
      install(DIRECTORY "${root}/" DESTINATION "lib/bakeoff/${dep}" USE_SOURCE_PERMISSIONS
        PATTERN "include" EXCLUDE PATTERN "*.a" EXCLUDE PATTERN "cmake" EXCLUDE)
    endif()
  endforeach()
  list(REMOVE_DUPLICATES paths)
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "${paths}")
endfunction()

# bin/bakeoff-engines.json: which engines this build knows, and why one is missing. Read by `bakeoff engines`.
function(bakeoff_write_engine_list)
  get_property(rows GLOBAL PROPERTY BAKEOFF_ENGINE_ROWS)
  list(JOIN rows ",\n  " text)
  file(CONFIGURE OUTPUT "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bakeoff-engines.json" CONTENT "{\"engines\": [\n  ${text}\n]}\n")
  # A virtual environment knows its own place, so a tree that can be moved is without the baselines, and says so.
  get_property(scripts GLOBAL PROPERTY BAKEOFF_ENGINE_SCRIPTS)
  foreach(script IN LISTS scripts)
    string(REGEX REPLACE "^.*/bakeoff-engine-" "" name "${script}")
    string(REPLACE "{\"name\": \"${name}\", \"built\": true}"
      "{\"name\": \"${name}\", \"built\": false, \"reason\": \"a baseline in Python runs from the build tree only, it is not installed\"}" text "${text}")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/installed-engines.json" CONTENT "{\"engines\": [\n  ${text}\n]}\n")
  install(FILES "${CMAKE_BINARY_DIR}/installed-engines.json" DESTINATION bin RENAME bakeoff-engines.json)
endfunction()

# bakeoff_dep_dir(NAME VAR): the folder of a dependency, from -DBAKEOFF_DEP_NAME, the environment or the set-up; "" if absent.
macro(bakeoff_missing_dep name)
  set(BAKEOFF_DEP_MISSING "the ${name} package is not set up; run: deps/setup.sh --engines ${name}")
endmacro()
