// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Parses GraphDef and SavedModel messages by their field numbers (graph.proto, node_def.proto, attr_value.proto,
// function.proto, meta_graph.proto and saved_model.proto of the format).
#include "graph/files/graph_def.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "bakeoff/error.h"
#include "core/wire_format.h"
#include "graph/files/facts.h"

namespace bakeoff::graph {
namespace {

constexpr size_t kMostValues = 64;  // more than any shape or list of axes has
constexpr int kReferences = 100;    // added to a type's number by variables of the first generation

constexpr DefType kTypes[] = {
    {1, "f32", 4, false, false},   {2, "f64", 8, false, false},      {3, "i32", 4, true, false},
    {4, "u8", 1, false, false},    {5, "i16", 2, false, false},      {6, "i8", 1, false, false},
    {7, "string", 0, true, false}, {8, "c64", 8, false, false},      {9, "i64", 8, true, false},
    {10, "bool", 1, true, false},  {11, "qi8", 1, false, true},      {12, "qu8", 1, false, true},
    {13, "qi32", 4, false, true},  {14, "bf16", 2, false, false},    {15, "qi16", 2, false, true},
    {16, "qu16", 2, false, true},  {17, "u16", 2, false, false},     {18, "c128", 16, false, false},
    {19, "f16", 2, false, false},  {20, "resource", 0, true, false}, {21, "variant", 0, true, false},
    {22, "u32", 4, true, false},   {23, "u64", 8, true, false}};
constexpr int kI32 = 3, kI64 = 9;

// Calls visit(field) for every field; a broken message throws.
template <typename Visit>
void Fields(std::string_view bytes, const char* what, Visit visit) {
  core::WireMessage message(bytes);
  while (const auto field = message.Next()) visit(*field);
  if (message.damaged()) throw Error(ErrorCode::kInvalidModel, fmt::format("damaged or cut short, in {}", what));
}

// A repeated number: one at a time, or packed.
void Numbers(const core::WireField& field, std::vector<int64_t>& numbers) {
  if (field.bytes.data() == nullptr) {
    numbers.push_back(static_cast<int64_t>(field.value));
    return;
  }
  core::WireMessage packed(field.bytes);
  while (!packed.AtEnd()) {
    const auto number = packed.Varint();
    if (!number) throw Error(ErrorCode::kInvalidModel, "damaged or cut short, in a list of numbers");
    numbers.push_back(static_cast<int64_t>(*number));
  }
}

DefShape ParseShape(std::string_view bytes) {
  DefShape shape{Shape{}};
  bool open = false;
  Fields(bytes, "a shape", [&](const core::WireField& field) {
    if (field.number == 3) open = field.value != 0;
    if (field.number != 2) return;
    int64_t extent = 0;
    Fields(field.bytes, "a shape", [&](const core::WireField& part) {
      if (part.number == 1) extent = static_cast<int64_t>(part.value);
    });
    shape.extents->push_back(extent < 0 ? kFree : extent);
  });
  if (open) shape.extents.reset();
  return shape;
}

void ReadValues(std::string_view content, std::vector<int64_t> listed, DefTensor& tensor) {
  const auto count = tensor.shape.extents ? CheckedProduct(*tensor.shape.extents) : std::nullopt;
  if (!count || *count < 1 || static_cast<size_t>(*count) > kMostValues) return;
  const auto wanted = static_cast<size_t>(*count);
  const size_t size = tensor.type == kI32 ? sizeof(int32_t) : sizeof(int64_t);
  if (content.size() == wanted * size) {
    for (size_t i = 0; i < wanted; ++i) {
      int64_t value = 0;
      int32_t narrow = 0;
      std::memcpy(size == sizeof(narrow) ? static_cast<void*>(&narrow) : &value, content.data() + i * size, size);
      tensor.values.push_back(size == sizeof(narrow) ? narrow : value);
    }
  } else if (content.empty() && listed.size() <= wanted) {
    // The last number stands for all that follow; none at all are zeros.
    listed.resize(wanted, listed.empty() ? 0 : listed.back());
    tensor.values = std::move(listed);
  }
}

DefTensor ParseTensor(std::string_view bytes) {
  DefTensor tensor{0, DefShape{Shape{}}, {}};
  std::string_view content;
  std::vector<int64_t> listed;
  Fields(bytes, "a constant", [&](const core::WireField& field) {
    if (field.number == 1) tensor.type = static_cast<int>(field.value);
    if (field.number == 2) tensor.shape = ParseShape(field.bytes);
    if (field.number == 4) content = field.bytes;
    if (field.number == 7 || field.number == 10) Numbers(field, listed);
  });
  if (tensor.type == kI32 || tensor.type == kI64) ReadValues(content, std::move(listed), tensor);
  return tensor;
}

std::string FunctionName(std::string_view bytes) {
  std::string name;
  Fields(bytes, "an attribute", [&](const core::WireField& field) {
    if (field.number == 1) name = field.bytes;
  });
  return name;
}

DefAttribute ParseAttribute(std::string_view bytes) {
  DefAttribute attribute;
  Fields(bytes, "an attribute", [&](const core::WireField& field) {
    if (field.number == 1) {
      Fields(field.bytes, "an attribute", [&](const core::WireField& item) {
        if (item.number == 3) Numbers(item, attribute.numbers);
        if (item.number == 7) attribute.shapes.push_back(ParseShape(item.bytes));
      });
    }
    if (field.number == 2) attribute.text = field.bytes;
    if (field.number == 3 || field.number == 5) attribute.number = static_cast<int64_t>(field.value);
    if (field.number == 6) attribute.type = static_cast<int>(field.value);
    if (field.number == 7) attribute.shape = ParseShape(field.bytes);
    if (field.number == 8) attribute.tensor = ParseTensor(field.bytes);
    if (field.number == 10) attribute.function = FunctionName(field.bytes);
  });
  return attribute;
}

// An entry of a map: key 1, value 2.
template <typename Put>
void Entry(std::string_view bytes, Put put) {
  std::string key;
  std::string_view value;
  Fields(bytes, "a map", [&](const core::WireField& field) {
    if (field.number == 1) key = field.bytes;
    if (field.number == 2) value = field.bytes;
  });
  put(std::move(key), value);
}

DefNode ParseNode(std::string_view bytes) {
  DefNode node;
  Fields(bytes, "a node", [&](const core::WireField& field) {
    if (field.number == 1) node.name = field.bytes;
    if (field.number == 2) node.op = field.bytes;
    if (field.number == 3) node.inputs.emplace_back(field.bytes);
    if (field.number == 5)
      Entry(field.bytes,
            [&](std::string key, std::string_view value) { node.attributes[std::move(key)] = ParseAttribute(value); });
  });
  if (node.name.empty() || node.op.empty())
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("damaged: node '{}' has no {}", node.name, node.name.empty() ? "name" : "operator"));
  return node;
}

DefFunction ParseFunction(std::string_view bytes) {
  DefFunction function;
  const auto argument = [](std::string_view text, std::vector<std::string>& names) {
    Fields(text, "a function's signature", [&](const core::WireField& field) {
      if (field.number == 1) names.emplace_back(field.bytes);
    });
  };
  Fields(bytes, "a function", [&](const core::WireField& field) {
    if (field.number == 1) {
      Fields(field.bytes, "a function's signature", [&](const core::WireField& part) {
        if (part.number == 1) function.name = part.bytes;
        if (part.number == 2) argument(part.bytes, function.arguments);
        if (part.number == 3) argument(part.bytes, function.results);
      });
    }
    if (field.number == 3) function.nodes.push_back(ParseNode(field.bytes));
    if (field.number == 4)
      Entry(field.bytes, [&](std::string key, std::string_view value) { function.returns[std::move(key)] = value; });
  });
  return function;
}

std::vector<DefPort> SortedPorts(std::vector<DefPort> ports) {
  std::ranges::sort(ports, {}, &DefPort::name);
  return ports;
}

DefPort ParsePort(std::string name, std::string_view bytes) {
  DefPort port{.name = std::move(name), .tensor = {}, .type = 0, .shape = {}};
  Fields(bytes, "a signature", [&](const core::WireField& field) {
    if (field.number == 1) port.tensor = field.bytes;
    if (field.number == 2) port.type = static_cast<int>(field.value);
    if (field.number == 3) port.shape = ParseShape(field.bytes);
  });
  return port;
}

DefSignature ParseSignature(std::string_view bytes) {
  DefSignature signature;
  Fields(bytes, "a signature", [&](const core::WireField& field) {
    if (field.number != 1 && field.number != 2) return;
    Entry(field.bytes, [&](std::string key, std::string_view value) {
      (field.number == 1 ? signature.inputs : signature.outputs).push_back(ParsePort(std::move(key), value));
    });
  });
  signature.inputs = SortedPorts(std::move(signature.inputs));
  signature.outputs = SortedPorts(std::move(signature.outputs));
  return signature;
}

GraphDef ParseMetaGraph(std::string_view bytes) {
  GraphDef graph;
  std::vector<std::string> tags;
  std::string version;
  std::map<std::string, DefSignature> signatures;
  Fields(bytes, "a graph of the SavedModel", [&](const core::WireField& field) {
    if (field.number == 1) {
      Fields(field.bytes, "a graph's description", [&](const core::WireField& part) {
        if (part.number == 4) tags.emplace_back(part.bytes);
        if (part.number == 5) version = part.bytes;
      });
    }
    if (field.number == 2) graph = ParseGraphDef(field.bytes);
    if (field.number == 5)
      Entry(field.bytes,
            [&](std::string key, std::string_view value) { signatures[std::move(key)] = ParseSignature(value); });
  });
  graph.tags = std::move(tags);
  graph.library_version = std::move(version);
  graph.signatures = std::move(signatures);
  return graph;
}

}  // namespace

