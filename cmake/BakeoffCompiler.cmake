# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Language level, warnings, sanitizers, ccache, and where outputs go.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

find_program(BAKEOFF_CCACHE ccache)
if(BAKEOFF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${BAKEOFF_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${BAKEOFF_CCACHE}")
endif()

# Linked by every target of ours; third-party headers are SYSTEM and get no warnings.
add_library(bakeoff_flags INTERFACE)
target_compile_options(bakeoff_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(BAKEOFF_WERROR)
  target_compile_options(bakeoff_flags INTERFACE -Werror)
endif()
if(BAKEOFF_SANITIZE)
  set(sanitize_flags "-fsanitize=${BAKEOFF_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_compile_options(bakeoff_flags INTERFACE ${sanitize_flags})
  target_link_options(bakeoff_flags INTERFACE ${sanitize_flags})
endif()
target_include_directories(bakeoff_flags INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
