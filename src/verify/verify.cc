// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Answers of every model on every engine, against one reference.
#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error_json.h"
#include "core/text.h"
#include "worker/info.h"

namespace bakeoff::verify {
namespace {

// What one model on one engine said to every set of inputs.
struct Told {
  Ports inputs;
  std::string shapes_from;
  Json layouts = Json::object();
  std::vector<InputSet> sets;  // without their bytes
  std::vector<Answers> answers;
};

std::map<std::string, std::string> OptionsFor(const Request& request, const std::string& engine) {
  const auto given = request.options.find(engine);
  return given == request.options.end() ? std::map<std::string, std::string>() : given->second;
}

Told Ask(const Request& request, const Artifact& artifact, const worker::EngineEntryStatus& engine, Network& network,
         const Ports* reference, const StartSession& start, const std::function<void(const std::string&)>& progress) {
  worker::LoadRequest load{
      .artifact = artifact, .device = request.device, .threads = request.threads, .precision = request.precision};
  load.batch = request.batch;
  load.engine_options = OptionsFor(request, engine.name);
  const auto fresh = [&] {
    return start({.executable = engine.executable,
                  .prefix = request.prefix,
                  .cpus = request.threads,
                  .environment = worker::EnvironmentFor(engine.info, load.engine_options)});
  };
  const Opened opened = network.Open(engine.name, engine.info.for_testing, fresh, load, request.limit);
  Told told{.inputs = opened.inputs,
            .shapes_from = opened.shapes_from,
            .layouts = LayoutsJson(opened.inputs),
            .sets = {},
            .answers = {}};
  // The user speaks of inputs as the first model that tells them calls and orders them.
  const auto lead = network.Lead(request.batch);
  if (!reference && lead && Pair(*lead, told.inputs)) told.inputs = *lead;
  const auto batch = static_cast<size_t>(std::max<int64_t>(1, opened.batch));
  // Every picture once; more seeds would show them again.
  const size_t shows = request.inputs.PictureBatches(batch);
  const size_t sets = shows > 0 ? shows : static_cast<size_t>(request.seeds);
  for (size_t i = 0; i < sets; ++i) {
    if (i > 0 && progress)
      progress(fmt::format("{} on {}: {} {} of {}", artifact.path, engine.name,
                           shows > 0 ? "pictures, batch" : "random inputs", i + 1, sets));
    InputChoices choices = network.choices();
    choices.seed += i;
    choices.first_picture = i * batch;
    InputSet set = MakeInputs(opened.inputs, reference ? *reference : told.inputs, choices);
    told.answers.push_back(AnswersOf(artifact, opened.session->Infer(set.delivered, request.limit).outputs));
    set.delivered.clear();
    told.sets.push_back(std::move(set));
  }
  opened.session->Bye();
  return told;
}

// Whether the second check says worse things than the first.
bool Worse(const Check& one, const Check& other) {
  if (other.verdict != one.verdict) return other.verdict > one.verdict;
  const OutputRow* first = WorstOutput(one);
  const OutputRow* second = WorstOutput(other);
  return first && second &&
         second->difference.centred_sqnr_db.value_or(-1) < first->difference.centred_sqnr_db.value_or(-1);
}

void TakeInputs(const Told& told, Row& row) {
  row.canonical_sha256 = told.sets.front().canonical_sha256;
  row.delivered_sha256 = told.sets.front().delivered_sha256;
  row.layouts = told.layouts;
  row.shapes_from = told.shapes_from;
}

void Judge(const Request& request, const Told* reference, const Told& told, Row& row) {
  TakeInputs(told, row);
  if (reference && reference->sets.front().canonical_sha256 != row.canonical_sha256) {
    row.status = RowStatus::kUnsupported;
    row.error =
        Error(ErrorCode::kUnsupported,
              "its inputs have other element types than the reference's, so the same values cannot be given to both");
    return;
  }
  row.sets = static_cast<int>(told.answers.size());
  double same = 0;
  size_t judged = 0;
  for (size_t i = 0; i < told.answers.size(); ++i) {
    Check check;
    if (reference) {
      row.tolerance = ToleranceName(request.tolerance, request.precision, reference->answers[i], told.answers[i]);
      check = CompareAnswers(reference->answers[i], told.answers[i], ToleranceFor(row.tolerance));
    } else {
      check = InspectAnswers(told.answers[i], true);
    }
    if (const OutputRow* worst = WorstOutput(check); worst && worst->difference.top1_agreement) {
      same += *worst->difference.top1_agreement;
      ++judged;
    }
    if (i == 0 || Worse(row.check, check)) row.check = std::move(check);
  }
  if (judged > 0) row.top1_agreement = same / static_cast<double>(judged);
  row.status = row.check.verdict == Verdict::kMismatch ? RowStatus::kMismatch
               : row.check.verdict == Verdict::kWeak   ? RowStatus::kWeak
                                                       : RowStatus::kAgree;
  if (row.status == RowStatus::kMismatch) row.error = Error(ErrorCode::kMismatch, row.check.reason);
}

void Fail(const Error& error, Row& row) {
  row.error = error;
  row.status = error.code() == ErrorCode::kMismatch      ? RowStatus::kMismatch
               : error.code() == ErrorCode::kUnsupported ? RowStatus::kUnsupported
                                                         : RowStatus::kFailed;
}

struct Pairing {
  const Artifact* artifact;
  const worker::EngineEntryStatus* engine;
};

// Rows that can be asked, the reference's candidates first.
std::vector<Pairing> InOrder(const Request& request) {
  std::vector<Pairing> pairs;
  for (const Artifact& artifact : request.models) {
    for (const worker::EngineEntryStatus& engine : request.engines) pairs.push_back({&artifact, &engine});
  }
  const auto late = [&](const Pairing& pair) {
    if (!request.reference.empty()) return pair.engine->name != request.reference;
    // What was given counts before what was made of it.
    return pair.engine->info.for_testing ||
           FindConversion(request.conversions, *pair.artifact, pair.engine->name) != nullptr;
  };
  std::stable_partition(pairs.begin(), pairs.end(), [&](const Pairing& pair) { return !late(pair); });
  return pairs;
}

Row RowFor(const Request& request, const Pairing& pair) {
  Row row{.artifact = ArtifactFor(pair.engine->info, *pair.artifact),
          .engine = pair.engine->name,
          .version = pair.engine->info.version,
          .options = OptionsFor(request, pair.engine->name),
          .status = RowStatus::kFailed};
  if (const auto* conversion = FindConversion(request.conversions, *pair.artifact, pair.engine->name)) {
    row.conversion = *conversion;
    if (conversion->error) {
      row.error = conversion->error;
      row.status = row.error->code() == ErrorCode::kMismatch ? RowStatus::kMismatch
                   : IsRefusal(*row.error)                   ? RowStatus::kUnsupported
                                                             : RowStatus::kFailed;
      return row;
    }
    row.artifact = conversion->artifact;
    return row;
  }
  if (pair.engine->status != worker::EngineStatus::kPresent) {
    row.status = RowStatus::kSkipped;
    row.error = Error(
        ErrorCode::kUnavailable,
        fmt::format("{} is {}: {}", pair.engine->name, worker::StatusName(pair.engine->status), pair.engine->reason));
  } else if (!Reads(pair.engine->info, *pair.artifact)) {
    row.status = RowStatus::kUnsupported;
    row.reads = pair.engine->info.reads;
    if (request.advise) row.advice = request.advise(pair.engine->info, *pair.artifact);
    row.error = Error(ErrorCode::kUnsupported, WhyNotRead(pair.engine->info, *pair.artifact, row.advice));
  }
  return row;
}

// Whether some engine's answer with this model was held against another, or is the reference itself.
bool WasCompared(const Result& result, const Artifact& artifact) {
  return std::any_of(result.rows.begin(), result.rows.end(), [&](const Row& row) {
    return SameModel(Given(row), artifact) &&
           (row.status == RowStatus::kReference || row.status == RowStatus::kMismatch || !row.tolerance.empty());
  });
}

// Whether any row was held against the reference.
bool AnyCompared(const Result& result) {
  return std::any_of(result.rows.begin(), result.rows.end(),
                     [](const Row& row) { return row.status != RowStatus::kReference && !row.tolerance.empty(); });
}

void AddNote(Result& result, std::string note) {
  if (std::find(result.notes.begin(), result.notes.end(), note) == result.notes.end())
    result.notes.push_back(std::move(note));
}

}  // namespace

const Artifact& Given(const Row& row) {
  return row.conversion ? row.conversion->source : row.artifact;
}

std::string_view StatusName(RowStatus status) {
  switch (status) {
    case RowStatus::kReference:
      return "reference";
    case RowStatus::kAgree:
      return "agree";
    case RowStatus::kWeak:
      return "weak";
    case RowStatus::kMismatch:
      return "mismatch";
    case RowStatus::kFailed:
      return "failed";
    case RowStatus::kSkipped:
      return "skipped";
    case RowStatus::kUnsupported:
      return "unsupported";
  }
  return "";
}

Result Verify(const Request& request, const StartSession& start,
              const std::function<void(const std::string&)>& progress) {
  Result result;
  result.notes = request.notes;
  for (const auto& [name, pictures] : request.inputs.pictures)
    AddNote(result,
            fmt::format("{}: {} pictures, {}", pictures.folder, pictures.files.size(),
                        pictures.pipeline ? "pre-processed as model.json says"
                                          : "pre-processing assumed: resized, cropped, ImageNet mean and deviation"));
  std::optional<Told> reference;
  std::optional<Error> objection;
  bool any_told = false;
  Network network(WithResults(request.models, request.conversions), request.shapes, request.inputs);
  const std::vector<Pairing> pairs = InOrder(request);
  for (const Pairing& pair : pairs) result.rows.push_back(RowFor(request, pair));

  // Asks for one row. False: the model or the engine objects to the request as long as no other model has told more.
  const auto ask = [&](size_t i, bool last) {
    Row& row = result.rows[i];
    const Pairing& pair = pairs[i];
    if (progress) progress(fmt::format("{} on {}", pair.artifact->path, pair.engine->name));
    const bool may_refer =
        !pair.engine->info.for_testing && (request.reference.empty() || pair.engine->name == request.reference);
    try {
      Told told =
          Ask(request, row.artifact, *pair.engine, network, reference ? &reference->inputs : nullptr, start, progress);
      any_told = true;
      if (!told.shapes_from.empty() && !row.conversion)
        AddNote(result, fmt::format("{} does not tell its input shapes: they are those of {}", pair.artifact->path,
                                    told.shapes_from));
      for (const std::string& note : told.sets.front().notes) AddNote(result, note);
      // NaN and the like disqualify a reference; the row says so itself.
      Judge(request, reference ? &*reference : nullptr, told, row);
      if (!reference && may_refer && row.status == RowStatus::kAgree) {
        row.status = RowStatus::kReference;
        result.reference_engine = row.engine;
        result.reference_path = row.artifact.path;
        reference = std::move(told);
      } else if (!reference && row.status == RowStatus::kAgree) {
        row.status = RowStatus::kWeak;
        row.check.reason = "not compared: there is no reference";
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUsage && !objection)
        objection = error.text().starts_with(pair.artifact->path) ? error : error.With(pair.artifact->path);
      if (error.code() == ErrorCode::kUsage && !any_told && !last) return false;
      Fail(error, row);
    }
    return true;
  };
  std::vector<size_t> later;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (result.rows[i].status == RowStatus::kFailed && !result.rows[i].error && !ask(i, request.models.size() == 1))
      later.push_back(i);
    if (objection && request.models.size() == 1 && !any_told) throw Error(*objection);
  }
  for (const size_t i : later) ask(i, true);
  if (objection && !any_told) throw Error(*objection);
  for (const Artifact& artifact : request.models) {
    if (!WasCompared(result, artifact))
      result.notes.push_back(fmt::format("{} was compared with nothing", artifact.path));
  }
  if (!reference) {
    result.notes.emplace_back("nothing was compared: no engine that counts gave a usable answer");
  } else if (!AnyCompared(result)) {
    result.notes.push_back(fmt::format(
        "nothing was compared: only {} answered; name a second engine with --engines, or give the network in a second "
        "file",
        result.reference_engine));
  }
  return result;
}

