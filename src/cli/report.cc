// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff report`: what a campaign found, in one page, and the same facts as Markdown, CSV and JSON.
#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "core/files.h"
#include "core/scratch.h"
#include "core/utc_time.h"

namespace bakeoff::cli {
namespace {

namespace fs = std::filesystem;

constexpr PositionalRow kWords[] = {
    {"DIR|CAMPAIGN", "The folder of a campaign (`bakeoff run`), or campaigns of the store by number or name.", 1, 0}};

constexpr OptionRow kOptions[] = {
    kStoreOption,
    {"out", "FILE", "",
     "The page, - for stdout. Default: report.html, in DIR where one is given; none where another form is asked for."},
    {"baseline", "ENGINE", "", "Engine that speed-ups are told against, instead of the campaign's."},
    {"title", "TEXT", "", "Heading of the page. Default: the campaign's."},
    kJsonOption,
    {"markdown", "[FILE]", "", "Write the same facts as Markdown to FILE, or to stdout."},
    {"csv", "[FILE]", "", "Write every point and number as one line of CSV to FILE, or to stdout."},
    {"pdf", "FILE", "", "Print the page to FILE with a headless Chromium."},
};

constexpr std::array kForms = {"json", "markdown", "csv", "out"};

// How many of the forms want stdout for themselves.
auto FormsOnStdout(const Options& options) {
  return std::count_if(kForms.begin(), kForms.end(), [&](const char* form) { return TakesStdout(options, form); });
}

void CheckOptions(const Options& options) {
  for (const char* form : kForms) CheckWritable(options, form);
  if (FormsOnStdout(options) > 1)
    throw Error(ErrorCode::kUsage,
                "only one of --json, --markdown, --csv and --out can have stdout; give the others a FILE");
  CheckWritable(options, "pdf");
}

struct Wanted {
  report::Source source;
  std::optional<fs::path> store;  // where samples are
  fs::path folder;                // "" without one
};

bool IsCampaignFolder(const std::string& word, const Options& options) {
  std::error_code error;
  if (options.Has("store") || !fs::is_directory(word, error)) return false;
  if (fs::exists(fs::path(word) / "campaign.json", error)) return true;
  throw Error(
      ErrorCode::kNotFound,
      fmt::format("{}: no campaign.json in this folder; give the folder that `bakeoff run` made, or campaigns of "
                  "the store (`bakeoff runs list`)",
                  word));
}

Wanted Read(const Options& options) {
  const auto& words = options.Positional();
  if (IsCampaignFolder(words[0], options)) {
    if (words.size() > 1)
      throw Error(ErrorCode::kUsage, fmt::format("{}: a report is of one folder; leave out {}", words[0], words[1]));
    return {report::SourceOfFolder(words[0]), report::StoreOfFolder(words[0]), words[0]};
  }
  const store::Store store = ReadStore(options);
  return {report::SourceOfStore(store, words), StorePath(options), {}};
}

Json DataOf(const Options& options, Wanted& wanted) {
  if (options.Has("title")) wanted.source.title = options.Text("title");
  report::BuildOptions build{.version = BAKEOFF_VERSION, .made_at = core::UtcNow()};
  if (options.Has("baseline")) build.baseline = report::Baseline{.engine = options.Text("baseline"), .label = {}};
  std::optional<store::Store> store;
  if (wanted.store) {
    store.emplace(*wanted.store, store::Store::Mode::kRead);
    build.samples = [&](int64_t run) { return store->Samples(run); };
  }
  return report::Build(wanted.source, build);
}

fs::path PageFile(const Options& options, const Wanted& wanted) {
  if (options.Has("out")) return options.Text("out");
  // `out` is not given.
  for (const char* form : kForms) {
    if (options.Has(form)) return {};
  }
  return options.Has("pdf") ? fs::path() : wanted.folder / "report.html";
}

int Run(const Options& options, Console& console) {
  CheckOptions(options);
  Wanted wanted = Read(options);
  const Json data = DataOf(options, wanted);
  const fs::path page = PageFile(options, wanted);
  if (!page.empty() || options.Has("pdf")) {
    const std::string html = report::Html(data, report::ReadChartLibrary());
    if (TakesStdout(options, "out")) {
      console.Out(html);
    } else if (!page.empty()) {
      core::WriteFileAtomically(page, html);
    }
    if (options.Has("pdf")) {
      const core::ScratchFolder scratch(fs::temp_directory_path(), "bakeoff-page");
      core::WriteFileAtomically(scratch.path() / "report.html", html);
      console.Progress("printing the page", true);
      report::PrintPdf(scratch.path() / "report.html", options.Text("pdf"));
    }
  }
  WriteJson(options, console, data);
  for (const Json& answer : data["answers"]) {
    if (page.empty() || FormsOnStdout(options) > 0) break;
    if (answer["stale"].is_object()) console.Paragraph(answer["stale"]["sentence"].get<std::string>());
    console.Paragraph(answer["headline"].get<std::string>());
  }
  if (options.Has("markdown")) WriteText(options, "markdown", console, report::Markdown(data));
  if (options.Has("csv")) WriteText(options, "csv", console, report::Csv(data));
  if (!page.empty() && !TakesStdout(options, "out")) console.Note(fmt::format("report: {}", page.string()));
  if (options.Has("pdf")) console.Note(fmt::format("printed: {}", options.Text("pdf")));
  return 0;
}

}  // namespace

const Command kReport{
    .name = "report",
    .summary = "Write what a campaign found as one page, Markdown, CSV or JSON",
    .text =
        "The page is one file that needs no network: the answer first, then charts and tables, each number with the "
        "runs that it comes from. Sentences say no more than their interval does. docs/report.md explains the "
        "sections.",
    .example =
        "bakeoff report demo\n"
        "bakeoff report 12 before-upgrade --out report.html\n"
        "bakeoff report demo --markdown summary.md --csv numbers.csv",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
