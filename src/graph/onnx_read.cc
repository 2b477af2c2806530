// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads an ONNX file.
#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "bakeoff/error.h"
#include "graph/onnx.h"
#include "graph/onnx_proto.h"
#include "onnx/checker.h"
#include "onnx/inliner/inliner.h"

namespace bakeoff::graph {
namespace {

// More nodes than any real network: functions that call each other twice per level would otherwise fill the memory.
constexpr uint64_t kMaxInlinedNodes = 1'000'000;

::onnx::ModelProto ParseFile(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    throw Error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                fmt::format("cannot be opened: {}", std::strerror(errno)));
  }
  google::protobuf::io::FileInputStream stream(fd);
  stream.SetCloseOnDelete(true);
  struct stat info{};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) throw Error(ErrorCode::kUnavailable, "is not a regular file");
  if (info.st_size == 0) throw Error(ErrorCode::kInvalidModel, "the file is empty");
  if (info.st_size > std::numeric_limits<int32_t>::max()) {
    throw Error(ErrorCode::kUnsupported,
                "the file is larger than 2 GiB, which ONNX files cannot be; weights belong into external data");
  }
  // The library's own complaints would go to stderr without the file's name.
  google::protobuf::SetLogHandler(nullptr);
  ::onnx::ModelProto proto;
  if (!proto.ParseFromZeroCopyStream(&stream)) {
    if (stream.GetErrno() != 0)
      throw Error(ErrorCode::kUnavailable, fmt::format("cannot be read: {}", std::strerror(stream.GetErrno())));
    throw Error(ErrorCode::kInvalidModel, "no whole ONNX model: the file is truncated, damaged or of another format");
  }
  if (!proto.has_graph() || proto.ir_version() <= 0 || (proto.opset_import_size() == 0 && proto.ir_version() >= 3)) {
    throw Error(ErrorCode::kInvalidModel, "no ONNX model: it lacks a graph, an IR version or an opset");
  }
  return proto;
}

using Functions = std::unordered_map<std::string, const ::onnx::FunctionProto*>;
using Sizes = std::unordered_map<std::string, uint64_t>;

template <typename Nodes>
uint64_t InlinedSize(const Nodes& nodes, const Functions& functions, Sizes& known) {
  uint64_t sum = 0;
  for (const ::onnx::NodeProto& node : nodes) {
    const std::string key = node.domain() + ":" + node.op_type();
    uint64_t size = 1;
    if (const auto function = functions.find(key); function != functions.end()) {
      auto [slot, fresh] = known.emplace(key, 0);
      if (fresh) known[key] = InlinedSize(function->second->node(), functions, known);
      size = known[key];
    }
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) size += InlinedSize(attribute.g().node(), functions, known);
      for (const auto& body : attribute.graphs()) size += InlinedSize(body.node(), functions, known);
    }
    sum += size;
    if (sum > kMaxInlinedNodes)
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("its functions expand to more than {} nodes", kMaxInlinedNodes));
  }
  return sum;
}

void InlineFunctions(::onnx::ModelProto& proto) {
  if (proto.functions_size() == 0) return;
  try {
    ::onnx::checker::check_function_call_cycles(proto);
    Functions functions;
    for (const auto& function : proto.functions())
      functions.emplace(function.domain() + ":" + function.name(), &function);
    Sizes known;
    InlinedSize(proto.graph().node(), functions, known);
    ::onnx::inliner::InlineLocalFunctions(proto);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("its functions cannot be expanded: {}", error.what()));
  }
}

}  // namespace

Model ReadOnnx(const std::filesystem::path& path) {
  try {
    ::onnx::ModelProto proto = ParseFile(path);
    InlineFunctions(proto);
    return FromProto(std::move(proto), path.parent_path());
  } catch (const Error& error) {
    throw error.With(path.string());
  }
}

}  // namespace bakeoff::graph
