// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A node that calls a function lasts as long as the nodes of the function, which are listed themselves: it is left out.
#include "tensorflow_profile.h"

#include <tensorflow/core/framework/step_stats.pb.h>
#include <tensorflow/core/protobuf/config.pb.h>

#include <algorithm>
#include <string>

#include "bakeoff/error.h"

namespace bakeoff {
namespace {

// "conv/Conv2D = Conv2D(x, w)"
std::string TypeOf(const std::string& label) {
  const size_t equals = label.find(" = ");
  if (equals == std::string::npos) return "";
  return label.substr(equals + 3, label.find('(', equals) - equals - 3);
}

bool CallsFunctions(const std::string& type) {
  return type.ends_with("PartitionedCall") || type.ends_with("While") || type.ends_with("If") || type.ends_with("Case");
}

std::string PrecisionOf(const tensorflow::NodeExecStats& node) {
  if (node.output_size() == 0) return "";
  switch (node.output(0).tensor_description().dtype()) {
    case tensorflow::DT_FLOAT:
      return "f32";
    case tensorflow::DT_DOUBLE:
      return "f64";
    case tensorflow::DT_HALF:
      return "f16";
    case tensorflow::DT_BFLOAT16:
      return "bf16";
    case tensorflow::DT_INT8:
    case tensorflow::DT_QINT8:
      return "i8";
    case tensorflow::DT_UINT8:
    case tensorflow::DT_QUINT8:
      return "u8";
    case tensorflow::DT_INT32:
      return "i32";
    case tensorflow::DT_INT64:
      return "i64";
    default:
      return "";
  }
}

}  // namespace

const TF_Buffer* TracingRunOptions() {
  static const TF_Buffer* buffer = [] {
    tensorflow::RunOptions options;
    options.set_trace_level(tensorflow::RunOptions::FULL_TRACE);
    const std::string bytes = options.SerializeAsString();
    return TF_NewBufferFromString(bytes.data(), bytes.size());
  }();
  return buffer;
}

void TensorFlowProfile(const TF_Buffer& metadata, Profile& profile) {
  tensorflow::RunMetadata run;
  if (!run.ParseFromArray(metadata.data, static_cast<int>(metadata.length)))
    throw Error(ErrorCode::kEngineFailed, "TensorFlow gave run metadata that its own classes cannot read");
  for (const auto& device : run.step_stats().dev_stats()) {
    // "/job:localhost/replica:0/task:0/device:CPU:0"
    const std::string& path = device.device();
    const std::string name = path.substr(path.rfind("device:") == std::string::npos ? 0 : path.rfind("device:") + 7);
    for (const auto& node : device.node_stats()) {
      const std::string type = TypeOf(node.timeline_label());
      if (type.empty() || CallsFunctions(type) || type == "NoOp") continue;
      const int64_t begin = node.all_start_nanos() + node.op_start_rel_nanos();
      profile.operators.push_back({.run = profile.run,
                                   .name = node.node_name(),
                                   .type = type,
                                   .begin_ns = begin,
                                   .time_ns = std::max<int64_t>(node.op_end_rel_nanos() - node.op_start_rel_nanos(), 0),
                                   .thread = node.thread_id(),
                                   .precision = PrecisionOf(node),
                                   .provider = name});
    }
  }
}

}  // namespace bakeoff
