// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff data split`: divides a data set into train, val and test, and writes the manifest.
#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/data_common.h"
#include "cli/output.h"
#include "core/files.h"
#include "core/text.h"
#include "data/split.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {{"DATA", "What `data info` takes."}};
constexpr OptionRow kOptions[] = {
    {"train", "SHARE", "0.8", "Share of every class to train on."},
    {"val", "SHARE", "0.1", "Share to choose the best checkpoint with."},
    {"test", "SHARE", "0.1", "Share to report results on."},
    {"balance", "HOW", "none",
     "Of training: none, oversample (repeat), undersample (leave out) or weighted (the loss)."},
    {"balance-test", "", "", "The same number of every class in val and test; the rest is left unused."},
    {"seed", "N", "0", "Seed of the choice."},
    {"again", "", "",
     "Divide anew what has train, val or test folders; they are kept otherwise, and only a missing val is taken from "
     "train."},
    {"out", "FILE", "", "The manifest; by default manifest.jsonl in DATA if it is a folder."},
    {"force", "", "", "Replace a manifest that is there already."},
    kMaxBrokenOption,
    kMaxPixelsOption,
    kWorkersOption,
    kJsonOption,
};

data::Balance BalanceOf(const std::string& text) {
  if (text == "none") return data::Balance::kNone;
  if (text == "oversample") return data::Balance::kOversample;
  if (text == "undersample") return data::Balance::kUndersample;
  if (text == "weighted") return data::Balance::kWeighted;
  const std::vector<std::string> all = {"none", "oversample", "undersample", "weighted"};
  throw Error(ErrorCode::kUsage, fmt::format("--balance '{}': give one of {}{}", text, core::Join(all, ", "),
                                             core::DidYouMean(text, all)));
}

data::SplitOptions SplitOf(const Options& options) {
  data::SplitOptions split{.train = options.Real("train", 0, 1),
                           .val = options.Real("val", 0, 1),
                           .test = options.Real("test", 0, 1),
                           .balance = BalanceOf(options.Text("balance")),
                           .balance_test = options.Switch("balance-test"),
                           .seed = static_cast<uint64_t>(options.Int("seed", 0, std::numeric_limits<int64_t>::max())),
                           .again = options.Switch("again")};
  data::CheckSplitOptions(split);
  return split;
}

void Check(const Options& options, bool /*models*/) {
  SplitOf(options);
  ReadScanOptions(options);
  data::MaxBroken{options.Text("max-broken")};
}

int Run(const Options& options, Console& console) {
  namespace fs = std::filesystem;
  const std::string& path = options.Positional()[0];
  const data::SplitOptions split = SplitOf(options);
  std::error_code ignored;
  std::string out = options.Text("out");
  if (out.empty()) {
    if (!fs::is_directory(path, ignored))
      throw Error(ErrorCode::kUsage, fmt::format("{} is no folder: name the manifest with --out FILE.jsonl", path));
    out = (fs::path(path) / "manifest.jsonl").string();
  }
  if (!core::Lower(out).ends_with(".jsonl"))
    throw Error(ErrorCode::kUsage, fmt::format("--out {}: a manifest's name ends in .jsonl", out));
  if (fs::exists(out, ignored) && !options.Switch("force")) {
    throw Error(ErrorCode::kUsage,
                fmt::format("{} is there already: --force replaces it, --out FILE.jsonl writes another", out));
  }
  // A manifest that is there already is what we are about to replace.
  data::Dataset dataset = data::OpenDataset(path, true);
  data::Scan scan = ScanWithProgress(dataset, options, console);
  const Json broken = SkipBroken(dataset, scan, options, console);
  for (const size_t group : scan.conflicts) {
    std::vector<std::string> paths;
    for (const size_t i : scan.duplicates[group]) paths.push_back(dataset.items[i].path);
    console.Note(fmt::format("equal files of different classes, kept in one part: {}", core::Join(paths, ", ")));
  }
  data::SplitDataset(dataset, split);
  if (const std::string text = data::UntrainedText(dataset); !text.empty()) console.Note(text);
  const fs::path folder = fs::path(out).has_parent_path() ? fs::path(out).parent_path() : fs::path(".");
  core::WriteFileAtomically(out, data::ManifestText(dataset, folder.string()));
  console.Note(fmt::format("wrote {}", out));
  WriteJson(options, console,
            {{"manifest", out},
             {"settings", dataset.settings},
             {"classes", data::InfoJson(dataset, scan)["classes"]},
             {"broken", broken},
             {"data_sha256", data::DataHash(dataset)}});
  if (!JsonTakesStdout(options)) console.Show(ClassTable(dataset));
  return 0;
}

}  // namespace

const Command kDataSplit{
    .name = "data split",
    .summary = "Divide a data set into train, val and test",
    .text = "Stratified; the same contents, options and seed give the same parts, and duplicates stay in one part.",
    .example =
        "bakeoff data split flowers --train 0.7 --val 0.2 --test 0.1\nbakeoff data split flowers.zip --balance "
        "oversample --out flowers.jsonl",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
