// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Answers the host's requests one after the other on the main thread, and holds the session and its requests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bakeoff/engine.h"
#include "worker/runner/connection.h"
#include "worker/runner/request_loop.h"
#include "worker/runner/request_pool.h"

namespace bakeoff::worker {

class Server {
 public:
  Server(const EngineEntry& engine, EngineInfo info, Connection& connection)
      : engine_(engine), info_(std::move(info)), connection_(connection) {}

  // Until `bye`, which has been answered when this returns. An exception of a request becomes its error reply.
  void Run();

 private:
  Reply Answer(const std::string& op, int64_t id, Frame& frame);
  Reply Load(const Json& head);
  Reply Census(const Json& head) const;
  Reply Infer(Frame& frame);
  Reply Measure(int64_t id, Frame& frame);
  Reply ProfileRuns(Frame& frame);
  void PlaceOutputs(const Json& where, Reply& reply);
  void Unload();
  void NeedSession(const char* op) const;

  const EngineEntry& engine_;
  EngineInfo info_;
  Connection& connection_;
  SessionOptions options_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<RequestPool> pool_;  // destroyed before the session
};

}  // namespace bakeoff::worker
