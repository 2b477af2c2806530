# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# BAKEOFF_PYTHON_keras: the interpreter of the virtual environment with TensorFlow and Keras, from KERAS_ROOT or the set-up.
set(root "${BAKEOFF_DEP_keras}")
if(NOT "$ENV{KERAS_ROOT}" STREQUAL "")
  set(root "$ENV{KERAS_ROOT}")
endif()
if(KERAS_ROOT)
  set(root "${KERAS_ROOT}")
endif()
if(NOT root)
  bakeoff_missing_dep(keras)
  return()
endif()

# A link to an interpreter that the machine no longer has is no file.
set(BAKEOFF_PYTHON_keras "${root}/bin/python")
if(NOT EXISTS "${BAKEOFF_PYTHON_keras}")
  set(BAKEOFF_DEP_MISSING "${root} holds no bin/python that works; run: deps/setup.sh --engines keras")
endif()
