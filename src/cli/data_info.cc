// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff data info`: what is in a data set, and what is wrong with it.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/data_common.h"
#include "cli/output.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"DATA", "A folder, .tar, .tar.gz, .zip, CIFAR-10 batches, or a .jsonl or .csv list."}};
constexpr OptionRow kOptions[] = {kMaxPixelsOption, kWorkersOption, kJsonOption};
constexpr size_t kShown = 10;

// "3 broken:" and the first few lines.
std::string List(const std::string& title, const Json& rows, const std::function<std::string(const Json&)>& line) {
  if (rows.empty()) return "";
  std::string text = fmt::format("{} {}:\n", rows.size(), title);
  for (size_t i = 0; i < std::min(rows.size(), kShown); ++i) text += "  " + line(rows[i]) + "\n";
  if (rows.size() > kShown) text += fmt::format("  and {} more (--json has all)\n", rows.size() - kShown);
  return text;
}

std::string Group(const Json& paths) {
  std::string text;
  for (const Json& path : paths) text += (text.empty() ? "" : " = ") + path.get<std::string>();
  return text;
}

std::string Remarks(const Json& info) {
  const auto spread = [](const Json& s) {
    return fmt::format("{} to {}, median {}", s["min"].dump(), s["max"].dump(), s["median"].dump());
  };
  const double megabytes = info["bytes"].get<double>() / 1e6;
  std::string text = fmt::format("\n{} pictures, {:.{}f} MB", info["images"].dump(), megabytes, megabytes < 1 ? 3 : 1);
  for (const auto& [format, count] : info["formats"].items()) text += fmt::format(", {} {}", count.dump(), format);
  if (!info["width"].is_null())
    text += fmt::format("\nwidth {}; height {}", spread(info["width"]), spread(info["height"]));
  text += info["imbalance"].is_null()
              ? "\na class is empty\n"
              : fmt::format("\nthe largest class has {:.2f} times the pictures of the smallest\n",
                            info["imbalance"].get<double>());
  text += List("broken", info["broken"], [](const Json& row) {
    return row["path"].get<std::string>() + ": " + row["reason"].get<std::string>();
  });
  text += List("of another format than their name says (content decides)", info["mislabelled"], [](const Json& row) {
    return row["path"].get<std::string>() + ": " + row["content"].get<std::string>();
  });
  text += List("changed since the manifest was written", info["changed"],
               [](const Json& row) { return row.get<std::string>(); });
  text += List("groups of duplicates", info["duplicates"], Group);
  text += List("of them with more than one class", info["conflicts"], Group);
  text += List("of them in more than one part", info["leaks"], Group);
  text += List("other files, ignored", info["ignored"], [](const Json& row) { return row.get<std::string>(); });
  return text;
}

int Run(const Options& options, Console& console) {
  data::Dataset dataset = data::OpenDataset(options.Positional()[0]);
  data::Scan scan = ScanWithProgress(dataset, options, console);
  const Json info = data::InfoJson(dataset, scan);
  WriteJson(options, console, info);
  if (JsonTakesStdout(options)) return 0;
  data::DropBroken(dataset, scan);
  console.Show(ClassTable(dataset));
  console.Out(Remarks(info));
  return 0;
}

}  // namespace

const Command kDataInfo{
    .name = "data info",
    .summary = "Show a data set's classes, sizes, broken files and duplicates",
    .text = "Every picture is read and decoded. Archives are read in place.",
    .example = "bakeoff data info flowers.tar.gz\nbakeoff data info flowers --json info.json",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
