// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the axes of inputs and outputs mean, so that models of different formats get the same picture.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/tensor.h"
#include "core/layouts.h"

namespace bakeoff::verify {

using core::Layout;
using core::LayoutOf;

// Adds what the user said to the artifact: each pair is {"INPUT" or "MODEL:INPUT" or "MODEL", "NHWC"}. A MODEL, which
// is its path or its file's name, alone speaks of all its tensors of that rank. Pairs that name another model are
// passed over. Throws Error{kUsage} for a layout that is no list of different letters.
void AddLayouts(const std::vector<std::pair<std::string, std::string>>& said, Artifact& artifact);

// Inputs and outputs that the host can name by itself, by every name that an engine may show; nullopt where an engine
// must be asked.
std::optional<std::vector<std::string>> PortNames(const Artifact& artifact);

// What was said of none of the models: a MODEL that was not given, a name that several have, an input or output that
// none has. `ask` tells the names in a model that the host cannot read, and is called only where that decides; nullopt,
// or no `ask`: anything may be in it. Throws Error{kUsage}.
using AskNames = std::function<std::optional<std::vector<std::string>>(const Artifact& model)>;
void CheckLayouts(const std::vector<std::pair<std::string, std::string>>& said, const std::vector<Artifact>& models,
                  const AskNames& ask = {});

// What was said of inputs under names: INPUT or MODEL:INPUT, as AddLayouts() has them; MODEL alone means its only
// input. For one network: the names of its own inputs, what names one of its models before what names none; others are
// left out. The number is the place of the model that was named, -1 for none.
struct SaidName {
  std::string input;
  int model = -1;

  bool operator==(const SaidName&) const = default;
};
std::optional<SaidName> NameFor(const std::string& said, const std::vector<Artifact>& models);

template <typename T>
std::map<std::string, T> SaidOf(const std::map<std::string, T>& said, const std::vector<Artifact>& models) {
  std::map<std::string, T> own;
  for (const bool named : {false, true}) {
    for (const auto& [name, value] : said) {
      const auto mine = NameFor(name, models);
      if (mine && (mine->model >= 0) == named) own[mine->input] = value;
    }
  }
  return own;
}

// That each MODEL of these names is one of the models, and only one. Throws Error{kUsage}, which begins with `option`.
void CheckModelNames(const std::string& option, const std::vector<std::string>& said,
                     const std::vector<Artifact>& models);

// Canonical order: N first, C second, the others as they come. Result axis n is source axis result[n]; identity for an
// empty layout.
std::vector<size_t> CanonicalAxes(const Layout& layout, size_t rank);
std::vector<size_t> Inverse(const std::vector<size_t>& axes);
Shape Permuted(const Shape& shape, const std::vector<size_t>& axes);

// Bytes from the tensor's own order to the canonical one, and back. `shape` is that of `data`.
std::vector<std::byte> ToCanonical(std::span<const std::byte> data, const Shape& shape, DType type,
                                   const Layout& layout);
std::vector<std::byte> FromCanonical(std::span<const std::byte> data, const Shape& canonical, DType type,
                                     const Layout& layout);

// The extent of the batch axis: that of N where the layout has one, 1 otherwise.
int64_t BatchOf(const Shape& shape, const Layout& layout);

}  // namespace bakeoff::verify
