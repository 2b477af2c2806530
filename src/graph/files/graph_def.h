// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// GraphDef messages (frozen graphs, and the graphs and functions of a SavedModel) as they are stored, without weights.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/tensor.h"

namespace bakeoff::graph {

// Element types by their numbers in the file. `bytes` is 0 for types that are no numbers.
struct DefType {
  int number;
  const char* name;
  int bytes;
  bool whole;      // int32, int64 and bool: shapes, axes, conditions; no weights
  bool quantised;  // qint8 ...
};
// nullptr for a number that is not known. Reference types count as what they refer to.
const DefType* FindDefType(int number);
std::string DefTypeName(int number);

struct DefShape {
  std::optional<Shape> extents;  // absent: the rank is open
};

// A constant: its type, shape, and the numbers of a whole type where there are few of them.
struct DefTensor {
  int type = 0;
  DefShape shape;
  std::vector<int64_t> values;  // empty for more than kMostValues, and for other types
};

struct DefAttribute {
  std::string text;  // bytes
  std::optional<int64_t> number;
  int type = 0;
  std::optional<DefShape> shape;
  std::optional<DefTensor> tensor;
  std::string function;
  std::vector<int64_t> numbers;
  std::vector<DefShape> shapes;
};

struct DefNode {
  std::string name, op;
  std::vector<std::string> inputs;  // "node", "node:1", in functions "node:output:0"; "^node" only for order
  std::map<std::string, DefAttribute, std::less<>> attributes;

  int64_t Number(std::string_view attribute, int64_t otherwise) const;
  std::string Text(std::string_view attribute) const;
  const DefAttribute* Find(std::string_view attribute) const;
};

struct DefFunction {
  std::string name;
  std::vector<std::string> arguments, results;
  std::vector<DefNode> nodes;
  std::map<std::string, std::string> returns;  // result -> "node:output:0"
};

struct DefPort {
  std::string name, tensor;  // of the signature; "node:0"
  int type = 0;
  DefShape shape;
};

struct DefSignature {
  std::vector<DefPort> inputs, outputs;  // sorted by name
};

struct GraphDef {
  std::vector<DefNode> nodes;
  std::map<std::string, DefFunction, std::less<>> functions;
  std::optional<int64_t> producer;  // version of the graph's operators
  // Of a SavedModel only.
  std::vector<std::string> tags;
  std::string library_version;
  std::map<std::string, DefSignature> signatures;
};

// Both throw Error{kInvalidModel} saying what is broken; the file's name is the caller's to add.
GraphDef ParseGraphDef(std::string_view bytes);
// The graphs of a saved_model.pb.
std::vector<GraphDef> ParseSavedModel(std::string_view bytes);

}  // namespace bakeoff::graph
