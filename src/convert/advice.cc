// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Words for a conversion that was not asked for.
#include "convert/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "convert/for_engines.h"
#include "convert/route.h"
#include "core/formats.h"
#include "core/text.h"
#include "graph/files/description.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

// Beside what is there: `convert` overwrites nothing. The part up to the first dot stays, because it names the network.
std::string FreeName(const std::string& network, const std::string& ending) {
  std::error_code ignored;
  std::string name = network + ending;
  for (int number = 2; fs::exists(name, ignored); ++number) name = fmt::format("{}.{}{}", network, number, ending);
  return name;
}

std::string ShapeWords(const std::map<std::string, Shape>& shapes) {
  std::string words;
  for (const auto& [name, shape] : shapes)
    words += " --shape " + core::ShellWord((name.empty() ? "" : name + "=") + ShapeText(shape));
  return words;
}

// What the file's own metadata says of its inputs, for one sample; empty where it says nothing or leaves more open.
std::map<std::string, Shape> DescribedShapes(const Artifact& source) {
  std::map<std::string, Shape> shapes;
  const Json description = graph::DescriptionIn(source);
  if (!description.is_object() || !description.contains("inputs") || !description["inputs"].is_array()) return {};
  for (const Json& input : description["inputs"]) {
    if (!input.is_object() || !input.contains("name") || !input["name"].is_string() || !input.contains("shape") ||
        !input["shape"].is_array() || input["shape"].empty())
      return {};
    Shape shape;
    for (const Json& extent : input["shape"]) {
      if (!extent.is_number_integer()) return {};
      shape.push_back(extent.get<int64_t>());
    }
    if (shape.front() < 1) shape.front() = 1;
    if (std::any_of(shape.begin(), shape.end(), [](int64_t extent) { return extent < 1; })) return {};
    shapes.emplace(input["name"].get<std::string>(), std::move(shape));
  }
  return shapes;
}

}  // namespace

verify::Advice AdviceFor(const EngineInfo& engine, const Artifact& source,
                         const std::vector<worker::HopEntryStatus>& hops, const std::map<std::string, Shape>& shapes) {
  const std::vector<FormatId> ways = WaysFor(engine, source, hops);
  if (ways.empty())
    return {.command = "",
            .obstacle = fmt::format("no hop leads there: {}{}", ReachText(hops, source.format), AbsentText(hops))};
  // A model folder knows more of its model than the file alone.
  const std::string& given = source.folder.empty() ? source.path : source.folder;
  const core::FormatRow* to = core::FindFormat(ways.front());
  const std::string ending = to->ending.empty() ? "." + ways.front() : std::string(to->ending);
  std::string words = fmt::format("bakeoff convert {} {}", core::ShellWord(given),
                                  core::ShellWord(FreeName(core::ModelName(given), ending)));
  if (to->ending.empty()) words += " --to " + ways.front();
  const core::FormatRow* from = core::FindFormat(source.format);
  const bool asks = from && !from->tells_shapes && source.inputs.empty();
  const std::map<std::string, Shape> known = asks && shapes.empty() ? DescribedShapes(source) : shapes;
  if (asks) words += known.empty() ? " --shape 1x3x224x224" : ShapeWords(known);
  return {.command = fmt::format("`{}`{}", words, asks && known.empty() ? " (with the shape of its input)" : ""),
          .obstacle = ""};
}

}  // namespace bakeoff::convert
