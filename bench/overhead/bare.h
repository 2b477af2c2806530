// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A bare loop on one runtime's own API, to compare our engine file with. Each runtime gives one function, LoadBare();
// the rest of the program is bare_main.cc. bare_python.py is both for the baselines in Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace bakeoff::bench {

struct BareJob {
  std::string model;
  int threads = 1;
  std::vector<int64_t> shape;  // of the only input, for formats that do not tell it
};

struct BareModel {
  std::vector<std::span<float>> inputs;  // the runtime's own buffers, in the model's order, for a batch of 1
  std::function<void()> run;             // one inference: the only thing that is timed
  std::shared_ptr<void> owner;           // keeps all of it alive
};

// Loads the model with the settings that our engine uses by default: the same threads, level, precision and kind of
// buffers.
BareModel LoadBare(const BareJob& job);

// The same numbers for both sides: the input with this index.
inline std::vector<float> SeededInput(size_t index, size_t count) {
  std::mt19937 random(static_cast<uint32_t>(index) + 1);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random() / 2147483648.0 - 1);
  return values;
}

}  // namespace bakeoff::bench
