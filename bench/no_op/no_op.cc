// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Loads the engine `null`, and sets the scene for it.
#include "no_op/no_op.h"

namespace bakeoff::bench {
namespace {

std::unique_ptr<Session> Load() {
  SessionOptions options;
  options.engine = OptionValues("null", TheEngine().describe().options, {{"shapes", "1x1"}});
  return TheEngine().load({}, std::move(options));
}

}  // namespace

NoOp::NoOp()
    : session_(Load()),
      tensors_{{"input", DType::kF32, {1, 1}, std::vector<std::byte>(4)}},
      pool_(*session_),
      request_(session_->NewRequest({{"input", {1, 1}}})) {}

worker::Measured NoOp::Run(const Json& plan) {
  worker::SharedMemory shared;
  worker::Scene scene;
  scene.requests = [&](int requests) {
    return pool_.Filled(worker::MatchInputs(session_->Inputs(), tensors_, shared), requests);
  };
  scene.cancelled = &cancelled_;
  scene.progress = [](std::string_view, int64_t, int64_t) {};
  return worker::RunScenario(worker::PlanFromJson(plan), scene);
}

}  // namespace bakeoff::bench
