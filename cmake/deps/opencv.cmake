# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# dep::opencv: OpenCV's dnn module with what it needs, from OPENCV_ROOT or the set-up.
if(TARGET dep::opencv)
  return()
endif()

set(root "${BAKEOFF_DEP_opencv}")
if(NOT "$ENV{OPENCV_ROOT}" STREQUAL "")
  set(root "$ENV{OPENCV_ROOT}")
endif()
if(OPENCV_ROOT)
  set(root "${OPENCV_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(opencv)
  return()
endif()

find_path(headers opencv2/dnn.hpp HINTS "${root}/include" PATH_SUFFIXES opencv4 NO_DEFAULT_PATH NO_CACHE)
set(files "")
foreach(name opencv_dnn opencv_imgproc opencv_core)
  find_library(library_${name} NAMES ${name} HINTS "${root}/lib" NO_DEFAULT_PATH NO_CACHE)
  list(APPEND files "${library_${name}}")
endforeach()
if(NOT headers OR "${files}" MATCHES "NOTFOUND")
  set(BAKEOFF_DEP_MISSING "${root} holds no lib/libopencv_dnn.so, _imgproc and _core with include/opencv2/dnn.hpp")
  return()
endif()
# OpenCV's own libraries carry the run path of the machine that built them, and with it the loader ignores our program's for
# what they need. So our program itself names all of them as needed, openblas and its Fortran library too where they come along.
foreach(name libquadmath.so.0 libgfortran.so.5 libopenblas.so.0)
  if(EXISTS "${root}/lib/${name}")
    list(APPEND files "${root}/lib/${name}")
  endif()
endforeach()

add_library(dep::opencv INTERFACE IMPORTED GLOBAL)
target_include_directories(dep::opencv SYSTEM INTERFACE "${headers}")
target_link_libraries(dep::opencv INTERFACE "-Wl,--push-state,--no-as-needed" ${files} "-Wl,--pop-state")
# The linker looks for what a library needs only here, not in its run path.
target_link_options(dep::opencv INTERFACE "-Wl,-rpath-link,${root}/lib")
