# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_add_engine(): one engine file becomes one worker executable, if its runtime is present. Hops share most of it.

define_property(GLOBAL PROPERTY BAKEOFF_ENGINE_ROWS BRIEF_DOCS "JSON rows of bakeoff-engines.json" FULL_DOCS "built or why not")
define_property(GLOBAL PROPERTY BAKEOFF_HOP_ROWS BRIEF_DOCS "JSON rows of bakeoff-hops.json" FULL_DOCS "built or why not")

# bakeoff_worker_dependencies(engine|hop NAME WANTED REASON dep...): the worker's option and its dependencies. Sets WANTED to ON
# where it is to be built; else leaves a row with the reason, which is REASON where that is not empty. A macro: what
# cmake/deps/<dep>.cmake sets is for the caller.
macro(bakeoff_worker_dependencies kind name wanted why_not)
  string(TOUPPER "${kind}" upper_kind)
  string(TOUPPER "${name}" upper)
  string(REPLACE "-" "_" upper "${upper}")
  set(BAKEOFF_${upper_kind}_${upper} "AUTO" CACHE STRING "The ${name} ${kind}: AUTO (if what it needs is present), ON (fail without it) or OFF.")
  set(choice "${BAKEOFF_${upper_kind}_${upper}}")
  set(reason "${why_not}")
  if(choice STREQUAL "OFF")
    set(reason "switched off when this build was configured")
  endif()
  if(NOT reason)
    foreach(dep ${ARGN})
      set(BAKEOFF_DEP_MISSING "")
      include("${PROJECT_SOURCE_DIR}/cmake/deps/${dep}.cmake")
      if(BAKEOFF_DEP_MISSING AND NOT reason)
        set(reason "${BAKEOFF_DEP_MISSING}")
        if(choice STREQUAL "ON")
          message(FATAL_ERROR "${kind} ${name} was asked for: ${reason}")
        endif()
      endif()
    endforeach()
  endif()
  if(reason)
    set(${wanted} OFF)
    # A semicolon would cut the row in two: in CMake it separates list items.
    string(REPLACE ";" "\\u003b" row_reason "${reason}")
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_${upper_kind}_ROWS "{\"name\": \"${name}\", \"built\": false, \"reason\": \"${row_reason}\"}")
    message(STATUS "${kind} ${name}: left out, ${reason}")
  else()
    set(${wanted} ON)
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_${upper_kind}_ROWS "{\"name\": \"${name}\", \"built\": true}")
    message(STATUS "${kind} ${name}: built")
  endif()
endmacro()

# bakeoff_engine_dependencies(NAME WANTED dep...): the same for an engine, which BAKEOFF_ENGINES may leave out.
macro(bakeoff_engine_dependencies name wanted)
  set(engine_reason "")
  if(NOT ("all" IN_LIST BAKEOFF_ENGINES OR "${name}" IN_LIST BAKEOFF_ENGINES))
    set(engine_reason "switched off when this build was configured")
  endif()
  bakeoff_worker_dependencies(engine "${name}" ${wanted} "${engine_reason}" ${ARGN})
endmacro()

# bakeoff_worker_program(TARGET WORKER PACKAGE dep... SOURCES file.cc... LINK target...): the executable of an engine or hop.
function(bakeoff_worker_program target worker)
  cmake_parse_arguments(arg "" "" "PACKAGE;SOURCES;LINK" ${ARGN})
  list(TRANSFORM arg_PACKAGE PREPEND "dep::" OUTPUT_VARIABLE links)
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${worker} ${links} ${arg_LINK})
  # RPATH instead of RUNPATH: the vendors' libraries find their own neighbours through it as well.
  target_link_options(${target} PRIVATE "-Wl,--disable-new-dtags")
  bakeoff_install_with_runtimes(${target} ${arg_PACKAGE})
  if(NOT BAKEOFF_NO_INSTALL)
    set_property(GLOBAL APPEND PROPERTY BAKEOFF_PROGRAMS "${target}")
  endif()
endfunction()

# bakeoff_add_engine(NAME [PACKAGE dep...] [SOURCES extra.cc...] [LINK target...])
# PACKAGE names files cmake/deps/<dep>.cmake, each of which defines the target dep::<dep> or sets BAKEOFF_DEP_MISSING to the reason.
function(bakeoff_add_engine name)
  cmake_parse_arguments(arg "" "" "PACKAGE;SOURCES;LINK" ${ARGN})
  bakeoff_engine_dependencies("${name}" wanted ${arg_PACKAGE})
  if(NOT wanted)
    return()
  endif()
  set(target "bakeoff-engine-${name}")
  bakeoff_worker_program(${target} bakeoff_worker PACKAGE ${arg_PACKAGE} SOURCES "${name}.cc" ${arg_SOURCES} LINK ${arg_LINK})
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
  set_property(GLOBAL PROPERTY "BAKEOFF_ENGINE_PYTHON_${name}" "${python}")
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

# The target `programs`: whatever a user runs, without tests and benchmarks.
function(bakeoff_add_programs_target)
  get_property(programs GLOBAL PROPERTY BAKEOFF_PROGRAMS)
  add_custom_target(programs)
  add_dependencies(programs bakeoff bakeoff_worker_c ${programs})
  if(TARGET bakeoff-train)
    add_dependencies(programs bakeoff-train)
  endif()
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

# bin/bakeoff-hops.json: the same for hops. Read by `bakeoff convert`.
function(bakeoff_write_hop_list)
  get_property(rows GLOBAL PROPERTY BAKEOFF_HOP_ROWS)
  list(JOIN rows ",\n  " text)
  file(CONFIGURE OUTPUT "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bakeoff-hops.json" CONTENT "{\"hops\": [\n  ${text}\n]}\n")
  install(FILES "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/bakeoff-hops.json" DESTINATION bin)
endfunction()

# bakeoff_dep_dir(NAME VAR): the folder of a dependency, from -DBAKEOFF_DEP_NAME, the environment or the set-up; "" if absent.
macro(bakeoff_missing_dep name)
  set(BAKEOFF_DEP_MISSING "the ${name} package is not set up; run: deps/setup.sh --engines ${name}")
endmacro()
