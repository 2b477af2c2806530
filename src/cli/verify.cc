// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff verify`: do these models, on these engines, give the same answers?
#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/convert_models.h"
#include "cli/layout_names.h"
#include "cli/output.h"
#include "core/formats.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

using verify::RowStatus;

constexpr PositionalRow kWords[] = {{"MODEL", "Model files or folders of one network.", 1, 0}};

constexpr OptionRow kOptions[] = {
    kEnginesOption,
    OptionRow{"seeds", "N", "3", "Sets of random inputs; the one that agrees least is reported."},
    kSeedOption,
    kInputOption,
    kShapeOption,
    kRangeOption,
    kLayoutOption,
    OptionRow{"batch", "N", "", "Samples per inference. Default: 1, or what the model has."},
    OptionRow{"precision", "P", "f32", "Lowest precision allowed: f32, bf16, f16."},
    kToleranceOption,
    kNoConvertOption,
    kEngineOption,
    OptionRow{"threads", "N", "", "Threads of each engine. Default: the CPUs that this process may use."},
    OptionRow{
        "reference", "ENGINE", "",
        "Engine whose answers count. Default: the first that is not for testing, with the first model that it reads."},
    kTimeoutOption,
    kOnOption,
    kJsonOption,
};

std::string Small(const std::optional<double>& value) {
  return value ? fmt::format("{:.2g}", *value) : "-";
}

Style StyleOf(RowStatus status) {
  if (status == RowStatus::kReference || status == RowStatus::kAgree) return Style::kGood;
  return status == RowStatus::kWeak ? Style::kDim : Style::kBad;
}

std::vector<std::string> Paths(const verify::Result& result) {
  std::vector<std::string> paths;
  for (const verify::Row& row : result.rows) paths.push_back(Given(row).path);
  return paths;
}

// An engine that cannot read this format but was asked with another one: no news for the table. The JSON has the row.
bool ServedOtherwise(const verify::Result& result, const verify::Row& row) {
  const bool not_asked = row.status == RowStatus::kUnsupported && row.canonical_sha256.empty();
  return not_asked && std::any_of(result.rows.begin(), result.rows.end(), [&](const verify::Row& other) {
           return other.engine == row.engine && other.artifact.path != row.artifact.path &&
                  other.status != RowStatus::kUnsupported;
         });
}

Table TableOf(const verify::Result& result) {
  Table table{.columns = {{.title = "model", .wrap = true},
                          {.title = "engine"},
                          {.title = "max abs", .right = true},
                          {.title = "max rel", .right = true},
                          {.title = "SQNR dB", .right = true},
                          {.title = "top-1", .right = true},
                          {.title = "verdict"}}};
  for (const verify::Row& row : result.rows) {
    std::string model = ShortName(Given(row).path, Paths(result));
    if (row.conversion && !row.conversion->error)
      model = fmt::format("{} -> {}", core::Printable(core::ModelName(model)), row.artifact.format);
    const verify::OutputRow* worst = row.status == RowStatus::kReference ? nullptr : verify::WorstOutput(row.check);
    const verify::Difference difference = worst ? worst->difference : verify::Difference{};
    if (!row.reads.empty()) continue;
    table.rows.push_back({std::move(model),
                          {row.engine, Style::kBold},
                          Small(difference.max_abs),
                          Small(difference.max_rel),
                          verify::LevelText(difference.centred_sqnr_db),
                          row.top1_agreement && worst ? fmt::format("{:.1f}%", *row.top1_agreement * 100) : "-",
                          {std::string(verify::StatusName(row.status)), StyleOf(row.status)}});
  }
  return table;
}

// `common`: what bench and verify read in the same way is read by the same code.
verify::Request RequestOf(const Options& options, bool with_models, measure::Settings& common) {
  verify::Request request;
  request.threads = ReadThreads(options);
  common.shapes = ReadShapes(options);
  if (options.Has("batch")) common.batches = {options.Int("batch", 1, 1 << 20)};
  common.reference = options.Text("reference");
  request.precision = options.Text("precision");
  RequirePrecision({request.precision});
  request.tolerance = ReadTolerance(options);
  request.seeds = static_cast<int>(options.Int("seeds", 1, 1000));
  request.limit = ReadLimit(options);
  request.prefix = ReadPrefix(options);
  request.inputs.seed = ReadSeed(options);
  request.inputs.ranges = ReadRanges(options);
  if (with_models) {
    request.models = OpenModels(options, request.notes);
    CheckNames(options, request.models);
    request.inputs = ReadInputs(options, false);
  }
  common.engines = measure::ChooseEngines(worker::Engines(), options.List("engines"));
  request.options = ReadEngineOptions(options, common);
  measure::CheckSettings(common);
  if (with_models) verify::CheckRequest(request.models, common.shapes, request.inputs, common.batches.front());
  request.engines = common.engines;
  request.batch = common.batches.front();
  request.shapes = common.shapes;
  request.reference = common.reference;
  return request;
}

void Check(const Options& options, bool models) {
  measure::Settings common;
  RequestOf(options, models, common);
}

int Run(const Options& options, Console& console) {
  measure::Settings common;
  verify::Request request = RequestOf(options, true, common);
  CheckWritable(options, "json");
  request.advise = AdviceOnConverting(common.shapes);
  CheckLayoutNames(options,
                   {.networks = {request.models},
                    .shapes = request.shapes,
                    .inputs = &request.inputs,
                    .options = request.options,
                    .limit = request.limit},
                   console);
  request.conversions = ConvertModels(options,
                                      {.models = request.models,
                                       .engines = request.engines,
                                       .shapes = request.shapes,
                                       .ranges = request.inputs.ranges,
                                       .limit = request.limit},
                                      console, request.notes);

  const verify::Result result =
      verify::Verify(request, verify::StartWorker, [&](const std::string& text) { console.Progress(text); });
  console.Clear();
  WriteJson(options, console, verify::ToJson(result));
  if (!JsonTakesStdout(options)) {
    Table table = TableOf(result);
    constexpr std::array<std::string_view, 1> kGiveWay = {"top-1"};
    const auto left_out = Fit(table, static_cast<size_t>(console.width()), kGiveWay);
    console.Show(table);
    if (!left_out.empty()) console.Paragraph(fmt::format("(no room for {}: --json has it)", left_out.front()));
    if (!result.rows.empty()) console.Out("\n");
    std::vector<Unread> unread;
    for (const verify::Row& row : result.rows) {
      if (!row.reads.empty()) {
        if (!ServedOtherwise(result, row))
          AddUnread(row.artifact, row.engine, row.reads, row.advice, Paths(result), unread);
        continue;
      }
      const std::string why = row.error ? row.error->text() : row.check.reason;
      if (!why.empty())
        console.Paragraph(fmt::format("{} on {}: {}: {}", ShortName(Given(row).path, Paths(result)), row.engine,
                                      verify::StatusName(row.status), why));
    }
    for (const Unread& each : unread) console.Paragraph(each.Text());
    for (const std::string& note : result.notes) console.Paragraph(note);
  }
  return verify::ExitCode(result);
}

}  // namespace

const Command kVerify{
    .name = "verify",
    .summary = "Compare the answers of models and engines on the same inputs",
    .text =
        "The first engine with the first model that it reads is the reference. SQNR is that of the output that agrees "
        "least, without its mean.\n"
        "Exit code: 0 all agree (weak proof included), 1 at any mismatch, 3 at any failed row or when nothing was "
        "compared.",
    .example = "bakeoff verify net.onnx\nbakeoff verify net.onnx net.tflite --engines a,b --json verify.json",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
