// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The pass, and its operators as a table with one line of numbers for each time that one ran.
#include "worker/runner/profile_pass.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "bakeoff/error.h"
#include "worker/runner/request_fields.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

ProfilePlan ProfilePlanFromJson(const Json& head) {
  const RequestFields fields("profile");
  const Json& json = fields.Object(head, "plan");
  ProfilePlan plan;
  plan.warmup = fields.Int(json, "warmup", plan.warmup, 0, 1'000'000);
  plan.count = fields.Int(json, "count", plan.count, 1, 1'000'000);
  plan.duration_ns = fields.Int(json, "duration_ns", plan.duration_ns, 1, int64_t{1} << 53);
  return plan;
}

ProfiledRuns RunProfiled(const ProfilePlan& plan, FilledRequest& filled, bool inputs_consumed,
                         const std::atomic<bool>& cancelled, Profile& profile) {
  ProfiledRuns done;
  const auto over = [&](int64_t begin) {
    return cancelled.load(std::memory_order_relaxed) || NowNs() - begin >= plan.duration_ns;
  };
  const auto run = [&](int64_t number) {
    if (inputs_consumed) filled.Fill();
    profile.run = number;
    const int64_t begin = NowNs();
    filled.request().Run();
    return NowNs() - begin;
  };
  const int64_t warm_begin = NowNs();
  for (int64_t i = 0; i < plan.warmup && !over(warm_begin); ++i) run(0);
  const int64_t begin = NowNs();
  do {
    done.wall_ns.push_back(run(static_cast<int64_t>(done.wall_ns.size()) + 1));
  } while (static_cast<int64_t>(done.wall_ns.size()) < plan.count && !over(begin));
  return done;
}

Reply ProfileReplyOf(const Profile& profile, const ProfiledRuns& runs, const std::string& source) {
  Reply reply;
  Json operators = Json::array();
  std::map<std::tuple<std::string, std::string, std::string, std::string>, int64_t> places;
  constexpr int64_t kNumbers = 5;
  const auto count = static_cast<int64_t>(runs.wall_ns.size());
  for (const OperatorRun& op : profile.operators) {
    if (op.run < 1 || op.run > count) continue;
    const auto [place, fresh] =
        places.try_emplace({op.name, op.type, op.precision, op.provider}, static_cast<int64_t>(places.size()));
    if (fresh) {
      operators.push_back(
          {{"name", op.name}, {"type", op.type}, {"precision", op.precision}, {"provider", op.provider}});
    }
    reply.samples.insert(reply.samples.end(), {place->second, op.run, op.begin_ns, op.time_ns, op.thread});
  }
  if (operators.empty())
    throw Error(ErrorCode::kEngineFailed, fmt::format("{} told of no operator in {} inferences", source, count));
  reply.ok["profile"] = {
      {"source", source}, {"inferences", count}, {"wall_ns", runs.wall_ns}, {"operators", std::move(operators)}};
  reply.names.push_back("events");
  reply.views.push_back(
      View(DType::kI64, {static_cast<int64_t>(reply.samples.size()) / kNumbers, kNumbers}, reply.samples.data()));
  return reply;
}

}  // namespace bakeoff::worker
