// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Collects the nodes of a TensorFlow graph and writes them as a SavedModel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "converters/channels_last/program.h"
#include "proto_writer.h"

namespace bakeoff::to_savedmodel {

// tensorflow.DataType; the numbers are the format's.
enum class DataType : int64_t {
  kF32 = 1,
  kF64 = 2,
  kI32 = 3,
  kU8 = 4,
  kI16 = 5,
  kI8 = 6,
  kI64 = 9,
  kBool = 10,
  kF16 = 19
};

DataType TypeOf(channels_last::TensorType type);

// Attributes of a node. Those at their defaults may be left out.
class Attributes {
 public:
  Attributes& Type(std::string_view name, DataType type) {
    return Add(name, Message().Number(6, static_cast<int64_t>(type)));
  }
  Attributes& Int(std::string_view name, int64_t value) { return Add(name, Message().Number(3, value)); }
  Attributes& Float(std::string_view name, float value) { return Add(name, Message().Float(4, value)); }
  Attributes& Bool(std::string_view name, bool value) { return Add(name, Message().Number(5, value)); }
  Attributes& Text(std::string_view name, std::string_view text) { return Add(name, Message().Text(2, text)); }
  Attributes& Ints(std::string_view name, std::span<const int64_t> values);
  Attributes& Shape(std::string_view name, std::span<const int32_t> extents);

  const Message& entries() const { return entries_; }  // fields of a NodeDef

 private:
  Attributes& Add(std::string_view name, const Message& value);

  Message entries_;
};

// One input or output of the signature.
struct SignaturePort {
  std::string name;    // what users call it
  std::string tensor;  // "node" or "node:1"
  DataType type;
  std::vector<int32_t> extents;  // -1 for a free one
};

class GraphDef {
 public:
  // The node's final name: `wish` with what TensorFlow does not take replaced, and made unique.
  std::string Add(std::string_view op, std::string_view wish, const std::vector<std::string>& inputs,
                  const Attributes& attributes);
  // A Const node; the bytes are read when the file is written, so what they belong to must live until then.
  std::string AddConst(std::string_view wish, DataType type, channels_last::StoredConstant constant);

  size_t size() const { return nodes_.size(); }

  // folder/saved_model.pb. Throws Error: kUnsupported at 2 GB, the most that a protobuf message can be; kUnavailable.
  void Write(const std::filesystem::path& folder, std::span<const SignaturePort> inputs,
             std::span<const SignaturePort> outputs) const;

 private:
  struct NodeRow {
    std::string head;                                // of the NodeDef, all but the payload
    const channels_last::StoredConstant* payload{};  // its last field's bytes
    uint64_t Bytes() const { return head.size() + (payload ? payload->Bytes() : 0); }
  };

  std::string UniqueName(std::string_view wish);

  std::vector<NodeRow> nodes_;
  std::vector<std::unique_ptr<channels_last::StoredConstant>> constants_;
  std::unordered_set<std::string> names_;
};

}  // namespace bakeoff::to_savedmodel
