// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Metadata and labels. The archive holds one file, stored as it is.
#include "metadata.h"

#include <array>
#include <cstdint>
#include <memory>

#include "core/model_description.h"
#include "tflite_metadata/schema_generated.h"

namespace bakeoff::to_tflite {
namespace {

namespace meta = tflite_metadata;

constexpr const char* kLabels = "labels.txt";
// The first version of the parser whose rules cover every field that is written here.
constexpr const char* kParserVersion = "1.0.0";

std::unique_ptr<meta::TensorMetadataT> TensorOf(const Json& port) {
  auto tensor = std::make_unique<meta::TensorMetadataT>();
  tensor->name = port.value("name", "");
  tensor->description = port.value("meaning", "");
  tensor->content = std::make_unique<meta::ContentT>();
  if (const std::string layout = port.value("layout", ""); layout == "NHWC") {
    meta::ImagePropertiesT image;
    tensor->content->content_properties.Set(std::move(image));
  } else {
    tensor->content->content_properties.Set(meta::FeaturePropertiesT{});
  }
  return tensor;
}

// The format knows one colour space of three channels, and single precision.
void AddPixels(const core::PixelRule& rule, meta::TensorMetadataT& tensor) {
  if (auto* image = tensor.content->content_properties.AsImageProperties(); image && !rule.bgr)
    image->color_space = meta::ColorSpaceType::RGB;
  meta::NormalizationOptionsT normalization;
  normalization.mean.assign(rule.mean.begin(), rule.mean.end());
  normalization.std.assign(rule.divisor.begin(), rule.divisor.end());
  auto unit = std::make_unique<meta::ProcessUnitT>();
  unit->options.Set(std::move(normalization));
  tensor.process_units.push_back(std::move(unit));
}

uint32_t Crc32(const std::string& data) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

std::string Little(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

}  // namespace

std::string MetadataOf(const Json& description) {
  if (!description.is_object()) return "";
  meta::SubGraphMetadataT graph;
  for (const Json& port : description.value("inputs", Json::array()))
    graph.input_tensor_metadata.push_back(TensorOf(port));
  for (const Json& port : description.value("outputs", Json::array()))
    graph.output_tensor_metadata.push_back(TensorOf(port));
  // With several inputs or outputs nobody says which one the pictures or the classes belong to.
  if (const auto rule = core::PixelRuleOf(description); rule && graph.input_tensor_metadata.size() == 1)
    AddPixels(*rule, *graph.input_tensor_metadata[0]);
  if (!core::ClassLines(description).empty() && graph.output_tensor_metadata.size() == 1) {
    auto file = std::make_unique<meta::AssociatedFileT>();
    file->name = kLabels;
    file->description = "the name of each class, one a line";
    file->type = meta::AssociatedFileType::TENSOR_AXIS_LABELS;
    graph.output_tensor_metadata[0]->associated_files.push_back(std::move(file));
  }
  meta::ModelMetadataT model;
  model.name = description.value("name", "");
  model.subgraph_metadata.push_back(std::make_unique<meta::SubGraphMetadataT>(std::move(graph)));
  model.min_parser_version = kParserVersion;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(meta::ModelMetadata::Pack(builder, &model), meta::ModelMetadataIdentifier());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string LabelsArchive(const Json& description, size_t model_bytes) {
  const std::string labels = core::ClassLines(description);
  if (labels.empty()) return "";
  const std::string name = kLabels;
  // Version 2.0, names in UTF-8, stored, the first day that the format can say: the same model gives the same bytes.
  const std::string common = Little(20, 2) + Little(1 << 11, 2) + Little(0, 2) + Little(0, 2) + Little(0x21, 2) +
                             Little(Crc32(labels), 4) + Little(labels.size(), 4) + Little(labels.size(), 4) +
                             Little(name.size(), 2) + Little(0, 2);
  const std::string entry = "PK\x03\x04" + common + name + labels;
  const std::string directory = "PK\x01\x02" + Little(20, 2) + common + Little(0, 2) + Little(0, 2) + Little(0, 2) +
                                Little(0, 4) + Little(model_bytes, 4) + name;
  const std::string end = "PK\x05\x06" + Little(0, 2) + Little(0, 2) + Little(1, 2) + Little(1, 2) +
                          Little(directory.size(), 4) + Little(model_bytes + entry.size(), 4) + Little(0, 2);
  return entry + directory + end;
}

}  // namespace bakeoff::to_tflite
