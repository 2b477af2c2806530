// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Our side of bench/loader, in a process of its own so that its memory is its own.
#pragma once

#include <string>

namespace bakeoff::bench {

struct Work {
  std::string data, recipe;  // "train": random resized crop and flip; "evaluate": short side 256, centre 224
  int workers = 0;
  int batch = 32;
};

// Answers the lines that peer.py answers.
int Serve(const Work& work);

}  // namespace bakeoff::bench
