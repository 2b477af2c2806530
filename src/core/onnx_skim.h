// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads a few facts of an ONNX file by walking its protobuf fields, without a protobuf library and without the weights:
// runtimes name the operator they lack, and this finds the nodes that use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bakeoff::core {

struct OnnxNodeName {
  std::string op, domain;  // domain is "" for ai.onnx
  std::string name;        // of the node, or of its first output where it has none
};

struct OnnxFacts {
  std::string producer;                                 // "pytorch 2.4"; "" where the file does not say
  std::vector<std::pair<std::string, int64_t>> opsets;  // domain ("" for ai.onnx), version
  std::vector<OnnxNodeName> nodes;                      // of the main graph, in the file's order
  std::vector<std::string> external_files;              // locations of external data, each once
};

// What could be read up to the first broken byte; never throws, as it serves error messages.
OnnxFacts SkimOnnx(const std::filesystem::path& path);

// External data files of the model that do not exist, as paths.
std::vector<std::string> MissingExternalFiles(const std::filesystem::path& path);

// "node 'conv1'", "nodes 'a', 'b', 'c' and 4 others"; "" where the file has none with that operator.
std::string WhichNodes(const OnnxFacts& facts, std::string_view op);

}  // namespace bakeoff::core
