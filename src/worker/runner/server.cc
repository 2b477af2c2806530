// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The operations of the protocol, as docs/architecture.md specifies them.
#include "worker/runner/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "bakeoff/error.h"
#include "core/shapes.h"
#include "worker/runner/artifact_cache.h"
#include "worker/runner/load_request.h"
#include "worker/runner/meter_passes.h"
#include "worker/runner/process_facts.h"
#include "worker/runner/profile_pass.h"
#include "worker/runner/request_fields.h"
#include "worker/runner/scenario.h"
#include "worker/runner/timed_loop.h"
#include "worker/runner/worker_main.h"

namespace bakeoff::worker {

void Server::Run() {
  AnswerRequests(
      connection_, ErrorCode::kEngineFailed,
      [this](const std::string& op, int64_t id, Frame& frame) { return Answer(op, id, frame); }, [this] { Unload(); });
}

Reply Server::Answer(const std::string& op, int64_t id, Frame& frame) {
  if (op == "describe") {
    Reply reply;
    reply.ok["info"] = DescriptionJson(info_);
    return reply;
  }
  if (op == "load") return Load(frame.head);
  if (op == "census") return Census(frame.head);
  if (op == "infer") return Infer(frame);
  if (op == "measure") return Measure(id, frame);
  if (op == "profile") return ProfileRuns(frame);
  if (op == "unload") {
    Unload();
    return {};
  }
  if (op == "have") return {.ok = ArtifactCache::Usual().Have(frame.head)};
  if (op == "put") {
    ArtifactCache::Usual().Put(frame.head, frame.tensors);
    return {};
  }
  throw Error(ErrorCode::kUnsupported, fmt::format("this worker does not know the operation '{}'", op));
}

Reply Server::Load(const Json& head) {
  Unload();
  const Artifact artifact = ArtifactFromJson(head, info_);
  options_ = SessionOptionsFromJson(head, info_);
  const int64_t start = NowNs();
  std::unique_ptr<Session> session = engine_.load(artifact, options_);
  const int64_t load_ns = NowNs() - start;
  if (!session) throw Error(ErrorCode::kInternal, fmt::format("{} returned no session", info_.name));
  NeedAllRead(info_.name, options_.engine);
  Reply reply;
  const std::vector<TensorSpec> inputs = session->Inputs();
  // An engine that needs no shapes to compile may not have asked: contradictions must come out here all the same.
  const std::map<std::string, Shape> shapes = core::CompleteShapes(inputs, options_.shapes, options_.batch);
  core::CheckShapes(inputs, shapes);
  reply.ok["inputs"] = Json::array();
  for (const TensorSpec& spec : inputs) reply.ok["inputs"].push_back(ToJson(spec));
  reply.ok["outputs"] = Json::array();
  for (const TensorSpec& spec : session->Outputs()) reply.ok["outputs"].push_back(ToJson(spec));
  reply.ok["shapes"] = shapes;
  reply.ok["effective"] = session->Effective();
  reply.ok["effective"]["process"] = ProcessFacts();
  reply.ok["load_ns"] = load_ns;
  reply.ok["memory_use"] = MemoryUseJson();
  session_ = std::move(session);
  pool_ = std::make_unique<RequestPool>(*session_);
  return reply;
}

Reply Server::Census(const Json& head) const {
  const Artifact artifact = ArtifactFromJson(head, info_);
  const SessionOptions options = SessionOptionsFromJson(head, info_);
  if (!engine_.census || std::ranges::find(info_.census, artifact.format) == info_.census.end()) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{} takes no files of the format {} apart", info_.name, artifact.format));
  }
  return {.ok = engine_.census(artifact, options)};
}

Reply Server::Infer(Frame& frame) {
  NeedSession("infer");
  const auto inputs = MatchInputs(session_->Inputs(), frame.tensors, connection_.shared());
  std::vector<FilledRequest> filled = pool_->Filled(inputs, std::max(pool_->size(), 1));
  Request& request = filled[0].request();
  const int64_t start = NowNs();
  try {
    request.Run();
  } catch (const Error& error) {
    throw error.With("inference");
  }
  Reply reply;
  reply.ok["run_ns"] = NowNs() - start;
  reply.views = request.Outputs();
  const std::vector<TensorSpec> outputs = session_->Outputs();
  if (reply.views.size() != outputs.size()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{} gave {} outputs, the model has {}", info_.name, reply.views.size(), outputs.size()));
  }
  for (const TensorSpec& spec : outputs) reply.names.push_back(spec.name);
  if (const auto where = frame.head.find("reply_shm"); where != frame.head.end()) PlaceOutputs(*where, reply);
  return reply;
}

