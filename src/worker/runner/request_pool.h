// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The requests of a session, made when needed and kept while the input shapes stay the same; and their inputs.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bakeoff/engine.h"
#include "worker/runner/shared_memory.h"
#include "worker/wire.h"

namespace bakeoff::worker {

// One input of a request: its description and where its bytes are (in the frame or in shared memory).
struct Input {
  const NamedTensor* tensor = nullptr;
  std::span<const std::byte> bytes;
};

// The tensors that came with `infer` or `measure`, in the order of the session's inputs. Throws Error{kUsage} for an
// input that is missing, unknown or there twice, or whose type or shape the model does not take, naming it.
std::vector<Input> MatchInputs(const std::vector<TensorSpec>& specs, const std::vector<NamedTensor>& tensors,
                               SharedMemory& shared);

// One request with the inputs that it is to run on.
class FilledRequest {
 public:
  // Throws Error{kInternal} where the engine's buffers are not as large as the inputs.
  FilledRequest(Request& request, const std::vector<Input>& inputs);
  void Fill();
  Request& request() { return *request_; }

 private:
  Request* request_;
  std::vector<Input> inputs_;
  Tensors buffers_;
};

class RequestPool {
 public:
  // `session` outlives the pool.
  explicit RequestPool(Session& session) : session_(session) {}

  // `count` requests for these inputs, filled. They and `inputs` stay valid until the next call.
  std::vector<FilledRequest> Filled(const std::vector<Input>& inputs, int count);
  int size() const { return static_cast<int>(requests_.size()); }

 private:
  Session& session_;
  std::map<std::string, Shape> shapes_;
  std::vector<std::unique_ptr<Request>> requests_;
};

}  // namespace bakeoff::worker
