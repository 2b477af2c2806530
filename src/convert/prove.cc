// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs source and result on one engine each and compares their answers, before a final softmax.
#include "convert/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "bakeoff/error.h"
#include "core/text.h"
#include "verify/signature.h"

namespace bakeoff::convert {
namespace {

using verify::Answers;
using verify::Ports;

// What one side answered in one case.
struct Told {
  Ports inputs;  // under the source's names
  std::vector<verify::InputSet> sets;
  std::vector<Answers> answers;
};

// The specification that an engine's name means: engines may decorate names (see verify::Pair), and some know only
// places.
size_t IndexOf(const std::vector<TensorSpec>& specs, const std::string& name, size_t place) {
  const auto plain = [](std::string text) {
    constexpr std::string_view kPrefix = "serving_default_";
    if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
    return text.substr(0, text.rfind(':'));
  };
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return i;
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    if (plain(specs[i].name) == plain(name)) return i;
  }
  return place;
}

// One engine with one artifact, over all cases.
class Side {
 public:
  Side(const ProofRequest& request, const Artifact& artifact, const worker::EngineEntryStatus& engine,
       const verify::StartSession& start)
      : request_(request), artifact_(artifact), engine_(engine), start_(start) {}

  // `shapes` are canonical, one per input. `reference`: the source's ports, null for the source itself.
  Told Ask(const std::vector<Shape>& shapes, const Ports* reference) {
    try {
      return Run(shapes, reference);
    } catch (...) {
      session_.reset();  // its process may be gone; the next case starts a fresh one
      throw;
    }
  }
  void Bye() {
    if (session_) session_->Bye();
  }
  const worker::EngineEntryStatus& engine() const { return engine_; }
  std::map<std::string, Shape> OwnShapes(const std::vector<Shape>& shapes) const {
    std::map<std::string, Shape> own;
    for (size_t i = 0; i < shapes.size(); ++i) {
      const TensorSpec& spec = artifact_.inputs[i];
      const verify::Layout layout = verify::LayoutOf(artifact_, spec.name, shapes[i].size());
      own[spec.name] = verify::Permuted(shapes[i], verify::Inverse(verify::CanonicalAxes(layout, shapes[i].size())));
    }
    return own;
  }

 private:
  Told Run(const std::vector<Shape>& shapes, const Ports* reference) {
    if (!session_) session_ = start_({.executable = engine_.executable, .prefix = {}, .cpus = request_.threads});
    worker::LoadRequest load{.artifact = artifact_, .threads = request_.threads, .precision = "f32"};
    load.shapes = OwnShapes(shapes);
    // The engine may call an only input something else.
    if (load.shapes.size() == 1) load.shapes = {{"", load.shapes.begin()->second}};
    const worker::LoadReply loaded = session_->Load(load, request_.limit);
    if (loaded.inputs.size() != shapes.size()) {
      throw Error(ErrorCode::kMismatch, fmt::format("{} sees {} inputs in it, the hop said {}", engine_.name,
                                                    loaded.inputs.size(), shapes.size()));
    }
    const std::map<std::string, Shape> own = OwnShapes(shapes);
    std::vector<std::string> names;
    Told told;
    for (size_t place = 0; place < loaded.inputs.size(); ++place) {
      const size_t index = IndexOf(artifact_.inputs, loaded.inputs[place].name, place);
      const TensorSpec& spec = artifact_.inputs[index];
      Ports ports = verify::PortsOf(artifact_, {{spec.name, loaded.inputs[place].type, spec.shape}}, own);
      ports[0].name = request_.source.inputs[index].name;
      told.inputs.push_back(std::move(ports[0]));
      names.push_back(loaded.inputs[place].name);
    }
    for (int i = 0; i < request_.seeds; ++i) {
      verify::InputChoices choices = request_.inputs;
      choices.seed += static_cast<uint64_t>(i);
      verify::InputSet set = verify::MakeInputs(told.inputs, reference ? *reference : told.inputs, choices);
      for (size_t place = 0; place < names.size(); ++place) set.delivered[place].name = names[place];
      told.answers.push_back(Named(session_->Infer(set.delivered, request_.limit).outputs));
      set.delivered.clear();
      told.sets.push_back(std::move(set));
    }
    return told;
  }