int ExitCode(const Result& result) {
  const bool all_compared = std::all_of(result.rows.begin(), result.rows.end(),
                                        [&](const Row& row) { return WasCompared(result, Given(row)); });
  const auto any = [&](RowStatus status) {
    return std::any_of(result.rows.begin(), result.rows.end(), [&](const Row& row) { return row.status == status; });
  };
  if (any(RowStatus::kMismatch)) return ExitCodeFor(ErrorCode::kMismatch);
  if (any(RowStatus::kFailed) || !AnyCompared(result) || !all_compared) return ExitCodeFor(ErrorCode::kEngineFailed);
  return 0;
}

Json ToJson(const Result& result) {
  Json rows = Json::array();
  for (const Row& row : result.rows) {
    Json outputs = Json::array();
    for (const OutputRow& output : row.check.outputs) outputs.push_back(ToJson(output));
    Json json = {{"model", row.artifact.path},
                 {"format", row.artifact.format},
                 {"engine", row.engine},
                 {"conversion", row.conversion ? ToJson(*row.conversion) : Json()},
                 {"version", row.version.empty() ? Json() : Json(row.version)},
                 {"options", row.options},
                 {"status", StatusName(row.status)},
                 {"error", core::ErrorJson(row.error)},
                 {"reason", row.check.reason.empty() ? Json() : Json(row.check.reason)},
                 {"tolerance", row.tolerance.empty() ? Json() : Json(row.tolerance)}};
    // The output that agrees least stands for the row.
    const OutputRow* worst = WorstOutput(row.check);
    json.update(worst ? ToJson(worst->difference) : ToJson(Difference{}));
    json["top1_agreement"] = row.top1_agreement ? Json(*row.top1_agreement) : Json();
    json["sets"] = row.sets;
    json["outputs"] = outputs;
    json["inputs"] = {{"canonical_sha256", row.canonical_sha256.empty() ? Json() : Json(row.canonical_sha256)},
                      {"shapes_from", row.shapes_from.empty() ? Json() : Json(row.shapes_from)},
                      {"delivered_sha256", row.delivered_sha256.empty() ? Json() : Json(row.delivered_sha256)},
                      {"layouts", row.layouts}};
    rows.push_back(std::move(json));
  }
  return {{"schema", 1},
          {"reference", result.reference_engine.empty()
                            ? Json()
                            : Json{{"engine", result.reference_engine}, {"model", result.reference_path}}},
          {"rows", rows},
          {"notes", result.notes}};
}

}  // namespace bakeoff::verify
