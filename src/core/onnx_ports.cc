// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Walks the protobuf wire format of an ONNX model as far as the names, types and shapes at its edges.
//
// Field numbers are those of onnx.proto: ModelProto.graph 7; GraphProto node 1, initializer 5, input 11, output 12,
// sparse_initializer 15; TensorProto name 8, external_data 13;
// StringStringEntryProto key 1, value 2; ValueInfoProto name 1, type 2; TypeProto.tensor_type 1; its elem_type 1,
// shape 2; TensorShapeProto.dim 1; its dim_value 1, dim_param 2.
#include "core/onnx_ports.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "bakeoff/error.h"
#include "core/wire_format.h"

namespace bakeoff::core {
namespace {

constexpr const char* kDamaged = "not an ONNX model, or cut short";

// One message: Next() gives its fields in order, and what is broken throws.
class Message {
 public:
  explicit Message(std::string_view bytes) : fields_(bytes) {}

  std::optional<WireField> Next() {
    const auto field = fields_.Next();
    if (fields_.damaged()) throw Error(ErrorCode::kInvalidModel, kDamaged);
    return field;
  }

 private:
  WireMessage fields_;
};

DType TypeOf(uint64_t onnx_type, const std::string& name) {
  switch (onnx_type) {  // TensorProto.DataType
    case 1:
      return DType::kF32;
    case 2:
      return DType::kU8;
    case 3:
      return DType::kI8;
    case 5:
      return DType::kI16;
    case 6:
      return DType::kI32;
    case 7:
      return DType::kI64;
    case 9:
      return DType::kBool;
    case 10:
      return DType::kF16;
    case 11:
      return DType::kF64;
    case 16:
      return DType::kBF16;
    default:
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("'{}' has ONNX element type {}, which Bakeoff does not carry", name, onnx_type));
  }
}

// An input or output, with what its axes are called.
struct Edge {
  TensorSpec spec;
  bool has_shape = false;
  std::vector<std::string> axes;
};

void ReadShape(std::string_view bytes, Edge& edge) {
  edge.has_shape = true;
  edge.spec.shape.clear();
  edge.axes.clear();
  Message dims(bytes);
  while (const auto dim = dims.Next()) {
    if (dim->number != 1) continue;
    int64_t extent = kFree;
    std::string name;
    Message parts(dim->bytes);
    while (const auto part = parts.Next()) {
      if (part->number == 1) extent = static_cast<int64_t>(part->value);
      if (part->number == 2) name = part->bytes;
    }
    edge.spec.shape.push_back(extent);
    edge.axes.push_back(extent == kFree ? name : "");
  }
}

Edge EdgeOf(std::string_view bytes) {
  Edge edge;
  TensorSpec& spec = edge.spec;
  std::string_view tensor;
  Message value(bytes);
  while (const auto field = value.Next()) {
    if (field->number == 1) spec.name = field->bytes;
    if (field->number != 2) continue;
    Message type(field->bytes);
    while (const auto kind = type.Next()) {
      if (kind->number == 1) tensor = kind->bytes;
    }
  }
  if (tensor.empty())
    throw Error(ErrorCode::kUnsupported, fmt::format("'{}' is no tensor (a sequence, map or optional)", spec.name));
  uint64_t element = 0;
  Message parts(tensor);
  while (const auto part = parts.Next()) {
    if (part->number == 1) element = part->value;
    if (part->number == 2) ReadShape(part->bytes, edge);
  }
  spec.type = TypeOf(element, spec.name);
  return edge;
}

// The name of an initializer; the file that holds its data, if it is not the model itself, joins `files`.
std::string NameOf(std::string_view tensor, std::vector<std::string>& files) {
  std::string name;
  Message fields(tensor);
  while (const auto field = fields.Next()) {
    if (field->number == 8) name = field->bytes;
    if (field->number != 13) continue;
    std::string key, value;
    Message entry(field->bytes);
    while (const auto part = entry.Next()) (part->number == 1 ? key : value) = part->bytes;
    if (key == "location" && std::find(files.begin(), files.end(), value) == files.end()) files.push_back(value);
  }
  return name;
}

OnnxPorts Read(std::string_view model) {
  OnnxPorts ports;
  std::set<std::string> filled;
  bool has_graph = false;
  Message fields(model);
  while (const auto field = fields.Next()) {
    if (field->number != 7) continue;
    has_graph = true;
    Message graph(field->bytes);
    while (const auto part = graph.Next()) {
      if (part->number == 5) filled.insert(NameOf(part->bytes, ports.weight_files));
      if (part->number == 11) {
        Edge edge = EdgeOf(part->bytes);
        if (!edge.has_shape) ports.rankless.push_back(edge.spec.name);
        ports.axes[edge.spec.name] = std::move(edge.axes);
        ports.inputs.push_back(std::move(edge.spec));
      }
      if (part->number == 12) ports.outputs.push_back(EdgeOf(part->bytes).spec);
    }
  }
  if (!has_graph || ports.outputs.empty()) throw Error(ErrorCode::kInvalidModel, kDamaged);
  std::erase_if(ports.inputs, [&](const TensorSpec& input) { return filled.contains(input.name); });
  std::erase_if(ports.rankless, [&](const std::string& name) { return filled.contains(name); });
  return ports;
}

}  // namespace

OnnxPorts ReadOnnxPorts(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    const int why = errno;
    throw Error(why == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable, path + ": " + std::strerror(why));
  }
  struct stat about{};
  const bool empty = fstat(file, &about) != 0 || about.st_size == 0;
  const auto size = static_cast<size_t>(about.st_size);
  void* bytes = empty ? MAP_FAILED : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED)
    throw Error(ErrorCode::kInvalidModel, path + ": " + (empty ? "the file is empty" : "cannot be mapped"));
  struct Unmap {
    void* bytes;
    size_t size;
    ~Unmap() { munmap(bytes, size); }
  } unmap{bytes, size};
  try {
    return Read({static_cast<const char*>(bytes), size});
  } catch (const Error& error) {
    throw error.With(path);
  }
}

void NeedWeightFiles(const std::string& path, const OnnxPorts& ports) {
  for (const std::string& file : ports.weight_files) {
    if (std::filesystem::exists(std::filesystem::path(path).parent_path() / file)) continue;
    throw Error(
        ErrorCode::kNotFound,
        fmt::format("{}: its weights are in '{}', which does not lie beside it; bring that file too", path, file));
  }
}

}  // namespace bakeoff::core
