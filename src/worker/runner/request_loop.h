// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The loop of every worker: one request after the other on the main thread, each answered with a reply or an error.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "worker/runner/connection.h"

namespace bakeoff::worker {

struct Reply {
  Json ok = Json::object();
  std::vector<std::string> names;
  Tensors views;
  std::vector<int64_t> samples;     // what a view may point into
  std::vector<NamedTensor> placed;  // instead of names and views: tensors that lie in shared memory
};

using AnswerRequest = std::function<Reply(const std::string& op, int64_t id, Frame& frame)>;

// Until `bye`, which has been answered when this returns; `end` runs before that answer. An Error of a request becomes
// its error reply; other exceptions become one with the code `unexpected`.
void AnswerRequests(Connection& connection, ErrorCode unexpected, const AnswerRequest& answer,
                    const std::function<void()>& end);

}  // namespace bakeoff::worker
