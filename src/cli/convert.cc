// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff convert`: from one format to another, verified.
#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/convert_all.h"
#include "cli/layout_names.h"
#include "cli/output.h"
#include "convert/route.h"
#include "core/formats.h"
#include "core/text.h"
#include "graph/files/description.h"

namespace bakeoff::cli {
namespace {

using convert::Status;

constexpr PositionalRow kWords[] = {
    {"SRC", "The model: a file or folder of any known format, or a model folder."},
    {"DST", "The file or folder to write; its ending says the format (.onnx, .xml, .tflite). Not with --all.", 0},
};

constexpr OptionRow kOptions[] = {
    OptionRow{"to", "FORMAT", "", "Format to write, where DST's name does not say it: savedmodel for instance."},
    OptionRow{"all", "", "",
              "Every format that hops lead to, into the model folder SRC; those that are there and current stay."},
    OptionRow{"shape", "NAME=1x3x224x224", "",
              "Extents to fix in the result; ? leaves one as it is. Without NAME for an only input.", 0, true},
    OptionRow{"try-shape", "NAME=1x3x96x64", "", "Sizes of free extents for the comparison. Default: several.", 0,
              true},
    OptionRow{"opset", "N", "", "Opset of ONNX results, 13 to 21. Default: 17."},
    OptionRow{"precision", "P", "f32", "Of the weights: f32 or f16."},
    OptionRow{"option", "HOP.NAME=VALUE", "", "An option of a hop.", 'o', true},
    OptionRow{"no-verify", "", "", "Do not compare answers; the record says so."},
    OptionRow{"force", "", "", "Replace DST if it exists, once the new one is verified."},
    OptionRow{"engines", "A,B", "all", "Engines that may run source and result for the comparison.", 0, true},
    OptionRow{"seeds", "N", "3", "Sets of random inputs per shape."},
    kSeedOption,
    kRangeOption,
    kLayoutOption,
    OptionRow{"threads", "N", "", "Threads. Default: the CPUs that this process may use."},
    OptionRow{"timeout", "TIME", "300s", "A hop or engine that gives no answer for this long is killed."},
    kJsonOption,
};

Style StyleOf(Status status) {
  if (status == Status::kVerified) return Style::kGood;
  return status == Status::kWeak || status == Status::kUnverified ? Style::kDim : Style::kBad;
}

std::string Number(const std::optional<double>& value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

Table TableOf(const convert::Result& result) {
  Table table{.columns = {{.title = "hop", .wrap = true},
                          {.title = "seconds", .right = true},
                          {.title = "compared on"},
                          {.title = "max abs", .right = true},
                          {.title = "max rel", .right = true},
                          {.title = "SQNR dB", .right = true},
                          {.title = "status"}}};
  for (const convert::Row& row : result.rows) {
    const verify::OutputRow* worst = row.proof ? verify::WorstOutput(row.proof->check) : nullptr;
    const verify::Difference difference = worst ? worst->difference : verify::Difference{};
    // What was never made is no row: the text below says why.
    if (!row.reply) continue;
    table.rows.push_back({fmt::format("{} -> {}", row.from, row.to),
                          fmt::format("{:.2f}", static_cast<double>(row.reply->convert_ns) / 1e9),
                          row.proof ? fmt::format("{}, {}", row.proof->source_engine, row.proof->target_engine) : "-",
                          Number(difference.max_abs, "{:.2g}"),
                          Number(difference.max_rel, "{:.2g}"),
                          verify::LevelText(difference.centred_sqnr_db),
                          {std::string(convert::StatusName(row.status)), StyleOf(row.status)}});
  }
  return table;
}

void ReadHopOptions(const Options& options, convert::Request& request) {
  if (!options.Has("option")) return;
  for (const auto& [name, value] : options.Pairs("option")) {
    const size_t dot = name.find('.');
    const std::string hop = name.substr(0, dot);
    std::vector<std::string> known;
    for (const auto& entry : request.hops) known.push_back(entry.name);
    if (dot == std::string::npos || std::find(known.begin(), known.end(), hop) == known.end()) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("--option {}: give HOP.NAME=VALUE; the hops are {}", name, core::Join(known, ", ")));
    }
    request.hop_options[hop][name.substr(dot + 1)] = value;
  }
}

// Whether a format is said, by --to or by DST. What is offered instead is what can be made of the model.
void NeedFormat(const Options& options) {
  const auto known = convert::FormatNames();
  const std::string to = options.Text("to");
  const auto words = options.Positional();
  if (options.Has("to") ? std::find(known.begin(), known.end(), to) != known.end()
                        : words.size() > 1 && convert::FormatOfName(words[1]))
    return;
  const std::string reach = convert::ReachText(worker::Hops(), core::OpenArtifact(words[0]).format);
  if (options.Has("to"))
    throw Error(ErrorCode::kUsage, fmt::format("--to '{}': unknown{}; {}", to, core::DidYouMean(to, known), reach));
  if (words.size() < 2)
    throw Error(ErrorCode::kUsage,
                fmt::format("DST is missing: the file or folder to write; {} (see: bakeoff convert --help)", reach));
  throw Error(ErrorCode::kUsage,
              fmt::format("{}: its name does not say which format is wanted; say it with --to: {}", words[1], reach));
}

// What the options say, without the model, hops and engines.
convert::Request ValuesOf(const Options& options) {
  convert::Request request;
  if (!options.Switch("all")) {
    if (options.Positional().size() < 2) NeedFormat(options);
    request.destination = options.Positional()[1];
    core::NeedUtf8(request.destination);
    NeedFormat(options);
    request.to = options.Has("to") ? options.Text("to") : *convert::FormatOfName(request.destination);
  }
  request.shapes = ReadShapes(options);
  request.try_shapes = ReadShapes(options, "try-shape");
  if (options.Has("opset")) request.opset = options.Int("opset", 13, 21);
  request.precision = options.Text("precision");
  if (request.precision != "f32" && request.precision != "f16")
    throw Error(ErrorCode::kUsage, fmt::format("--precision {}: give f32 or f16", request.precision));
  request.verify = !options.Switch("no-verify");
  request.replace = options.Switch("force");
  request.seeds = static_cast<int>(options.Int("seeds", 1, 1000));
  request.threads = ReadThreads(options);
  request.limit = ReadLimit(options);
  request.inputs.seed = ReadSeed(options);
  request.inputs.ranges = ReadRanges(options);
  return request;
}

void Check(const Options& options, bool models) {
  ValuesOf(options);
  if (models && options.Has("layout"))
    verify::CheckLayouts(options.Pairs("layout"), {core::OpenArtifact(options.Positional()[0])});
}

convert::Request RequestOf(const Options& options) {
  convert::Request request = ValuesOf(options);
  request.source = core::OpenArtifact(options.Positional()[0]);
  if (options.Has("layout")) {
    verify::AddLayouts(options.Pairs("layout"), request.source);
    verify::CheckLayouts(options.Pairs("layout"), {request.source});
  }
  request.description = graph::FindDescription(request.source);
  request.hops = worker::Hops();
  ReadHopOptions(options, request);
  if (request.verify) request.engines = measure::ChooseEngines(worker::Engines(), options.List("engines"));
  return request;
}

int Run(const Options& options, Console& console) {
  CheckWritable(options, "json");
  const convert::Request request = RequestOf(options);
  CheckLayoutNames(options,
                   {.networks = {{request.source}},
                    .shapes = request.shapes,
                    .inputs = &request.inputs,
                    .options = {},
                    .limit = request.limit},
                   console);
  if (options.Switch("all")) return ConvertAllFormats(options, request, console);
  const convert::Result result = convert::Convert(request, [&](const std::string& text) { console.Progress(text); });
  console.Clear();
  WriteJson(options, console, convert::ToJson(result));
  if (JsonTakesStdout(options)) return convert::ExitCode(result);
  if (Table table = TableOf(result); !table.rows.empty()) {
    constexpr std::array<std::string_view, 1> kGiveWay = {"max abs"};
    const auto left_out = Fit(table, static_cast<size_t>(console.width()), kGiveWay);
    console.Show(table);
    if (!left_out.empty()) console.Paragraph(fmt::format("(no room for {}: --json has it)", left_out.front()));
    console.Out("\n");
  }
  for (const convert::Row& row : result.rows) {
    if (row.error)
      console.Paragraph(fmt::format("{} -> {}{}: {}: {}", row.from, row.to,
                                    row.to == request.to ? "" : fmt::format(", on the way to {}", request.to),
                                    convert::StatusName(row.status), row.error->text()));
    if (row.reply) {
      for (const std::string& note : row.reply->converted.notes) console.Paragraph(note);
    }
    if (!row.proof) continue;
    if (!row.error && !row.proof->check.reason.empty()) console.Paragraph(row.proof->check.reason);
    for (const std::string& note : row.proof->notes) console.Paragraph(note);
  }
  for (const std::string& note : result.notes) console.Paragraph(note);
  if (result.published) {
    const char* how = result.rows.back().status == Status::kUnverified ? ", not verified" : "";
    console.Paragraph(fmt::format("wrote {}{}", result.destination, how));
  } else {
    console.Paragraph(fmt::format("nothing was written to {}", result.destination));
  }
  return convert::ExitCode(result);
}

}  // namespace

const Command kConvert{
    .name = "convert",
    .summary = "Convert a model to another format and prove that it gives the same answers",
    .text =
        "Source and result run on engines with the same inputs: several seeds, batches and sizes; outputs of a final "
        "softmax are compared before it. Only a result that agrees gets its name, with a record beside it.\n"
        "With --all a model folder gets every format; a format that cannot be made is a row with its reason, the "
        "others stay.\n"
        "Exit code: 0 converted and verified (or --no-verify), 1 the answers differ, 3 it cannot be converted.",
    .example =
        "bakeoff convert net.onnx net.xml\nbakeoff convert model --all\nbakeoff convert net.onnx half.xml --precision "
        "f16 --json convert.json",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
