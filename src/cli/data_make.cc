// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff data make`: draws one of the embedded data sets.
#include <fmt/format.h>

#include <limits>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/data_common.h"
#include "data/draw/make.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"SET", "fruits (3,374 pictures, 10 unbalanced classes) or shapes (3,000, 12 classes, to pre-train on)."}};
constexpr OptionRow kOptions[] = {
    {"out", "DIR", "", "The folder to make."},
    {"seed", "N", "0", "Seed of the pictures and of the split; the same seed gives the same files."},
    {"part", "SHARE", "1", "Draw only this share of every class (at least 12 pictures of each), to try things out."},
    kWorkersOption,
};

data::draw::MakeOptions MakeOf(const Options& options) {
  data::draw::MakeOptions make;
  make.set = options.Positional()[0];
  make.seed = static_cast<uint64_t>(options.Int("seed", 0, std::numeric_limits<int64_t>::max()));
  make.threads = static_cast<int>(options.Int("workers", 0, 4096));
  make.part = options.Real("part", 1e-6, 1);
  return make;
}

void Check(const Options& options, bool /*models*/) {
  MakeOf(options);
}

int Run(const Options& options, Console& console) {
  const std::string out = options.Text("out");
  if (out.empty()) throw Error(ErrorCode::kUsage, "data make needs --out DIR");
  data::draw::MakeOptions make = MakeOf(options);
  make.progress = ProgressOf(console, "drawing");
  const data::Dataset made = data::draw::MakeSet(out, make);
  console.Clear();
  console.Note(fmt::format("wrote {} pictures to {}", made.items.size(), out));
  console.Show(ClassTable(made));
  return 0;
}

}  // namespace

const Command kDataMake{
    .name = "data make",
    .summary = "Draw a data set: no download needed",
    .text =
        "Pictures vary in shape, colour, size, light, background and noise; manifest.jsonl holds the split 0.8, 0.1, "
        "0.1.",
    .example = "bakeoff data make fruits --out fruits --seed 11",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
