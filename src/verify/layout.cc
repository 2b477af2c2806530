// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Axis letters and permutations.
#include "verify/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/formats.h"
#include "core/onnx_ports.h"
#include "core/text.h"
#include "graph/files/facts.h"

namespace bakeoff::verify {
namespace {

namespace fs = std::filesystem;

void CheckLetters(const std::string& whom, const std::string& layout) {
  std::string sorted = layout;
  std::sort(sorted.begin(), sorted.end());
  const bool letters =
      !layout.empty() && std::all_of(layout.begin(), layout.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (letters && std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return;
  throw Error(ErrorCode::kUsage,
              fmt::format("--layout {}={}: give one capital letter per axis, each once, NCHW or NHWC for example", whom,
                          layout));
}

fs::path Normal(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal();
  return normal.filename().empty() ? normal.parent_path() : normal;  // "folder/"
}

// By its path, or by the name of the file or folder alone.
bool IsCalled(const Artifact& artifact, const std::string& name) {
  if (name.empty()) return false;
  for (const std::string& path : {artifact.path, artifact.folder}) {
    if (!path.empty() && (Normal(path) == Normal(name) || Normal(path).filename() == name)) return true;
  }
  return false;
}

// What `whom` calls in this model: "" for the model itself, a tensor for MODEL:TENSOR, nullopt where it names another
// model or none. Tensor names of some formats hold colons themselves: each is tried.
std::optional<std::string> TensorOf(const std::string& whom, const Artifact& artifact) {
  if (IsCalled(artifact, whom)) return "";
  for (size_t colon = whom.find(':'); colon != std::string::npos; colon = whom.find(':', colon + 1)) {
    if (IsCalled(artifact, whom.substr(0, colon))) return whom.substr(colon + 1);
  }
  return std::nullopt;
}

// "dir/net.tflite" of "dir/net.tflite:image": whether a model is meant, even if none of that name was given.
std::string ModelLike(const std::string& whom) {
  for (size_t colon = whom.find(':');; colon = whom.find(':', colon + 1)) {
    std::string head = whom.substr(0, colon);
    const std::string ending = core::Lower(fs::path(head).extension().string());
    const auto formats = core::Formats();
    const bool ends = !ending.empty() && std::any_of(formats.begin(), formats.end(),
                                                     [&](const auto& format) { return format.ending == ending; });
    std::error_code ignored;
    // A tensor's name may be that of some folder here by accident.
    if (ends || (head.find('/') != std::string::npos && fs::exists(head, ignored))) return head;
    if (colon == std::string::npos) return "";
  }
}

bool IsIdentity(const std::vector<size_t>& axes) {
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != i) return false;
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> PortNames(const Artifact& artifact) {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<TensorSpec>& specs) {
    for (const TensorSpec& spec : specs) names.push_back(spec.name);
  };
  if (!artifact.inputs.empty() && !artifact.outputs.empty()) {
    add(artifact.inputs);
    add(artifact.outputs);
    return names;
  }
  const core::FormatRow* format = core::FindFormat(artifact.format);
  try {
    if (format && format->reader == core::OwnReader::kFlatbuffer) return graph::TflitePortNames(artifact.path);
    if (format && format->reader == core::OwnReader::kNetXml) return graph::NetXmlPortNames(artifact.path);
    if (format && format->reader == core::OwnReader::kSavedModel) return graph::SavedModelPortNames(artifact.path);
    if (artifact.format != "onnx") return std::nullopt;
    const core::OnnxPorts ports = core::ReadOnnxPorts(artifact.path);
    add(ports.inputs);
    add(ports.outputs);
    return names;
  } catch (const Error&) {
    return std::nullopt;  // the engines say it, with all that they know
  }
}

void AddLayouts(const std::vector<std::pair<std::string, std::string>>& said, Artifact& artifact) {
  for (const auto& [whom, layout] : said) {
    CheckLetters(whom, layout);
    if (const auto tensor = TensorOf(whom, artifact)) {
      artifact.layouts[tensor->empty() ? std::string(core::kAllTensors) : *tensor] = layout;
    } else if (ModelLike(whom).empty()) {
      artifact.layouts[whom] = layout;
    }
  }
}

void CheckLayouts(const std::vector<std::pair<std::string, std::string>>& said, const std::vector<Artifact>& models,
                  const AskNames& ask) {
  std::vector<std::string> paths;
  for (const Artifact& model : models) paths.push_back(model.folder.empty() ? model.path : model.folder);
  for (const auto& [whom, layout] : said) {
    const auto refuse = [&](const std::string& why) {
      return Error(ErrorCode::kUsage, fmt::format("--layout {}={}: {}", whom, layout, why));
    };
    std::vector<std::string> called, names;
    std::string tensor = whom;
    std::vector<const Artifact*> hidden;
    for (size_t i = 0; i < models.size(); ++i) {
      const auto its = TensorOf(whom, models[i]);
      if (its) {
        called.push_back(paths[i]);
        tensor = *its;
      }
    }
    if (called.size() > 1)
      throw refuse(fmt::format("several models are called so; give the path: {}", core::Join(called, ", ")));
    if (const std::string model = ModelLike(whom); called.empty() && !model.empty())
      throw refuse(fmt::format("'{}' is none of the models; they are {}", model, core::Join(paths, ", ")));
    const auto add = [&](const std::optional<std::vector<std::string>>& its) {
      if (its) names.insert(names.end(), its->begin(), its->end());
      return its.has_value();
    };
    const auto found = [&, &tensor = tensor] {
      return tensor.empty() || std::find(names.begin(), names.end(), tensor) != names.end();
    };
    for (size_t i = 0; i < models.size(); ++i) {
      if (!called.empty() && called[0] != paths[i]) continue;
      if (!add(PortNames(models[i]))) hidden.push_back(&models[i]);
    }
    bool all_named = ask || hidden.empty();
    for (const Artifact* model : hidden) all_named = all_named && (found() || add(ask(*model)));
    if (all_named && !found()) {
      throw refuse(fmt::format("no input or output is called '{}'{}; there are {}", tensor,
                               core::DidYouMean(tensor, names), core::Join(names, ", ")));
    }
  }
}

std::optional<SaidName> NameFor(const std::string& said, const std::vector<Artifact>& models) {
  for (size_t i = 0; i < models.size(); ++i) {
    if (const auto input = TensorOf(said, models[i])) return SaidName{*input, static_cast<int>(i)};
  }
  if (!ModelLike(said).empty()) return std::nullopt;
  return SaidName{said, -1};
}

void CheckModelNames(const std::string& option, const std::vector<std::string>& said,
                     const std::vector<Artifact>& models) {
  for (const std::string& whom : said) {
    const auto refuse = [&](const std::string& why) {
      return Error(ErrorCode::kUsage, fmt::format("{} {}: {}", option, whom, why));
    };
    std::vector<std::string> called, paths;
    for (const Artifact& model : models) {
      paths.push_back(model.folder.empty() ? model.path : model.folder);
      if (TensorOf(whom, model)) called.push_back(paths.back());
    }
    if (called.size() > 1)
      throw refuse(fmt::format("several models are called so; give the path: {}", core::Join(called, ", ")));
    if (const std::string model = ModelLike(whom); called.empty() && !model.empty())
      throw refuse(fmt::format("'{}' is none of the models; they are {}", model, core::Join(paths, ", ")));
  }
}

std::vector<size_t> CanonicalAxes(const Layout& layout, size_t rank) {
  std::vector<size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), size_t{0});
  if (layout.axes.size() != rank) return axes;
  const auto order = [&](size_t axis) { return layout.axes[axis] == 'N' ? 0 : layout.axes[axis] == 'C' ? 1 : 2; };
  std::stable_sort(axes.begin(), axes.end(), [&](size_t a, size_t b) { return order(a) < order(b); });
  return axes;
}

std::vector<size_t> Inverse(const std::vector<size_t>& axes) {
  std::vector<size_t> inverse(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) inverse[axes[i]] = i;
  return inverse;
}

Shape Permuted(const Shape& shape, const std::vector<size_t>& axes) {
  Shape result;
  for (const size_t axis : axes) result.push_back(shape[axis]);
  return result;
}

std::vector<std::byte> ToCanonical(std::span<const std::byte> data, const Shape& shape, DType type,
                                   const Layout& layout) {
  const auto axes = CanonicalAxes(layout, shape.size());
  if (IsIdentity(axes)) return {data.begin(), data.end()};
  return core::Transposed(data, shape, axes, DTypeSize(type));
}

std::vector<std::byte> FromCanonical(std::span<const std::byte> data, const Shape& canonical, DType type,
                                     const Layout& layout) {
  const auto axes = Inverse(CanonicalAxes(layout, canonical.size()));
  if (IsIdentity(axes)) return {data.begin(), data.end()};
  return core::Transposed(data, canonical, axes, DTypeSize(type));
}

int64_t BatchOf(const Shape& shape, const Layout& layout) {
  const size_t axis = layout.axes.find('N');
  return axis < shape.size() ? shape[axis] : 1;
}

}  // namespace bakeoff::verify