const DefType* FindDefType(int number) {
  const auto* row = std::ranges::find(kTypes, number > kReferences ? number - kReferences : number, &DefType::number);
  return row == std::end(kTypes) ? nullptr : row;
}

std::string DefTypeName(int number) {
  const DefType* type = FindDefType(number);
  return type ? type->name : fmt::format("type {}", number);
}

const DefAttribute* DefNode::Find(std::string_view attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? nullptr : &found->second;
}

int64_t DefNode::Number(std::string_view attribute, int64_t otherwise) const {
  const DefAttribute* found = Find(attribute);
  return found ? found->number.value_or(otherwise) : otherwise;
}

std::string DefNode::Text(std::string_view attribute) const {
  const DefAttribute* found = Find(attribute);
  return found ? found->text : "";
}

GraphDef ParseGraphDef(std::string_view bytes) {
  GraphDef graph;
  Fields(bytes, "the graph", [&](const core::WireField& field) {
    if (field.number == 1) graph.nodes.push_back(ParseNode(field.bytes));
    if (field.number == 2) {
      Fields(field.bytes, "the functions", [&](const core::WireField& part) {
        if (part.number != 1) return;
        DefFunction function = ParseFunction(part.bytes);
        graph.functions[function.name] = std::move(function);
      });
    }
    if (field.number == 4) {
      Fields(field.bytes, "the graph's version", [&](const core::WireField& part) {
        if (part.number == 1) graph.producer = static_cast<int64_t>(part.value);
      });
    }
  });
  return graph;
}

std::vector<GraphDef> ParseSavedModel(std::string_view bytes) {
  std::vector<GraphDef> graphs;
  Fields(bytes, "the SavedModel", [&](const core::WireField& field) {
    if (field.number == 2) graphs.push_back(ParseMetaGraph(field.bytes));
  });
  return graphs;
}

}  // namespace bakeoff::graph
