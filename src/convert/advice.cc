// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Words for a conversion that was not asked for.
#include "convert/advice.h"

#include <fmt/format.h>

#include <filesystem>

#include "convert/for_engines.h"
#include "convert/route.h"
#include "core/formats.h"
#include "core/text.h"

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
  if (asks) words += shapes.empty() ? " --shape 1x3x224x224" : ShapeWords(shapes);
  return {.command = fmt::format("`{}`{}", words, asks && shapes.empty() ? " (with the shape of its input)" : ""),
          .obstacle = ""};
}

}  // namespace bakeoff::convert
