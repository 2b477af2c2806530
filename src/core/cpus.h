// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which CPUs a process may use, and which of them a smaller budget takes.
#pragma once

#include <vector>

namespace bakeoff::core {

// The CPUs in this process's affinity mask, ascending. Never empty.
std::vector<int> AllowedCpus();

// `count` of `allowed`, ascending: first one of each physical core, then second hardware threads, so that a budget of N
// threads gets N cores where there are N. All of them when there are no more than `count`. The same call gives the same
// answer.
std::vector<int> PickCpus(const std::vector<int>& allowed, int count);

// Restricts the calling thread, and those it makes from now on. Throws Error{kUnavailable}.
void SetCpus(const std::vector<int>& cpus);

}  // namespace bakeoff::core
