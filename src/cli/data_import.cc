// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff data import`: any source as a plain folder with a manifest.
#include <fmt/format.h>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/data_common.h"
#include "data/import.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {{"DATA", "What `data info` takes."}, {"DIR", "The folder to make."}};
constexpr OptionRow kOptions[] = {
    {"link", "HOW", "no", "Instead of copying: hard or symbolic links, where DATA is a folder or a list."},
    kMaxBrokenOption,
    kMaxPixelsOption,
    kWorkersOption,
};

data::LinkMode LinkOf(const std::string& text) {
  if (text == "no") return data::LinkMode::kCopy;
  if (text == "hard") return data::LinkMode::kHard;
  if (text == "symbolic") return data::LinkMode::kSymbolic;
  throw Error(ErrorCode::kUsage, fmt::format("--link '{}': give no, hard or symbolic", text));
}

int Run(const Options& options, Console& console) {
  const data::ImportOptions import{.link = LinkOf(options.Text("link")), .progress = ProgressOf(console, "writing")};
  data::Dataset dataset = data::OpenDataset(options.Positional()[0]);
  data::Scan scan = ScanWithProgress(dataset, options, console);
  SkipBroken(dataset, scan, options, console);
  const data::Dataset made = data::ImportDataset(dataset, options.Positional()[1], import);
  console.Clear();
  console.Note(fmt::format("wrote {} pictures to {}", made.items.size(), options.Positional()[1]));
  console.Show(ClassTable(made));
  return 0;
}

}  // namespace

const Command kDataImport{
    .name = "data import",
    .summary = "Copy a data set from any source into a plain folder",
    .text = "DIR becomes DIR/[SPLIT/]CLASS/picture with a manifest.jsonl. It appears whole or not at all.",
    .example =
        "bakeoff data import cifar-10-binary.tar.gz cifar10\nbakeoff data import list.csv flowers --link symbolic",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
