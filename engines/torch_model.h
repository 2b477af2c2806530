// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the LibTorch engine and the hop from TorchScript both need: reading programs, their inputs, types and words.
#pragma once

#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff {

at::ScalarType TorchType(DType type);
// Throws Error{kUnsupported} naming the tensor for a type that Bakeoff does not carry.
DType OurType(at::ScalarType type, const std::string& name);

// What an exception says, without LibTorch's backtrace.
std::string TorchWords(const std::exception& error);

// Runs `body` and turns LibTorch's exceptions into ours: `what` says what was being done.
template <typename Body>
auto Guarded(ErrorCode code, const std::string& what, Body body) {
  try {
    return body();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(code, fmt::format("{}: {}", what, core::Brief(TorchWords(error))));
  }
}

// Puts the program into evaluation mode. Throws Error: kInvalidModel, kUnsupported naming an operator that is not
// there.
torch::jit::Module ReadTorchScript(const std::string& path);

// The names of the program's tensor arguments that have no default. Throws Error{kUnsupported} for one of another kind.
std::vector<std::string> TorchInputNames(const torch::jit::Module& module, const Artifact& artifact);

// The program's tensor arguments, with shape and type from whoever knows them: `types`, the artifact's description,
// `shapes` ("" names an only input), whose first extent becomes free. Throws Error{kUsage} for an input whose shape
// nobody tells, and for names that the program does not have.
std::vector<TensorSpec> TorchInputs(const torch::jit::Module& module, const Artifact& artifact,
                                    const std::map<std::string, Shape>& shapes,
                                    const std::map<std::string, DType>& types);

// The tensors in a result, with names: dictionaries bring theirs, everything else is numbered.
void FlattenTensors(const c10::IValue& value, const std::string& name,
                    std::vector<std::pair<std::string, at::Tensor>>& out);

// What the results of one run with these shapes say about the outputs. The names are the artifact's where it describes
// as many; an extent equal to the batch follows it, as far as one run can tell.
std::vector<TensorSpec> TorchOutputs(const std::vector<std::pair<std::string, at::Tensor>>& results,
                                     const std::map<std::string, Shape>& shapes, const Artifact& artifact);

}  // namespace bakeoff
