// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Walks an ONNX file's wire format by the few field numbers of onnx.proto that error messages need.
#include "core/onnx_skim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/text.h"
#include "core/wire_format.h"

namespace bakeoff::core {
namespace {

using Message = WireMessage;

// NodeProto: output = 2, name = 3, op_type = 4, domain = 7.
OnnxNodeName Node(std::string_view data) {
  OnnxNodeName node;
  std::string first_output;
  Message message(data);
  while (const auto field = message.Next()) {
    if (field->number == 2 && first_output.empty()) first_output = field->bytes;
    if (field->number == 3) node.name = field->bytes;
    if (field->number == 4) node.op = field->bytes;
    if (field->number == 7) node.domain = field->bytes;
  }
  if (node.name.empty()) node.name = first_output;
  return node;
}

// TensorProto: external_data = 13, entries of key = 1, value = 2.
void ExternalFile(std::string_view tensor, std::vector<std::string>& files) {
  Message message(tensor);
  while (const auto field = message.Next()) {
    if (field->number != 13) continue;
    std::string key, value;
    Message entry(field->bytes);
    while (const auto part = entry.Next()) {
      if (part->number == 1) key = part->bytes;
      if (part->number == 2) value = part->bytes;
    }
    if (key == "location" && std::find(files.begin(), files.end(), value) == files.end()) files.push_back(value);
  }
}

// ModelProto: producer_name = 2, producer_version = 3, graph = 7, opset_import = 8. GraphProto: node = 1, initializer
// = 5.
OnnxFacts Skim(std::string_view data) {
  OnnxFacts facts;
  std::string version;
  Message model(data);
  while (const auto field = model.Next()) {
    if (field->number == 2) facts.producer = field->bytes;
    if (field->number == 3) version = field->bytes;
    if (field->number == 7) {
      Message graph(field->bytes);
      while (const auto part = graph.Next()) {
        if (part->number == 1) facts.nodes.push_back(Node(part->bytes));
        if (part->number == 5) ExternalFile(part->bytes, facts.external_files);
      }
    }
    if (field->number == 8) {
      std::pair<std::string, int64_t> opset;
      Message import(field->bytes);
      while (const auto part = import.Next()) {
        if (part->number == 1) opset.first = part->bytes;
        if (part->number == 2) opset.second = static_cast<int64_t>(part->value);
      }
      facts.opsets.push_back(std::move(opset));
    }
  }
  if (!version.empty()) facts.producer += (facts.producer.empty() ? "" : " ") + version;
  return facts;
}

}  // namespace

OnnxFacts SkimOnnx(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  struct stat status{};
  OnnxFacts facts;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    // Mapped, because the weights lie between the fields and need not be read.
    void* data = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (data != MAP_FAILED) {
      facts = Skim({static_cast<const char*>(data), static_cast<size_t>(status.st_size)});
      munmap(data, static_cast<size_t>(status.st_size));
    }
  }
  close(fd);
  return facts;
}

std::vector<std::string> MissingExternalFiles(const std::filesystem::path& path) {
  std::vector<std::string> missing;
  for (const std::string& name : SkimOnnx(path).external_files) {
    const std::filesystem::path file = path.parent_path() / name;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) missing.push_back(file);
  }
  return missing;
}

std::string WhichNodes(const OnnxFacts& facts, std::string_view op) {
  std::vector<std::string> names;
  size_t others = 0;
  for (const OnnxNodeName& node : facts.nodes) {
    if (node.op != op) continue;
    names.size() < 3 ? names.push_back(fmt::format("'{}'", node.name)) : void(++others);
  }
  if (names.empty()) return "";
  return fmt::format("{} {}{}", names.size() == 1 ? "node" : "nodes", Join(names, ", "),
                     others > 0 ? fmt::format(" and {} others", others) : "");
}

}  // namespace bakeoff::core
