// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What all fuzz targets share: a reader may refuse its input with an Error that tells what is wrong, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>

#include "bakeoff/error.h"

namespace bakeoff::fuzz {

// Ends the process, which libFuzzer reports as a crash with the input that led to it.
inline void Demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

// Runs `read`. An exception of another type ends the process by itself: main() would have no words for it.
template <typename Read>
int MayRefuse(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal) std::fprintf(stderr, "fuzz: %s\n", error.what());
    Demand(error.code() != ErrorCode::kInternal, "broken input was called a bug of ours");
    Demand(!error.text().empty(), "a refusal without words");
  }
  return 0;
}

// The input as a file of the current folder, which run.sh makes for each target.
inline std::string AsFile(std::span<const uint8_t> input, const char* name) {
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
  file.close();
  Demand(file.good(), "the input could not be written to the current folder");
  return name;
}

}  // namespace bakeoff::fuzz
