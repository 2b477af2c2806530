# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::loadgen: MLPerf LoadGen, built from its sources; a peer in benchmarks, never part of the tool.
if(TARGET dep::loadgen)
  return()
endif()
if(NOT BAKEOFF_DEP_loadgen OR NOT EXISTS "${BAKEOFF_DEP_loadgen}/loadgen.cc")
  set(BAKEOFF_DEP_MISSING "MLPerf LoadGen is not set up; run: deps/setup.sh --with bench, or set BAKEOFF_DEP_loadgen to its folder")
  return()
endif()
file(GLOB loadgen_sources "${BAKEOFF_DEP_loadgen}/*.cc" "${BAKEOFF_DEP_loadgen}/generated/*.cc")
add_library(dep_loadgen STATIC EXCLUDE_FROM_ALL ${loadgen_sources})
add_library(dep::loadgen ALIAS dep_loadgen)
target_include_directories(dep_loadgen SYSTEM PUBLIC "${BAKEOFF_DEP_loadgen}")
target_compile_options(dep_loadgen PRIVATE -w)
find_package(Threads REQUIRED)
target_link_libraries(dep_loadgen PUBLIC Threads::Threads)
