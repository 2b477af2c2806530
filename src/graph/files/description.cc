// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where each format keeps the description.
#include "graph/files/description.h"

#include <filesystem>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/format_probe.h"
#include "core/formats.h"
#include "core/model_description.h"
#include "core/wire_format.h"
#include "graph/bytes.h"
#include "graph/files/xml.h"
#include "tflite/schema_generated.h"

namespace bakeoff::graph {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostText = 64 << 20;  // of a description, or of an IR's text around it
constexpr uint64_t kMostBytes = uint64_t{2} << 30;

// ModelProto.metadata_props is field 14; its key is field 1 and its value field 2.
std::string InOnnx(const fs::path& path) {
  for (const core::ProtoField& field : core::TopLevelFields(path).fields) {
    if (field.number != 14 || field.wire_type != 2 || field.value > kMostText) continue;
    const std::string entry = core::BytesAt(path, field.offset, field.value);
    std::string key, value;
    core::WireMessage reader(entry);
    while (const auto part = reader.Next()) {
      if (part->number == 1) key = part->bytes;
      if (part->number == 2) value = part->bytes;
    }
    if (key == core::kDescriptionKey) return value;
  }
  return "";
}

std::string InTflite(const fs::path& path) {
  const Bytes file = Bytes::Map(path, 0, fs::file_size(path));
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  if (file.size() >= kMostBytes || !tflite::VerifyModelBuffer(verifier)) return "";
  const tflite::Model* model = tflite::GetModel(file.data());
  if (!model->metadata() || !model->buffers()) return "";
  for (const tflite::Metadata* entry : *model->metadata()) {
    if (!entry->name() || entry->name()->str() != core::kDescriptionKey) continue;
    if (entry->buffer() >= model->buffers()->size()) return "";
    const auto* data = model->buffers()->Get(entry->buffer())->data();
    return data ? std::string(data->begin(), data->end()) : "";
  }
  return "";
}

std::string InNetXml(const fs::path& path) {
  const std::string text = core::ReadFile(path, kMostText);
  const XmlElement net = ParseXml(text);
  const XmlElement* info = net.Child("rt_info");
  const XmlElement* ours = info ? info->Child("bakeoff") : nullptr;
  const XmlElement* model = ours ? ours->Child("model") : nullptr;
  return model ? std::string(model->Get("value")) : "";
}

std::string InSavedModel(const fs::path& folder) {
  return core::ReadFile(folder / core::kSavedModelExtra / core::kDescriptionFile, kMostText);
}

std::string InTorchScript(const fs::path& path) {
  return core::ZipContent(path, std::string("/extra/") + core::kDescriptionFile, kMostText).value_or("");
}

std::string TextIn(const Artifact& artifact) {
  const core::FormatRow* format = core::FindFormat(artifact.format);
  switch (format ? format->reader : core::OwnReader::kNone) {
    case core::OwnReader::kOnnx:
      return InOnnx(artifact.path);
    case core::OwnReader::kFlatbuffer:
      return InTflite(artifact.path);
    case core::OwnReader::kNetXml:
      return InNetXml(artifact.path);
    case core::OwnReader::kSavedModel:
      return InSavedModel(artifact.path);
    default:
      return artifact.format == "torchscript" ? InTorchScript(artifact.path) : "";
  }
}

}  // namespace

Json DescriptionIn(const Artifact& artifact) {
  try {
    return core::ParseDescription(TextIn(artifact));
  } catch (const std::exception&) {
    return nullptr;
  }
}

Json FindDescription(const Artifact& artifact) {
  Json beside = core::DescriptionBeside(artifact);
  return beside.is_null() ? DescriptionIn(artifact) : beside;
}

}  // namespace bakeoff::graph
