// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The one order in which the meaning of axes is looked up.
#include "core/layouts.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "core/formats.h"

namespace bakeoff::core {

Layout LayoutOf(const Artifact& artifact, const std::string& name, size_t rank) {
  if (const auto said = artifact.layouts.find(name); said != artifact.layouts.end() && !said->second.empty()) {
    if (said->second.size() == rank) return {said->second, false};
    throw Error(ErrorCode::kUsage, fmt::format("{}: the layout of '{}' is given as {}, but it has {} axes",
                                               artifact.path, name, said->second, rank));
  }
  if (const auto all = artifact.layouts.find(kAllTensors); all != artifact.layouts.end() && all->second.size() == rank)
    return {all->second, false};
  const FormatRow* format = FindFormat(artifact.format);
  if (format && !format->layout.empty() && format->layout.size() == rank) return {std::string(format->layout), true};
  return {};
}

void KeepLayouts(const Artifact& source, Artifact& target) {
  for (const std::vector<TensorSpec>* specs : {&target.inputs, &target.outputs}) {
    for (const TensorSpec& spec : *specs) {
      const Layout layout = LayoutOf(source, spec.name, spec.shape.size());
      if (!layout.axes.empty()) target.layouts[spec.name] = layout.axes;
    }
  }
}

}  // namespace bakeoff::core
