# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# bakeoff_flatbuffer_schema(NAME FOLDER [flag...]): the target bakeoff_<NAME>_schema with "FOLDER/schema_generated.h", which flatc
# makes from the current folder's schema.fbs.
find_program(BAKEOFF_FLATC flatc REQUIRED)
function(bakeoff_flatbuffer_schema name folder)
  set(include "${CMAKE_CURRENT_BINARY_DIR}/include")
  set(header "${include}/${folder}/schema_generated.h")
  add_custom_command(OUTPUT "${header}"
    COMMAND "${BAKEOFF_FLATC}" --cpp --scoped-enums ${ARGN} -o "${include}/${folder}" "${CMAKE_CURRENT_SOURCE_DIR}/schema.fbs"
    DEPENDS schema.fbs VERBATIM)
  add_custom_target(bakeoff_${name}_header DEPENDS "${header}")
  add_library(bakeoff_${name}_schema INTERFACE)
  target_include_directories(bakeoff_${name}_schema SYSTEM INTERFACE "${include}")
  add_dependencies(bakeoff_${name}_schema bakeoff_${name}_header)
endfunction()
