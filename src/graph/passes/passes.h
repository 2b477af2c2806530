// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Passes: rewrites of a graph that keep what it computes. One file each; the list below is the one place that knows
// them all.
#pragma once

#include <span>
#include <string_view>

#include "graph/model.h"

namespace bakeoff::graph {

// Of ai.onnx: before it, operators mean other things (Squeeze, Softmax, ...).
inline constexpr int64_t kOldestOpset = 13;

struct Pass {
  std::string_view name;  // "constant-folding"
  std::string_view summary;
  // Returns whether it changed anything. Leaves the graph sorted and valid; shapes of new values may be unknown.
  bool (*run)(Model& model);
};

// In the order in which RunPasses() applies them.
std::span<const Pass> Passes();

// Applies all passes, with shape inference in between, until none changes anything. Throws Error{kUnsupported} for an
// opset below kOldestOpset (see UpgradeOpset()); kInternal where passes undo each other for ever.
void RunPasses(Model& model);

bool RemoveDeadCode(Model& model);
bool RemoveIdentities(Model& model);
bool FoldConstants(Model& model);
bool FoldBatchNorms(Model& model);
bool CancelMovement(Model& model);
bool ExpandEinsums(Model& model);

}  // namespace bakeoff::graph
