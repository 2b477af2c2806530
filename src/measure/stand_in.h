// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// For tests: engines without processes, whose behaviour a test writes down.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "verify/session.h"

namespace bakeoff::measure {

struct Behaviour {
  std::vector<TensorSpec> inputs = {{"x", DType::kF32, {kFree, 4}}};
  float scale = 1;  // answers are the first input times this, and times the option `part`
  int64_t latency_ns = 1000;
  std::string fail_at;  // "start", "load", "infer", "measure", "profile"
  ErrorCode code = ErrorCode::kEngineFailed;
};

// Hands out sessions by the executable's name, and remembers what was asked.
class StandIn {
 public:
  std::map<std::string, Behaviour> engines;
  std::vector<std::string> log;  // "a load b2", "a infer", "a measure"

  verify::StartSession Start() {
    return [this](const worker::SpawnOptions& options) -> std::unique_ptr<verify::Session> {
      Fail(engines.at(options.executable), "start");
      return std::make_unique<StandInSession>(*this, options.executable);
    };
  }

  static void Fail(const Behaviour& behaviour, const std::string& where) {
    if (behaviour.fail_at == where) throw Error(behaviour.code, where + " failed on purpose");
  }

 private:
  class StandInSession final : public verify::Session {
   public:
    StandInSession(StandIn& owner, std::string name)
        : owner_(owner), name_(std::move(name)), behaviour_(owner.engines.at(name_)) {}
    worker::LoadReply Load(const worker::LoadRequest& request, std::chrono::milliseconds) override {
      owner_.log.push_back(name_ + " load b" + std::to_string(request.batch));
      if (request.engine_options.contains("part")) behaviour_.scale *= std::stof(request.engine_options.at("part"));
      Fail(behaviour_, "load");
      if (request.profile) owner_.log.push_back(name_ + " profiled");
      return {.inputs = behaviour_.inputs,
              .outputs = behaviour_.inputs,
              .effective = {{"threads", request.threads}},
              .load_ns = 5,
              .peak_rss_bytes = 100};
    }
    worker::InferReply Infer(const std::vector<worker::NamedTensor>& inputs, std::chrono::milliseconds) override {
      owner_.log.push_back(name_ + " infer");
      Fail(behaviour_, "infer");
      worker::NamedTensor output = inputs.at(0);
      output.name = "y";
      auto* values = reinterpret_cast<float*>(output.data.data());
      for (size_t i = 0; i < output.data.size() / sizeof(float); ++i) values[i] *= behaviour_.scale;
      return {.outputs = {output}, .run_ns = 7, .peak_rss_bytes = 200};
    }
    worker::MeasureReply Measure(const Json& plan, const std::vector<worker::NamedTensor>&, std::chrono::milliseconds,
                                 const worker::Worker::Progress&) override {
      owner_.log.push_back(name_ + " measure");
      Fail(behaviour_, "measure");
      const auto count = plan.at("count").get<int64_t>();
      worker::MeasureReply reply;
      reply.result = {{"stop_reason", "count"},
                      {"wall_ns", count * behaviour_.latency_ns},
                      {"cpu_ns", count * behaviour_.latency_ns / 2},
                      {"sample_buffer_bytes", 50}};
      reply.latency_ns.assign(static_cast<size_t>(count), behaviour_.latency_ns);
      reply.peak_rss_bytes = 350;
      return reply;
    }
    worker::ProfileReply Profile(int64_t count, std::chrono::nanoseconds, const std::vector<worker::NamedTensor>&,
                                 std::chrono::milliseconds) override {
      owner_.log.push_back(name_ + " profile");
      Fail(behaviour_, "profile");
      worker::ProfileReply reply{.source = "the stand-in",
                                 .inferences = count,
                                 .wall_ns = std::vector<int64_t>(static_cast<size_t>(count), 50),
                                 .operators = {{"a", "Conv", "f32", "CPU"}, {"b", "Relu", "", ""}},
                                 .events = {}};
      for (int64_t run = 1; run <= count; ++run) {
        reply.events.push_back({.op = 0, .run = run, .begin_ns = 100 * run, .time_ns = 30, .thread = 1});
        reply.events.push_back({.op = 1, .run = run, .begin_ns = 100 * run + 30, .time_ns = 10, .thread = 1});
      }
      return reply;
    }
    void Bye() override {}

   private:
    StandIn& owner_;
    std::string name_;
    Behaviour behaviour_;
  };
};

inline worker::EngineEntryStatus Present(const std::string& name, bool for_testing = false,
                                         std::vector<FormatId> reads = {"onnx"}) {
  worker::EngineEntryStatus entry{
      .name = name, .status = worker::EngineStatus::kPresent, .reason = "", .executable = name, .info = {}};
  entry.info.name = name;
  entry.info.version = "1";
  entry.info.reads = std::move(reads);
  entry.info.for_testing = for_testing;
  entry.info.options = {{"mode", "", "", "fast|slow"}, {"level", "", "", ""}, {.name = "part", .selects = true}};
  return entry;
}

}  // namespace bakeoff::measure
