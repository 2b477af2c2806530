// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Work of nothing: what is left of a measurement is what measuring costs.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "bakeoff/engine.h"
#include "bakeoff/json.h"
#include "worker/runner/scenario.h"

namespace bakeoff::bench {

// The engine `null` with one input of one value.
class NoOp {
 public:
  NoOp();
  // One measurement by our own scenarios.
  worker::Measured Run(const Json& plan);
  // For another harness to call.
  Request& request() { return *request_; }

 private:
  std::unique_ptr<Session> session_;
  std::vector<worker::NamedTensor> tensors_;
  worker::RequestPool pool_;
  std::unique_ptr<Request> request_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace bakeoff::bench