  // Answers under the source's names.
  Answers Named(std::vector<worker::NamedTensor> outputs) const {
    std::vector<std::string> names;
    for (size_t place = 0; place < outputs.size(); ++place) {
      const size_t index = IndexOf(artifact_.outputs, outputs[place].name, place);
      if (index >= artifact_.outputs.size()) {
        throw Error(ErrorCode::kMismatch, fmt::format("{} sees the output '{}' in it, of which the hop said nothing",
                                                      engine_.name, outputs[place].name));
      }
      outputs[place].name = artifact_.outputs[index].name;
      names.push_back(request_.source.outputs[index].name);
    }
    Answers answers = verify::AnswersOf(artifact_, outputs);
    for (size_t place = 0; place < answers.size(); ++place) answers[place].port.name = names[place];
    return answers;
  }

  const ProofRequest& request_;
  const Artifact& artifact_;
  const worker::EngineEntryStatus& engine_;
  const verify::StartSession& start_;
  std::unique_ptr<verify::Session> session_;
};

// Engines that read this very file (not another one of its model folder), those that name it first in front: it is
// their own.
std::vector<const worker::EngineEntryStatus*> EnginesFor(const ProofRequest& request, const Artifact& artifact) {
  std::vector<const worker::EngineEntryStatus*> fit;
  for (const worker::EngineEntryStatus& engine : request.engines) {
    if (engine.status == worker::EngineStatus::kPresent && !engine.info.for_testing &&
        verify::Reads(engine.info, artifact) && verify::ArtifactFor(engine.info, artifact).path == artifact.path)
      fit.push_back(&engine);
  }
  std::stable_partition(fit.begin(), fit.end(), [&](const worker::EngineEntryStatus* engine) {
    return engine->info.reads.front() == artifact.format;
  });
  if (fit.empty()) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("no engine that is present here reads {}, so the conversion cannot be verified; "
                            "--no-verify converts without proof",
                            artifact.format));
  }
  return fit;
}

bool Worse(const verify::Check& one, const verify::Check& other) {
  if (other.verdict != one.verdict) return other.verdict > one.verdict;
  const auto* first = verify::WorstOutput(one);
  const auto* second = verify::WorstOutput(other);
  return first && second &&
         second->difference.centred_sqnr_db.value_or(-1) < first->difference.centred_sqnr_db.value_or(-1);
}

// A source whose answers say nothing cannot prove anything.
void NeedUsable(const Told& told, const Artifact& source, const std::string& engine) {
  for (const Answers& answers : told.answers) {
    const verify::Check check = verify::InspectAnswers(answers, false);
    if (check.verdict == verify::Verdict::kMismatch) {
      throw Error(ErrorCode::kInvalidModel, fmt::format("{} on {} answers nothing that could be compared: {}",
                                                        source.path, engine, check.reason));
    }
  }
}

struct Started {
  std::unique_ptr<Side> side;
  Told told;
};

// The first engine that runs the first case.
Started FirstThatRuns(const ProofRequest& request, const Artifact& artifact, const std::vector<Shape>& shapes,
                      const Ports* reference, ErrorCode all_failed, const verify::StartSession& start,
                      std::vector<std::string>& notes) {
  std::vector<std::string> reasons;
  std::optional<Error> first;
  for (const auto* engine : EnginesFor(request, artifact)) {
    auto side = std::make_unique<Side>(request, artifact, *engine, start);
    try {
      Told told = side->Ask(shapes, reference);
      for (const std::string& reason : reasons) notes.push_back(reason);
      return {std::move(side), std::move(told)};
    } catch (const Error& error) {
      if (!first) first = error;
      reasons.push_back(fmt::format("{} could not run {}: {}", engine->name, artifact.format, error.text()));
    }
  }
  if (!first) throw Error(ErrorCode::kUnavailable, fmt::format("no engine here runs {}", artifact.format));
  if (first->code() == ErrorCode::kUsage) throw Error(*first);
  throw Error(all_failed == ErrorCode::kInternal ? first->code() : all_failed, core::Join(reasons, "; "));
}

