# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_unit_tests(NAME LIBS...): every *_test.cc in the current folder becomes part of one test program.
include(GoogleTest)
find_package(GTest REQUIRED)

# Limits are against hangs, not for speed; sanitized code is several times slower.
set(BAKEOFF_TEST_SLOWNESS 1)
if(BAKEOFF_SANITIZE)
  set(BAKEOFF_TEST_SLOWNESS 5)
endif()

function(bakeoff_unit_tests name)
  file(GLOB sources CONFIGURE_DEPENDS "*_test.cc")
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE bakeoff_flags ${ARGN} GTest::gmock GTest::gtest GTest::gtest_main)
  # Networks on a machine that compiles at the same time: minutes, where a second is usual.
  math(EXPR limit "300 * ${BAKEOFF_TEST_SLOWNESS}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT ${limit} PROPERTIES TIMEOUT ${limit} LABELS "${name}"
    # Two properties, because a list of two in one does not survive the way through gtest_discover_tests().
    ENVIRONMENT "BAKEOFF_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" ENVIRONMENT_MODIFICATION "BAKEOFF_SOURCE=set:${PROJECT_SOURCE_DIR}")
endfunction()

# bakeoff_library(NAME LIBS...): a static library of every .cc in the current folder but the tests.
function(bakeoff_library name)
  file(GLOB sources CONFIGURE_DEPENDS "*.cc")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC bakeoff_flags ${ARGN})
endfunction()
