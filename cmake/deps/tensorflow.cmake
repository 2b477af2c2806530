# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::tensorflow: TensorFlow's C interface and the protobuf classes of its package, from TENSORFLOW_ROOT or the set-up.
if(TARGET dep::tensorflow)
  return()
endif()

set(root "${BAKEOFF_DEP_tensorflow}")
if(NOT "$ENV{TENSORFLOW_ROOT}" STREQUAL "")
  set(root "$ENV{TENSORFLOW_ROOT}")
endif()
if(TENSORFLOW_ROOT)
  set(root "${TENSORFLOW_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(tensorflow)
  return()
endif()

find_path(headers tensorflow/c/c_api.h HINTS "${root}" PATH_SUFFIXES tensorflow/include include NO_DEFAULT_PATH NO_CACHE)
set(files "")
foreach(name tensorflow_cc tensorflow_framework)
  find_library(library_${name} NAMES ${name} lib${name}.so.2 HINTS "${root}" PATH_SUFFIXES lib tensorflow NO_DEFAULT_PATH NO_CACHE)
  list(APPEND files "${library_${name}}")
endforeach()
if(NOT headers OR "${files}" MATCHES "NOTFOUND")
  set(BAKEOFF_DEP_MISSING "${root} holds no libtensorflow_cc.so and libtensorflow_framework.so with tensorflow/c/c_api.h")
  return()
endif()

add_library(dep::tensorflow INTERFACE IMPORTED GLOBAL)
target_include_directories(dep::tensorflow SYSTEM INTERFACE "${headers}")
target_link_libraries(dep::tensorflow INTERFACE ${files})
