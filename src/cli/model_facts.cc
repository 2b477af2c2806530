// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Finds out about a model: by our own readers where there is one for its format, else by asking an engine.
#include "cli/model_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bakeoff/error.h"
#include "convert/in_folder.h"
#include "core/files.h"
#include "core/formats.h"
#include "core/model_folder.h"
#include "core/onnx_skim.h"
#include "core/shapes.h"
#include "core/text.h"
#include "graph/files/description.h"
#include "graph/files/facts.h"
#include "graph/onnx.h"
#include "graph/shapes.h"
#include "worker/host/catalog.h"
#include "worker/host/handle.h"

namespace bakeoff::cli {
namespace {

constexpr std::chrono::minutes kLoadLimit{2};

// Of the model that is read, with the files that its weights lie in; what else lies in a model folder is not the model.
uint64_t SizeOf(const Artifact& artifact) {
  const std::filesystem::path path = artifact.path;
  std::vector<std::filesystem::path> files{path};
  const core::FormatRow* row = core::FindFormat(artifact.format);
  if (row && row->reader == core::OwnReader::kNetXml)
    files.push_back(std::filesystem::path(path).replace_extension(".bin"));
  if (row && row->reader == core::OwnReader::kOnnx) {
    for (const std::string& name : core::SkimOnnx(path).external_files) files.push_back(path.parent_path() / name);
  }
  uint64_t sum = 0;
  for (const std::filesystem::path& file : files) sum += core::SizeOnDisk(file);
  return sum;
}

TensorFact FactOf(const graph::Value& value) {
  TensorFact fact{.name = value.name(), .type = std::string(graph::ElementTypeName(value.type)), .shape = {}};
  if (value.shape) {
    fact.shape.emplace();
    for (const graph::Dim& dim : *value.shape) fact.shape->push_back(dim.Text());
  }
  return fact;
}

TensorFact FactOf(const TensorSpec& spec) {
  TensorFact fact{.name = spec.name, .type = std::string(DTypeName(spec.type)), .shape = std::vector<std::string>()};
  for (const int64_t extent : spec.shape) fact.shape->push_back(extent < 0 ? "?" : std::to_string(extent));
  return fact;
}

// Concrete shapes for counting; empty, with a note, where the model leaves open more than the batch.
std::map<std::string, Shape> CountingShapes(const std::vector<TensorSpec>& specs,
                                            const std::map<std::string, Shape>& shapes, int64_t batch,
                                            ModelFacts& facts) {
  try {
    return core::CompleteShapes(specs, shapes, batch);
  } catch (const Error& error) {
    if (!shapes.empty()) throw;
    facts.notes.push_back("multiply-adds are not known: " + error.text());
    return {};
  }
}

std::vector<TensorSpec> SpecsOf(const graph::Graph& graph) {
  std::vector<TensorSpec> specs;
  for (const graph::Value* input : graph.inputs()) {
    if (input->constant() || !input->shape) continue;
    TensorSpec spec{.name = input->name(), .type = DType::kF32, .shape = {}};
    for (const graph::Dim& dim : *input->shape) spec.shape.push_back(dim.Value().value_or(kFree));
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::string FirstFew(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  const std::vector<std::string> shown(names.begin(),
                                       names.begin() + static_cast<int64_t>(std::min(kShown, names.size())));
  return core::Join(shown, ", ") + (names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "");
}

void TellWhatIsNotCounted(ModelFacts& facts) {
  if (!facts.census) return;
  if (!facts.census->without_shape.empty() && !facts.counted_for.empty()) {
    facts.notes.push_back("multiply-adds are not known: shapes are missing at " +
                          FirstFew(facts.census->without_shape));
  }
  if (!facts.census->not_counted.empty()) {
    facts.notes.push_back("multiply-adds leave out " + FirstFew(facts.census->not_counted));
  }
}

void ReadModel(ModelFacts& facts, graph::Model model, const std::map<std::string, Shape>& shapes, int64_t batch) {
  facts.ir_version = model.ir_version;
  for (const auto& [domain, version] : model.opsets) facts.opsets[domain.empty() ? "ai.onnx" : domain] = version;
  facts.producer = model.producer + (model.producer_version.empty() ? "" : " " + model.producer_version);
  try {
    graph::CheckOnnx(model);
  } catch (const Error& error) {
    facts.notes.push_back(error.text());
  }
  graph::InferShapes(model, graph::Inference::kLenient);
  for (const graph::Value* input : model.graph.inputs()) {
    if (!input->constant()) facts.inputs.push_back(FactOf(*input));
  }
  for (const graph::Value* output : model.graph.outputs()) facts.outputs.push_back(FactOf(*output));
  facts.counted_for = CountingShapes(SpecsOf(model.graph), shapes, batch, facts);
  graph::BindShapes(model, facts.counted_for);
  graph::InferShapes(model, graph::Inference::kLenient);
  facts.census = graph::CountGraph(model.graph);
  TellWhatIsNotCounted(facts);
}

TensorFact FactOf(const graph::FilePort& port) {
  TensorFact fact{.name = port.name, .type = port.type, .shape = {}};
  if (port.shape) {
    fact.shape.emplace();
    for (const int64_t extent : *port.shape) fact.shape->push_back(extent < 0 ? "?" : std::to_string(extent));
  }
  return fact;
}

void TakeFacts(ModelFacts& facts, graph::FileFacts file) {
  facts.producer = file.producer;
  facts.ir_version = file.file_version;
  facts.opsets = file.opsets;
  for (const graph::FilePort& port : file.inputs) facts.inputs.push_back(FactOf(port));
  for (const graph::FilePort& port : file.outputs) facts.outputs.push_back(FactOf(port));
  facts.counted_for = file.counted_for;
  facts.notes.insert(facts.notes.end(), file.notes.begin(), file.notes.end());
  facts.census = std::move(file.census);
  TellWhatIsNotCounted(facts);
}

void ReadFile(ModelFacts& facts, const std::string& path,
              graph::FileFacts (*read)(const std::filesystem::path&, const graph::ChooseShapes&),
              const std::map<std::string, Shape>& shapes, int64_t batch) {
  TakeFacts(facts, read(path, [&](const std::vector<graph::FilePort>& inputs) {
              std::vector<TensorSpec> specs;
              for (const graph::FilePort& input : inputs) {
                if (input.shape) specs.push_back({.name = input.name, .type = DType::kF32, .shape = *input.shape});
              }
              return CountingShapes(specs, shapes, batch, facts);
            }));
}

bool Reads(const worker::EngineEntryStatus& entry, const std::string& format) {
  return !entry.info.for_testing && std::ranges::find(entry.info.reads, format) != entry.info.reads.end();
}

bool Counts(const worker::EngineEntryStatus& entry, const std::string& format) {
  return std::ranges::find(entry.info.census, format) != entry.info.census.end();
}

// One question to a fresh worker of that engine: Worker::Census or Worker::Load.
template <typename Reply>
Reply AnswerOf(const worker::EngineEntryStatus& entry,
               Reply (worker::Worker::*ask)(const worker::LoadRequest&, std::chrono::milliseconds),
               const worker::LoadRequest& request) {
  const auto worker =
      worker::Worker::Start({.executable = entry.executable, .prefix = {}, .cpus = 0, .environment = {}});
  Reply reply = ((*worker).*ask)(request, kLoadLimit);
  worker->Bye();
  return reply;
}

void AskEngine(ModelFacts& facts, const worker::EngineEntryStatus& entry, const Artifact& artifact,
               const std::map<std::string, Shape>& shapes, int64_t batch) {
  const worker::LoadRequest request{.artifact = artifact, .batch = batch, .shapes = shapes, .engine_options = {}};
  if (Counts(entry, facts.format)) {
    TakeFacts(facts, AnswerOf(entry, &worker::Worker::Census, request));
  } else {
    const auto reply = AnswerOf(entry, &worker::Worker::Load, request);
    for (const TensorSpec& spec : reply.inputs) facts.inputs.push_back(FactOf(spec));
    for (const TensorSpec& spec : reply.outputs) facts.outputs.push_back(FactOf(spec));
    facts.effective = reply.effective;
    facts.notes.push_back(
        fmt::format("read by the engine {}; operators, parameters, multiply-adds and opset are not told by the runtime",
                    entry.name));
  }
  facts.read_by = entry.name;
}

void AskEngines(ModelFacts& facts, const Artifact& artifact, const std::map<std::string, Shape>& shapes, int64_t batch,
                Console& console) {
  std::vector<std::string> failures;
  std::optional<Error> first;
  auto entries = worker::Engines();
  std::erase_if(entries, [&](const auto& entry) {
    return entry.status != worker::EngineStatus::kPresent || !Reads(entry, facts.format);
  });
  // Those that can tell everything come first.
  std::ranges::stable_partition(entries, [&](const auto& entry) { return Counts(entry, facts.format); });
  for (const auto& entry : entries) {
    try {
      console.Progress(fmt::format("asking {}", entry.name), true);
      AskEngine(facts, entry, artifact, shapes, batch);
      console.Clear();
      for (const std::string& failure : failures) facts.notes.push_back(failure);
      return;
    } catch (const Error& error) {
      failures.push_back(fmt::format("{}: {}", entry.name, error.text()));
      // Most engines name the file themselves.
      const std::string named = facts.path + ": ";
      const std::string text = error.text().starts_with(named) ? error.text().substr(named.size()) : error.text();
      if (!first) first = Error(error.code(), fmt::format("{}{}: {}", named, entry.name, text));
    }
  }
  console.Clear();
  if (first) throw *first;
  throw Error(
      ErrorCode::kUnsupported,
      fmt::format("{}: no engine that is present reads the format {}; see: bakeoff engines", facts.path, facts.format));
}

// Where our own reader could not follow the shapes that were given, an engine that can count may.
void CountElsewhere(ModelFacts& facts, const Artifact& artifact, const std::map<std::string, Shape>& shapes,
                    int64_t batch, Console& console) {
  constexpr std::string_view kUnknown = "multiply-adds are not known: ";
  const auto unknown = [&](const std::string& note) { return note.starts_with(kUnknown); };
  if (shapes.empty() || !facts.census || facts.census->multiply_adds || std::ranges::none_of(facts.notes, unknown))
    return;
  for (const auto& entry : worker::Engines()) {
    if (entry.status != worker::EngineStatus::kPresent || !Counts(entry, facts.format)) continue;
    try {
      console.Progress(fmt::format("asking {}", entry.name), true);
      const graph::FileFacts file =
          AnswerOf(entry, &worker::Worker::Census,
                   {.artifact = artifact, .batch = batch, .shapes = shapes, .engine_options = {}});
      console.Clear();
      if (!file.census.multiply_adds) continue;
      std::erase_if(facts.notes, unknown);
      facts.census->multiply_adds = file.census.multiply_adds;
      facts.census->without_shape.clear();
      facts.counted_for = file.counted_for;
      facts.notes.push_back("multiply-adds were counted by " + entry.name);
      return;
    } catch (const Error& error) {
      facts.notes.push_back(fmt::format("{}: {}", entry.name, error.text()));
    }
  }
  console.Clear();
}

Json FormatsIn(const core::ModelFolder& folder) {
  Json formats = Json::array();
  for (const core::FormatRow& row : core::Formats()) {
    if (row.id == folder.model.format || row.id == "folder") continue;
    const convert::InFolder there = convert::LookInFolder(folder, FormatId(row.id));
    if (there.state == convert::FolderState::kAbsent) continue;
    formats.push_back({{"format", row.id},
                       {"path", there.path.filename().string()},
                       {"current", there.state == convert::FolderState::kCurrent},
                       {"reason", there.why.empty() ? Json() : Json(there.why)}});
  }
  return formats;
}

}  // namespace

ModelFacts LearnFacts(const std::string& path, const std::map<std::string, Shape>& shapes, int64_t batch,
                      Console& console) {
  const Artifact artifact = core::OpenArtifact(path);
  ModelFacts facts;
  facts.path = path;
  facts.format = artifact.format;
  facts.bytes = SizeOf(artifact);
  if (std::filesystem::exists(std::filesystem::path(path) / "model.json")) {
    const core::ModelFolder folder = core::ReadModelFolder(path);
    facts.folder = {{"name", folder.name},
                    {"classes", folder.classes},
                    {"preprocess", folder.preprocess},
                    {"metrics", folder.whole.value("metrics", Json())}};
    facts.formats = FormatsIn(folder);
  }
  facts.description = graph::FindDescription(artifact);
  const auto* row = core::FindFormat(artifact.format);
  switch (row ? row->reader : core::OwnReader::kNone) {
    case core::OwnReader::kOnnx:
      ReadModel(facts, graph::ReadOnnx(artifact.path), shapes, batch);
      break;
    case core::OwnReader::kOrt:
      ReadModel(facts, graph::ReadOrt(artifact.path), shapes, batch);
      break;
    case core::OwnReader::kFlatbuffer:
      ReadFile(facts, artifact.path, graph::ReadTfliteFacts, shapes, batch);
      break;
    case core::OwnReader::kNetXml:
      ReadFile(facts, artifact.path, graph::ReadNetXmlFacts, shapes, batch);
      break;
    case core::OwnReader::kFrozen:
      ReadFile(facts, artifact.path, graph::ReadFrozenFacts, shapes, batch);
      break;
    case core::OwnReader::kSavedModel:
      ReadFile(facts, artifact.path, graph::ReadSavedModelFacts, shapes, batch);
      break;
    case core::OwnReader::kNone:
      AskEngines(facts, artifact, shapes, batch, console);
  }
  CountElsewhere(facts, artifact, shapes, batch, console);
  return facts;
}

}  // namespace bakeoff::cli
