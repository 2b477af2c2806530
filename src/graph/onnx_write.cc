// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Writes an ONNX file: the small messages by protobuf, the weights straight from where they lie.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/scratch.h"
#include "graph/onnx.h"
#include "graph/onnx_proto.h"

namespace bakeoff::graph {
namespace {

namespace fs = std::filesystem;

// Protobuf refuses messages of 2 GiB; this leaves room for everything that is no weight.
constexpr uint64_t kMaxInlineBytes = 1'900'000'000;
// Below this, external data costs more than it saves.
constexpr size_t kMinExternalBytes = 1024;
constexpr uint64_t kSmallAlignment = 64;
constexpr uint64_t kPageAlignment = 4096;  // lets readers map large tensors one by one
constexpr uint64_t kLargeTensor = 1 << 20;

// Field numbers of onnx.proto, all of wire type 2 (length, then bytes).
constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5;
constexpr int kTensorRawData = 9;

// A file that takes its name only when it is whole.
class PendingFile {
 public:
  explicit PendingFile(fs::path target)
      : target_(std::move(target)), temporary_(target_.string() + fmt::format(".tmp{}", getpid())) {
    fd_ = open(temporary_.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) Fail("cannot create");
  }
  ~PendingFile() {
    if (fd_ >= 0) close(fd_);
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void Write(std::span<const std::byte> data) {
    while (!data.empty()) {
      const ssize_t written = write(fd_, data.data(), data.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) Fail("cannot write");
      data = data.subspan(static_cast<size_t>(written));
      size_ += static_cast<uint64_t>(written);
    }
  }
  void Write(const std::string& text) { Write(std::as_bytes(std::span(text))); }
  void Close() {
    if (fsync(fd_) != 0) Fail("cannot write");
    const int result = close(fd_);
    fd_ = -1;
    if (result != 0) Fail("cannot write");
  }
  void Commit() {
    if (rename(temporary_.path().c_str(), target_.c_str()) != 0) Fail("cannot rename to");
    temporary_.Release();
  }
  uint64_t size() const { return size_; }

 private:
  [[noreturn]] void Fail(const char* what) {
    throw Error(ErrorCode::kUnavailable, fmt::format("{} {}: {}", what, target_.string(), core::WriteFailure(errno)));
  }

  fs::path target_;
  core::ScratchFile temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes += static_cast<char>(value);
}

std::string FieldStart(int field, uint64_t length) {
  return Varint(static_cast<uint64_t>(field) << 3 | 2) + Varint(length);
}

// One initializer in its encoded form: field start, header, and the weights that follow it.
struct Encoded {
  std::string head;
  const Bytes* body = nullptr;
  uint64_t size() const { return head.size() + (body ? body->size() : 0); }
};

Encoded EncodeInline(const Value& value) {
  const Tensor& tensor = *value.constant();
  std::string header = TensorHeader(value.name(), tensor).SerializeAsString();
  if (tensor.type == ElementType::kString) return {FieldStart(kGraphInitializer, header.size()) + header};
  header += FieldStart(kTensorRawData, tensor.bytes.size());
  return {FieldStart(kGraphInitializer, header.size() + tensor.bytes.size()) + header, &tensor.bytes};
}

Encoded EncodeExternal(const Value& value, const fs::path& location, PendingFile& data) {
  const Tensor& tensor = *value.constant();
  const uint64_t alignment = tensor.bytes.size() >= kLargeTensor ? kPageAlignment : kSmallAlignment;
  data.Write(std::string((alignment - data.size() % alignment) % alignment, '\0'));
  auto proto = TensorHeader(value.name(), tensor);
  proto.set_data_location(::onnx::TensorProto::EXTERNAL);
  const auto add = [&proto](const char* key, const std::string& text) {
    auto& entry = *proto.add_external_data();
    entry.set_key(key);
    entry.set_value(text);
  };
  add("location", location.string());
  add("offset", std::to_string(data.size()));
  add("length", std::to_string(tensor.bytes.size()));
  data.Write(tensor.bytes.span());
  const std::string header = proto.SerializeAsString();
  return {FieldStart(kGraphInitializer, header.size()) + header};
}

uint64_t ConstantBytes(const Graph& graph) {
  uint64_t sum = 0;
  for (const Value& value : graph.values()) {
    if (value.constant()) sum += value.constant()->bytes.size();
  }
  return sum;
}

}  // namespace

void WriteOnnx(const Model& model, const fs::path& path, const WriteOptions& options) {
  const bool external = options.external_data == ExternalData::kAlways || ConstantBytes(model.graph) > kMaxInlineBytes;
  const fs::path location = path.filename().string() + ".data";
  std::optional<PendingFile> data;
  if (external) data.emplace(path.parent_path() / location);

  std::vector<Encoded> constants;
  for (const Value& value : model.graph.values()) {
    if (!value.constant()) continue;
    const bool outside = external && value.constant()->bytes.size() >= kMinExternalBytes;
    constants.push_back(outside ? EncodeExternal(value, location, *data) : EncodeInline(value));
  }
  // Protobuf takes the fields of a message in any order, so the weights may follow the rest of the graph.
  ::onnx::ModelProto proto = ToProto(model, Constants::kLeftOut);
  const std::string graph = proto.graph().SerializeAsString();
  proto.clear_graph();
  // Fields with numbers above the graph's come behind it: a runtime that guesses formats from the first fields gives up
  // at a repeated one (two domains) before the graph.
  ::onnx::ModelProto behind;
  behind.mutable_opset_import()->Swap(proto.mutable_opset_import());
  behind.mutable_metadata_props()->Swap(proto.mutable_metadata_props());
  behind.mutable_functions()->Swap(proto.mutable_functions());
  uint64_t graph_size = graph.size();
  for (const Encoded& constant : constants) graph_size += constant.size();

  PendingFile file(path);
  file.Write(proto.SerializeAsString() + FieldStart(kModelGraph, graph_size) + graph);
  for (const Encoded& constant : constants) {
    file.Write(constant.head);
    if (constant.body) file.Write(constant.body->span());
  }
  file.Write(behind.SerializeAsString());
  file.Close();
  if (data) {
    data->Close();
    data->Commit();
  }
  file.Commit();
}

}  // namespace bakeoff::graph
