// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff runs export`: records, with their raw samples where they are wanted, for other programs.
#include <fmt/format.h>

#include <fstream>
#include <functional>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "core/files.h"
#include "measure/fields.h"
#include "measure/recording.h"
#include "measure/side.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {{"CAMPAIGN", "Number or name of a campaign; several may be given.", 1, 0}};
constexpr OptionRow kOptions[] = {
    kStoreOption,
    {"format", "F", "jsonl", "jsonl (a JSON object per line and run) or csv (a line per run)."},
    {"samples", "", "", "jsonl: with `samples_ns`, every latency in the order of measuring."},
    {"out", "FILE", "-", "Where to; -: stdout."},
};

using Write = std::function<void(std::string_view text)>;

// One run at a time: the samples of a campaign need not fit into memory.
void WriteLines(const store::Store& store, const store::Campaign& campaign, bool samples, const Write& write) {
  store.EachRun({.campaign = campaign.id}, [&](const store::RunLine& line) {
    Json record = store.Record(line.id);
    record["id"] = line.id;
    record["campaign"] = campaign.id;
    measure::AddPlace(campaign, record);
    if (samples) record["samples_ns"] = store.Samples(line.id);
    write(record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  });
}

void Export(const store::Store& store, const std::vector<store::Campaign>& campaigns, const Options& options,
            const Write& write) {
  if (options.Text("format") == "jsonl") {
    for (const store::Campaign& campaign : campaigns) WriteLines(store, campaign, options.Switch("samples"), write);
    return;
  }
  write(measure::CsvHeader());
  for (const store::Campaign& campaign : campaigns) {
    const measure::Outcome outcome = measure::StoredOutcome(store, campaign);
    write(measure::CsvLines(outcome.runs, outcome.environment.grade));
  }
}

int Run(const Options& options, Console& console) {
  const std::string format = options.Text("format");
  if (format != "jsonl" && format != "csv")
    throw Error(ErrorCode::kUsage, fmt::format("--format '{}': give jsonl or csv", format));
  if (format == "csv" && options.Switch("samples"))
    throw Error(ErrorCode::kUsage, "--samples: a line per run has no place for them; use --format jsonl");
  const store::Store store = ReadStore(options);
  std::vector<store::Campaign> campaigns;
  for (const std::string& word : options.Positional()) campaigns.push_back(store.Find(word));
  const std::string out = options.Text("out");
  if (out == "-") {
    Export(store, campaigns, options, [&](std::string_view text) { console.Out(text); });
    return 0;
  }
  CheckWritable(options, "out");
  core::WriteFileInPieces(out, [&](const auto& write) { Export(store, campaigns, options, write); });
  return 0;
}

}  // namespace

const Command kRunsExport{
    .name = "runs export",
    .summary = "Write runs as JSON lines or CSV, with raw samples if wanted",
    .text =
        "docs/results-format.md describes the fields. Percentiles and intervals can be worked out anew from the "
        "samples.",
    .example =
        "bakeoff runs export 12 --samples --out runs.jsonl\n"
        "bakeoff runs export before after --format csv --out runs.csv",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
