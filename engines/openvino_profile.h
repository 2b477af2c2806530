// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenVINO's performance counters, which are means over all inferences since the model was compiled.
#pragma once

#include <map>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "bakeoff/engine.h"

namespace bakeoff {

// Of a model compiled with PERF_COUNT. After() comes after each inference; what it learnt is in the profile when the
// object is gone.
class OpenVinoProfiler {
 public:
  OpenVinoProfiler(std::shared_ptr<Profile> profile, const ov::CompiledModel& model);
  ~OpenVinoProfiler();
  OpenVinoProfiler(const OpenVinoProfiler&) = delete;
  OpenVinoProfiler& operator=(const OpenVinoProfiler&) = delete;

  void After(const ov::InferRequest& request);

 private:
  struct Node {
    OperatorRun op;                 // but for what differs from one inference to the next
    bool ran = false;               // in any inference
    int64_t mean_ns = 0;            // over all inferences
    int64_t mean_before_ns = 0;     // over those before the first that counts
    std::vector<int64_t> begin_ns;  // of those that count; -1: not told
  };

  std::shared_ptr<Profile> profile_;
  std::map<std::string, std::string> names_;  // of the execution graph's nodes: those of the model
  std::vector<Node> nodes_;                   // in the runtime's order, which stays the same
  int64_t inferences_ = 0, before_ = 0;
};

}  // namespace bakeoff
