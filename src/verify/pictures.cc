// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Lists pictures, and brings them to the size and type of an input.
#include "verify/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bakeoff/error.h"
#include "core/elements.h"

namespace bakeoff::verify {
namespace {

namespace fs = std::filesystem;

data::Bytes ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  data::Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be read", path));
  return bytes;
}

}  // namespace

Pictures ReadPictures(const std::string& folder, std::optional<data::Preprocess> pipeline) {
  Pictures pictures{folder, {}, pipeline};
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file() && data::FormatByName(at->path().string())) pictures.files.push_back(at->path().string());
  }
  if (error) throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be read: {}", folder, error.message()));
  if (pictures.files.empty())
    throw Error(ErrorCode::kUsage, fmt::format("--input {}: no picture (JPEG, PNG, WebP, BMP) in that folder", folder));
  std::sort(pictures.files.begin(), pictures.files.end());
  return pictures;
}

void CheckPicturePort(const std::string& what, const Port& port) {
  const auto fail = [&](const std::string& why) { return Error(ErrorCode::kUsage, fmt::format("{}: {}", what, why)); };
  const std::string& axes = port.layout.axes;
  if (axes.size() != 4) {
    // With another number of axes no word about them would help.
    if (port.shape.size() != 4 && !port.shape.empty())
      throw fail(
          fmt::format("the input is {}: it takes no pictures, whose axes are N, C, H and W", ShapeText(port.shape)));
    throw fail(
        fmt::format("the input is {}, and nothing says that its axes are those of pictures; --layout {}=NCHW does",
                    ShapeText(port.shape), port.name));
  }
  for (const char axis : std::string("NCHW")) {
    if (axes.find(axis) == std::string::npos)
      throw fail(fmt::format("the input has the axes {}, pictures have N, C, H and W", axes));
  }
  if (axes.find('H') > axes.find('W')) throw fail(fmt::format("axes in the order {} are not supported", axes));
  if (port.canonical[1] != 3) throw fail(fmt::format("the input has {} channels, pictures have 3", port.canonical[1]));
  if (!core::IsFloating(port.type)) {
    throw fail(
        fmt::format("the input is {}; pictures become floating-point values, and how a model quantises them is "
                    "its own secret: give a .npy file",
                    DTypeName(port.type)));
  }
}

data::Preprocess PipelineFor(const std::string& what, const std::optional<data::Preprocess>& declared, int height,
                             int width) {
  data::Preprocess pipeline;
  if (declared) {
    pipeline = *declared;
    if (pipeline.width() != width || pipeline.height() != height) {
      throw Error(ErrorCode::kUsage, fmt::format("{}: the declared pre-processing makes pictures of {} x {}, the "
                                                 "input takes {} x {} (height x width)",
                                                 what, pipeline.height(), pipeline.width(), height, width));
    }
  } else if (height == width) {
    pipeline = data::Preprocess::ForSide(height);
  } else {
    pipeline.mode = data::Preprocess::Mode::kExact;
    pipeline.resize_width = width;
    pipeline.resize_height = height;
    pipeline.crop_width = pipeline.crop_height = 0;
  }
  pipeline.channels_last = false;
  return pipeline;
}

std::vector<std::byte> PictureBatch(const Pictures& pictures, const Port& port, size_t first) {
  CheckPicturePort(fmt::format("--input {}={}", port.name, pictures.folder), port);
  const auto batch = static_cast<size_t>(port.canonical[0]);
  const data::Preprocess pipeline =
      PipelineFor("--input " + pictures.folder, pictures.pipeline, static_cast<int>(port.canonical[2]),
                  static_cast<int>(port.canonical[3]));
  data::Preprocessor preprocessor(pipeline);
  std::vector<float> values(pipeline.values());
  std::vector<std::byte> bytes(batch * values.size() * DTypeSize(port.type));
  for (size_t row = 0; row < batch; ++row) {
    const std::string& file = pictures.files[(first + row) % pictures.files.size()];
    try {
      preprocessor.ApplyToFile(ReadFile(file), values.data());
    } catch (const Error& error) {
      throw Error(ErrorCode::kUsage, error.text()).With(file);
    }
    for (size_t i = 0; i < values.size(); ++i)
      core::StoreReal(port.type, bytes.data(), row * values.size() + i, static_cast<double>(values[i]));
  }
  return bytes;
}

}  // namespace bakeoff::verify
