// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Means over all inferences, turned into the mean of those that count.
#include "openvino_profile.h"

#include <algorithm>
#include <chrono>

#include "core/text.h"

namespace bakeoff {
namespace {

// "brgconv_avx2_f32" or "jit_avx2_FP32": kernel and type that it computed in.
struct Kernel {
  std::string name, precision;
};
Kernel KernelOf(const std::string& exec_type) {
  static const std::map<std::string, std::string> kTypes = {
      {"fp32", "f32"}, {"f32", "f32"}, {"fp16", "f16"}, {"f16", "f16"}, {"bf16", "bf16"}, {"fp64", "f64"},
      {"i8", "i8"},    {"u8", "u8"},   {"i16", "i16"},  {"i32", "i32"}, {"i64", "i64"},   {"bool", "bool"}};
  const size_t last = exec_type.rfind('_');
  const auto type = kTypes.find(core::Lower(last == std::string::npos ? exec_type : exec_type.substr(last + 1)));
  if (type == kTypes.end()) return {exec_type, ""};
  return {last == std::string::npos ? "" : exec_type.substr(0, last), type->second};
}

// "features.1.conv+features.1.add" for the nodes of the model that were made one; its own name where there are none.
std::string NameOf(const std::string& own, const std::string& originals) {
  std::vector<std::string> names = core::Split(originals, ',');
  if (names.size() > 1) std::erase(names, own);
  return names.empty() ? own : core::Join(names, "+");
}

int64_t Ns(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

}  // namespace

OpenVinoProfiler::OpenVinoProfiler(std::shared_ptr<Profile> profile, const ov::CompiledModel& model)
    : profile_(std::move(profile)) {
  try {
    for (const auto& node : model.get_runtime_model()->get_ops()) {
      const ov::RTMap& facts = node->get_rt_info();
      const auto originals = facts.find("originalLayersNames");
      if (originals == facts.end()) continue;
      names_[node->get_friendly_name()] = NameOf(node->get_friendly_name(), originals->second.as<std::string>());
    }
  } catch (const std::exception&) {  // devices such as AUTO have no execution graph: its nodes' own names then
  }
}

void OpenVinoProfiler::After(const ov::InferRequest& request) {
  ++inferences_;
  const bool counts = profile_->run > 0;
  if (!counts) before_ = inferences_;
  size_t place = 0;
  for (const ov::ProfilingInfo& info : request.get_profiling_info()) {
    if (place == nodes_.size()) {
      const Kernel kernel = KernelOf(info.exec_type);
      const auto name = names_.find(info.node_name);
      nodes_.push_back({.op = {.name = name == names_.end() ? info.node_name : name->second,
                               .type = info.node_type,
                               .precision = kernel.precision,
                               .provider = kernel.name},
                        .begin_ns = {}});
    }
    Node& node = nodes_[place++];
    node.mean_ns = Ns(info.real_time);
    // A node whose mean falls below a microsecond is said not to have run from then on.
    node.ran = node.ran || info.status == ov::ProfilingInfo::Status::EXECUTED;
    if (!counts) node.mean_before_ns = node.mean_ns;
    if (counts) node.begin_ns.push_back(info.start_time.count() > 0 ? Ns(info.start_time) : -1);
  }
}

OpenVinoProfiler::~OpenVinoProfiler() {
  const int64_t counted = inferences_ - before_;
  for (int64_t run = 1; run <= counted; ++run) {
    for (const Node& node : nodes_) {
      if (!node.ran || static_cast<int64_t>(node.begin_ns.size()) != counted) continue;
      OperatorRun op = node.op;
      op.run = run;
      op.begin_ns = node.begin_ns[static_cast<size_t>(run - 1)];
      op.time_ns = std::max<int64_t>((node.mean_ns * inferences_ - node.mean_before_ns * before_) / counted, 0);
      profile_->operators.push_back(std::move(op));
    }
  }
}

}  // namespace bakeoff