// Puts the outputs where the host has room for them; where they do not fit they travel in the frame.
void Server::PlaceOutputs(const Json& where, Reply& reply) {
  constexpr uint64_t kAlignment = 64;
  if (!where.is_object() || !where.value("offset", Json()).is_number_unsigned() ||
      !where.value("bytes", Json()).is_number_unsigned()) {
    throw Error(ErrorCode::kUsage, "infer: 'reply_shm' must have 'offset' and 'bytes'");
  }
  const uint64_t offset = where["offset"].get<uint64_t>();
  const std::span<std::byte> room = connection_.shared().At(offset, where["bytes"].get<uint64_t>(), "reply_shm");
  uint64_t at = 0;
  std::vector<NamedTensor> placed;
  for (size_t i = 0; i < reply.views.size(); ++i) {
    const TensorView& view = reply.views[i];
    if (at > room.size() || view.bytes > room.size() - at) return;
    if (view.bytes > 0) std::memcpy(room.data() + at, view.data, view.bytes);
    placed.push_back({reply.names[i], view.type, view.shape, {}, offset + at});
    at += (view.bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  reply.placed = std::move(placed);
}

Reply Server::Measure(int64_t id, Frame& frame) {
  NeedSession("measure");
  const Plan plan = PlanFromJson(frame.head.value("plan", Json()));
  const auto inputs = MatchInputs(session_->Inputs(), frame.tensors, connection_.shared());
  Scene scene;
  scene.requests = [&](int count) { return pool_->Filled(inputs, count); };
  scene.streams = options_.streams;
  scene.inputs_consumed = session_->Effective().value("inputs_consumed", false);
  scene.cancelled = &connection_.cancelled();
  scene.progress = [&](std::string_view phase, int64_t runs, int64_t elapsed_ns) {
    connection_.Send({{"id", id}, {"event", "progress"}, {"phase", phase}, {"runs", runs}, {"elapsed_ns", elapsed_ns}});
  };
  const Json first = MemoryUseJson();
  Measured measured = RunScenario(plan, scene);
  // Of the scenario, not of the passes that follow.
  const auto peak = PeakMemoryBytes();
  if (measured.result["stop_reason"] != StopReasonName(StopReason::kCancelled)) {
    measured.result["memory_first"] = first;
    // An eighth of the timed part, at most a second.
    const auto wall_ns = measured.result["wall_ns"].get<int64_t>();
    // What has been measured stands, whatever happens in passes that come after it.
    const auto pass = [&](const char* name, const std::function<Json()>& make) {
      try {
        measured.result[name] = make();
      } catch (const std::exception& error) {
        measured.result[name] = {{"reason", fmt::format("unavailable, because the pass failed: {}", error.what())}};
      }
    };
    pass("memory_growth", [&] { return MemoryGrowth(scene, std::min<int64_t>(wall_ns / 8, 1'000'000'000)); });
    pass("energy", [&] { return MeasureEnergy(plan, scene); });
  }
  Reply reply;
  reply.ok["result"] = std::move(measured.result);
  if (peak) reply.ok["memory"] = {{"peak_rss_bytes", *peak}};
  reply.samples = std::move(measured.latency_ns);
  reply.names.push_back("latency_ns");
  reply.views.push_back(View(DType::kI64, {static_cast<int64_t>(reply.samples.size())}, reply.samples.data()));
  return reply;
}

Reply Server::ProfileRuns(Frame& frame) {
  NeedSession("profile");
  if (!options_.profile) throw Error(ErrorCode::kUsage, "profile: the model was loaded without \"profile\": true");
  const ProfilePlan plan = ProfilePlanFromJson(frame.head);
  const auto inputs = MatchInputs(session_->Inputs(), frame.tensors, connection_.shared());
  FilledRequest filled = pool_->Filled(inputs, 1)[0];
  const ProfiledRuns runs = RunProfiled(plan, filled, session_->Effective().value("inputs_consumed", false),
                                        connection_.cancelled(), *options_.profile);
  // Some runtimes tell at the end of the session only.
  Unload();
  return ProfileReplyOf(*options_.profile, runs, info_.profile);
}

void Server::Unload() {
  pool_.reset();
  session_.reset();
}

void Server::NeedSession(const char* op) const {
  if (!session_) throw Error(ErrorCode::kUsage, fmt::format("{}: no model is loaded", op));
}

}  // namespace bakeoff::worker
