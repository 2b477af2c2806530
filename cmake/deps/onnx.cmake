# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::onnx: the onnx library (schema, checker, shape inference) and protobuf, both static and never exported: engines
# bring a protobuf of their own into the same process.
if(TARGET dep::onnx)
  return()
endif()
find_library(BAKEOFF_PROTOBUF_ARCHIVE NAMES libprotobuf.a)
if(NOT BAKEOFF_DEP_onnx OR NOT EXISTS "${BAKEOFF_DEP_onnx}/lib/libonnx.a")
  set(BAKEOFF_DEP_MISSING "the onnx library is not set up (every build needs it); run: deps/setup.sh, or set BAKEOFF_DEP_onnx to its folder")
  return()
endif()
if(NOT BAKEOFF_PROTOBUF_ARCHIVE)
  set(BAKEOFF_DEP_MISSING "libprotobuf.a is missing; run: deps/setup.sh, or install libprotobuf-dev")
  return()
endif()
find_package(Threads REQUIRED)
add_library(dep_onnx INTERFACE)
add_library(dep::onnx ALIAS dep_onnx)
target_include_directories(dep_onnx SYSTEM INTERFACE "${BAKEOFF_DEP_onnx}/include")
target_compile_definitions(dep_onnx INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(dep_onnx INTERFACE "${BAKEOFF_DEP_onnx}/lib/libonnx.a" "${BAKEOFF_DEP_onnx}/lib/libonnx_proto.a"
  "${BAKEOFF_PROTOBUF_ARCHIVE}" Threads::Threads)
# The option hides clang's sanitizer runtime as well, an archive like the others, and the program does not start then.
if(NOT BAKEOFF_FUZZ)
  target_link_options(dep_onnx INTERFACE "-Wl,--exclude-libs,ALL")
endif()