ProofCase Compared(const ProofRequest& request, const Told& source, const Told& target) {
  ProofCase result;
  result.canonical_sha256 = source.sets.front().canonical_sha256;
  for (size_t i = 0; i < source.answers.size(); ++i) {
    verify::Check check;
    if (source.sets[i].canonical_sha256 != target.sets[i].canonical_sha256) {
      check.verdict = verify::Verdict::kMismatch;
      check.reason = "its inputs have other element types than the source's, so both cannot get the same values";
    } else {
      // Outputs in f16 cannot be held to what f32 could show.
      const std::string tolerance =
          verify::ToleranceName("auto", request.tolerance, source.answers[i], target.answers[i]);
      check = verify::CompareAnswers(source.answers[i], target.answers[i], verify::ToleranceFor(tolerance),
                                     verify::Softmax::kUndone);
    }
    if (i == 0 || Worse(result.check, check)) result.check = std::move(check);
  }
  return result;
}

std::string ShapesText(const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> parts;
  for (const auto& [name, shape] : shapes) parts.push_back(fmt::format("{} {}", name, ShapeText(shape)));
  return core::Join(parts, ", ");
}

}  // namespace

Proof Prove(const ProofRequest& request, const verify::StartSession& start,
            const std::function<void(const std::string&)>& progress) {
  Proof proof{.tolerance = request.tolerance};
  const auto cases = CasesFor(request);
  // Both formats need an engine before any work is done.
  EnginesFor(request, request.source);
  EnginesFor(request, request.target);
  std::unique_ptr<Side> source_side, target_side;
  for (const auto& shapes : cases) {
    if (progress) progress(fmt::format("comparing answers, case {} of {}", proof.cases.size() + 1, cases.size()));
    Told source, target;
    if (!source_side) {
      Started started =
          FirstThatRuns(request, request.source, shapes, nullptr, ErrorCode::kInternal, start, proof.notes);
      source_side = std::move(started.side);
      source = std::move(started.told);
      NeedUsable(source, request.source, source_side->engine().name);
      started =
          FirstThatRuns(request, request.target, shapes, &source.inputs, ErrorCode::kMismatch, start, proof.notes);
      target_side = std::move(started.side);
      target = std::move(started.told);
      proof.source_layouts = verify::LayoutsJson(source.inputs);
      proof.target_layouts = verify::LayoutsJson(target.inputs);
    } else {
      const auto own = source_side->OwnShapes(shapes);
      try {
        source = source_side->Ask(shapes, nullptr);
      } catch (const Error& error) {
        // A free extent in the file is no promise: the network may want one value all the same.
        proof.notes.push_back(fmt::format("not compared with {}, which the source does not take ({}: {})",
                                          ShapesText(own), source_side->engine().name, core::Brief(error.text())));
        continue;
      }
      try {
        target = target_side->Ask(shapes, &source.inputs);
      } catch (const Error& error) {
        throw Error(ErrorCode::kMismatch, fmt::format("the source takes {}, the result does not: {}: {}",
                                                      ShapesText(own), target_side->engine().name, error.text()));
      }
    }
    ProofCase result = Compared(request, source, target);
    result.shapes = source_side->OwnShapes(shapes);
    if (proof.cases.empty() || Worse(proof.check, result.check)) proof.check = result.check;
    proof.cases.push_back(std::move(result));
  }
  proof.source_engine = source_side->engine().name;
  proof.source_version = source_side->engine().info.version;
  proof.target_engine = target_side->engine().name;
  proof.target_version = target_side->engine().info.version;
  source_side->Bye();
  target_side->Bye();
  return proof;
}

Json ToJson(const Proof& proof) {
  Json cases = Json::array();
  for (const ProofCase& one : proof.cases) {
    Json outputs = Json::array();
    for (const verify::OutputRow& output : one.check.outputs) outputs.push_back(verify::ToJson(output));
    cases.push_back({{"shapes", one.shapes},
                     {"verdict", verify::VerdictName(one.check.verdict)},
                     {"reason", one.check.reason.empty() ? Json() : Json(one.check.reason)},
                     {"canonical_sha256", one.canonical_sha256},
                     {"outputs", outputs}});
  }
  return {{"source_engine", proof.source_engine},
          {"source_version", proof.source_version},
          {"target_engine", proof.target_engine},
          {"target_version", proof.target_version},
          {"tolerance", proof.tolerance},
          {"cases", cases},
          {"source_layouts", proof.source_layouts},
          {"target_layouts", proof.target_layouts},
          {"notes", proof.notes}};
}

}  // namespace bakeoff::convert
