// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The list of passes and the loop that applies them.
#include "graph/passes/passes.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "graph/onnx.h"

namespace bakeoff::graph {
namespace {

// Every round shortens the graph or turns computed values into constants, so real models settle within a few.
constexpr int kMaxRounds = 100;

constexpr Pass kPasses[] = {
    {"identity-removal", "nodes that hand on their input: Identity, Dropout, Cast to the same type, Concat of one",
     RemoveIdentities},
    {"constant-folding", "nodes whose inputs are constant, and sizes that are known from shapes", FoldConstants},
    {"batch-norm-folding", "BatchNormalization behind a convolution becomes part of its weights", FoldBatchNorms},
    {"einsum-expansion", "Einsum of two factors that is a matrix product becomes MatMul", ExpandEinsums},
    {"movement-cancelling", "chains of Transpose and of Reshape become one, or none", CancelMovement},
    {"dead-code", "nodes and constants that no output needs", RemoveDeadCode},
};

}  // namespace

std::span<const Pass> Passes() {
  return kPasses;
}

void RunPasses(Model& model) {
  if (model.Opset() < kOldestOpset) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("opset {} of ai.onnx; rewriting needs {} or newer", model.Opset(), kOldestOpset));
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    InferShapes(model, Inference::kLenient);
    bool changed = false;
    for (const Pass& pass : kPasses) changed |= pass.run(model);
    if (!changed) {
      model.graph.Validate();
      return;
    }
  }
  throw Error(ErrorCode::kInternal, fmt::format("the passes did not settle after {} rounds", kMaxRounds));
}

}  // namespace bakeoff::graph
