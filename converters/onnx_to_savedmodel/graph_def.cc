// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Field numbers are those of TensorFlow's .proto files: node_def, attr_value, tensor, meta_graph, saved_model.
#include "graph_def.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "bakeoff/error.h"
#include "core/files.h"

namespace bakeoff::to_savedmodel {
namespace {

using channels_last::StoredConstant;

// The version of GraphDef's rules that TensorFlow 2.0 wrote; the operators used have been the same since.
constexpr int64_t kProducer = 175;
constexpr uint64_t kMostBytes = (uint64_t{1} << 31) - 1;

Message ShapeMessage(std::span<const int32_t> extents) {
  Message shape;
  for (const int32_t extent : extents) shape.Nested(2, Message().Number(1, extent));
  return shape;
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Message PortMap(uint32_t field, std::span<const SignaturePort> ports) {
  Message map;
  for (const SignaturePort& port : ports) {
    const bool plain = port.tensor.find(':') == std::string::npos;
    Message info;
    info.Text(1, plain ? port.tensor + ":0" : port.tensor).Number(2, static_cast<int64_t>(port.type));
    info.Nested(3, ShapeMessage(port.extents));
    map.Nested(field, Message().Text(1, port.name).Nested(2, info));
  }
  return map;
}

// A file whose every failure throws.
class File {
 public:
  explicit File(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "wb")) {
    if (!file_) Fail();
  }
  ~File() {
    if (file_) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void Put(const void* data, size_t size) {
    if (size > 0 && std::fwrite(data, 1, size, file_) != size) Fail();
  }
  void Put(const std::string& text) { Put(text.data(), text.size()); }
  void Close() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) Fail();
  }

 private:
  [[noreturn]] void Fail() const {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: cannot write: {}", path_.string(), core::WriteFailure(errno)));
  }

  std::filesystem::path path_;
  std::FILE* file_;
};

}  // namespace

DataType TypeOf(channels_last::TensorType type) {
  using channels_last::TensorType;
  switch (type) {
    case TensorType::FLOAT32:
      return DataType::kF32;
    case TensorType::FLOAT64:
      return DataType::kF64;
    case TensorType::INT8:
      return DataType::kI8;
    case TensorType::UINT8:
      return DataType::kU8;
    case TensorType::INT16:
      return DataType::kI16;
    case TensorType::INT32:
      return DataType::kI32;
    case TensorType::INT64:
      return DataType::kI64;
    case TensorType::BOOL:
      return DataType::kBool;
    default:
      throw Error(ErrorCode::kInternal, fmt::format("no TensorFlow type for {}", tflite::EnumNameTensorType(type)));
  }
}

Attributes& Attributes::Add(std::string_view name, const Message& value) {
  entries_.Nested(5, Message().Text(1, name).Nested(2, value));
  return *this;
}

Attributes& Attributes::Ints(std::string_view name, std::span<const int64_t> values) {
  Message list;
  for (const int64_t value : values) list.Number(3, value);
  return Add(name, Message().Nested(1, list));
}

Attributes& Attributes::Shape(std::string_view name, std::span<const int32_t> extents) {
  return Add(name, Message().Nested(7, ShapeMessage(extents)));
}

std::string GraphDef::UniqueName(std::string_view wish) {
  std::string name(wish);
  for (char& c : name) {
    if (!IsPlain(c) && c != '_' && c != '.' && c != '/' && c != '-') c = '_';
  }
  if (name.empty() || (!IsPlain(name[0]) && name[0] != '.')) name = "n" + name;
  std::string result = name;
  for (size_t i = 1; !names_.insert(result).second; ++i) result = fmt::format("{}_{}", name, i);
  return result;
}

std::string GraphDef::Add(std::string_view op, std::string_view wish, const std::vector<std::string>& inputs,
                          const Attributes& attributes) {
  const std::string name = UniqueName(wish);
  Message node;
  node.Text(1, name).Text(2, op);
  for (const std::string& input : inputs) node.Text(3, input);
  nodes_.push_back({node.bytes() + attributes.entries().bytes(), nullptr});
  return name;
}

// The tensor's bytes come last in every message around them, so that all the others can be written before.
std::string GraphDef::AddConst(std::string_view wish, DataType type, StoredConstant constant) {
  const std::string name = UniqueName(wish);
  const uint64_t bytes = constant.Bytes();
  std::vector<int32_t> extents;
  for (const int64_t extent : constant.Extents()) extents.push_back(static_cast<int32_t>(extent));
  const Message tensor =
      Message().Number(1, static_cast<int64_t>(type)).Nested(2, ShapeMessage(extents)).Announce(4, bytes);
  const uint64_t tensor_bytes = tensor.bytes().size() + bytes;
  const Message value = Message().Announce(8, tensor_bytes);
  const uint64_t value_bytes = value.bytes().size() + tensor_bytes;
  const Message entry = Message().Text(1, "value").Announce(2, value_bytes);
  const uint64_t entry_bytes = entry.bytes().size() + value_bytes;
  const Message node = Message().Text(1, name).Text(2, "Const");
  const Message last = Message().Announce(5, entry_bytes);
  constants_.push_back(std::make_unique<StoredConstant>(std::move(constant)));
  nodes_.push_back({node.bytes() + Attributes().Type("dtype", type).entries().bytes() + last.bytes() + entry.bytes() +
                        value.bytes() + tensor.bytes(),
                    constants_.back().get()});
  return name;
}

void GraphDef::Write(const std::filesystem::path& folder, std::span<const SignaturePort> inputs,
                     std::span<const SignaturePort> outputs) const {
  const Message versions = Message().Nested(4, Message().Number(1, kProducer));
  uint64_t graph_bytes = versions.bytes().size();
  for (const NodeRow& node : nodes_) graph_bytes += Message().Announce(1, node.Bytes()).bytes().size() + node.Bytes();

  // Default values are left out of the nodes.
  const Message about = Message().Text(4, "serve").Number(7, 1);
  Message signature;
  const std::string ports = PortMap(1, inputs).bytes() + PortMap(2, outputs).bytes();
  const std::string method = Message().Text(3, "tensorflow/serving/predict").bytes();
  signature.Text(5, Message().Text(1, "serving_default").Text(2, ports + method).bytes());
  const Message front = Message().Nested(1, about), graph = Message().Announce(2, graph_bytes);
  const uint64_t meta_bytes = front.bytes().size() + graph.bytes().size() + graph_bytes + signature.bytes().size();
  const Message model = Message().Number(1, 1).Announce(2, meta_bytes);
  if (model.bytes().size() + meta_bytes > kMostBytes) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{} bytes with the weights in the graph; a SavedModel's graph holds less than 2 GB",
                            model.bytes().size() + meta_bytes));
  }
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  File file(folder / "saved_model.pb");
  file.Put(model.bytes() + front.bytes() + graph.bytes());
  std::vector<uint8_t> buffer;
  for (const NodeRow& node : nodes_) {
    file.Put(Message().Announce(1, node.Bytes()).bytes() + node.head);
    if (!node.payload) continue;
    if (node.payload->AsItLies()) {
      file.Put(node.payload->tensor.bytes.data(), node.payload->tensor.bytes.size());
      continue;
    }
    buffer.resize(node.payload->Bytes());
    node.payload->Fill(buffer.data());
    file.Put(buffer.data(), buffer.size());
  }
  file.Put(versions.bytes() + signature.bytes());
  file.Close();
}

}  // namespace bakeoff::to_savedmodel
