// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Checks inputs against the model before an engine sees them: runtimes differ in what they make of a wrong one.
#include "worker/runner/request_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "bakeoff/error.h"
#include "core/shapes.h"
#include "core/text.h"

namespace bakeoff::worker {
std::vector<Input> MatchInputs(const std::vector<TensorSpec>& specs, const std::vector<NamedTensor>& tensors,
                               SharedMemory& shared) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : specs) names.push_back(spec.name);
  std::vector<Input> matched(specs.size());
  for (const NamedTensor& tensor : tensors) {
    const auto at = std::find(names.begin(), names.end(), tensor.name);
    if (at == names.end()) {
      throw Error(ErrorCode::kUsage, fmt::format("the model has no input '{}'{}; it has: {}", tensor.name,
                                                 core::DidYouMean(tensor.name, names), core::Join(names, ", ")));
    }
    const auto index = static_cast<size_t>(at - names.begin());
    if (matched[index].tensor) throw Error(ErrorCode::kUsage, fmt::format("input '{}' was given twice", tensor.name));
    const TensorSpec& spec = specs[index];
    if (tensor.type != spec.type) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("input '{}' is {}, not {}", tensor.name, DTypeName(spec.type), DTypeName(tensor.type)));
    }
    core::CheckShapes({spec}, {{tensor.name, tensor.shape}});
    matched[index].tensor = &tensor;
    if (tensor.shm_offset) {
      const uint64_t bytes = static_cast<uint64_t>(ElementCount(tensor.shape)) * DTypeSize(tensor.type);
      matched[index].bytes = shared.At(*tensor.shm_offset, bytes, tensor.name);
    } else {
      matched[index].bytes = tensor.data;
    }
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    if (!matched[i].tensor) throw Error(ErrorCode::kUsage, fmt::format("input '{}' is missing", specs[i].name));
  }
  return matched;
}

FilledRequest::FilledRequest(Request& request, const std::vector<Input>& inputs)
    : request_(&request), inputs_(inputs), buffers_(request.Inputs()) {
  if (buffers_.size() != inputs_.size()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("the engine has buffers for {} inputs, the model has {}", buffers_.size(), inputs_.size()));
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (buffers_[i].bytes == inputs_[i].bytes.size()) continue;
    throw Error(ErrorCode::kInternal, fmt::format("the engine's buffer for input '{}' has {} bytes, the tensor {}",
                                                  inputs_[i].tensor->name, buffers_[i].bytes, inputs_[i].bytes.size()));
  }
  Fill();
}

void FilledRequest::Fill() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (buffers_[i].bytes > 0) std::memcpy(buffers_[i].data, inputs_[i].bytes.data(), buffers_[i].bytes);
  }
}

std::vector<FilledRequest> RequestPool::Filled(const std::vector<Input>& inputs, int count) {
  std::map<std::string, Shape> shapes;
  for (const Input& input : inputs) shapes[input.tensor->name] = input.tensor->shape;
  if (shapes != shapes_) {
    requests_.clear();
    shapes_ = std::move(shapes);
  }
  while (requests_.size() < static_cast<size_t>(count)) requests_.push_back(session_.NewRequest(shapes_));
  // Requests that this call does not need would hold memory that the measurement then counts.
  requests_.resize(static_cast<size_t>(count));
  std::vector<FilledRequest> filled;
  filled.reserve(requests_.size());
  for (const auto& request : requests_) filled.emplace_back(*request, inputs);
  return filled;
}

}  // namespace bakeoff::worker
