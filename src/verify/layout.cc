// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Axis letters and permutations.
#include "verify/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "bakeoff/error.h"
#include "core/elements.h"

namespace bakeoff::verify {
namespace {

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

bool SamePath(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  return fs::path(one).lexically_normal() == fs::path(other).lexically_normal();
}

bool IsIdentity(const std::vector<size_t>& axes) {
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != i) return false;
  }
  return true;
}

}  // namespace

void AddLayouts(const std::vector<std::pair<std::string, std::string>>& said, Artifact& artifact) {
  for (const auto& [whom, layout] : said) {
    CheckLetters(whom, layout);
    if (SamePath(whom, artifact.path)) {
      artifact.layouts[core::kAllTensors] = layout;
      continue;
    }
    // The model's name may hold colons itself (tensor names of some formats do): try each.
    bool names_model = false;
    for (size_t colon = whom.find(':'); colon != std::string::npos; colon = whom.find(':', colon + 1)) {
      const std::string model = whom.substr(0, colon);
      if (SamePath(model, artifact.path)) {
        artifact.layouts[whom.substr(colon + 1)] = layout;
        names_model = true;
      }
    }
    if (!names_model && !std::filesystem::exists(whom)) artifact.layouts[whom] = layout;
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
