// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batches from the loader, answers from the engine, counts.
#include "verify/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/formats.h"
#include "core/text.h"
#include "verify/network.h"
#include "verify/pictures.h"
#include "verify/softmax.h"
#include "worker/info.h"

namespace bakeoff::verify {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kNamed = 10;

std::string Some(const std::vector<std::string>& names) {
  std::vector<std::string> some(names.begin(),
                                names.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, names.size())));
  return core::Join(some, ", ") + (names.size() > kNamed ? fmt::format(" and {} more", names.size() - kNamed) : "");
}

// The batch as the model takes it, in memory that the batches share; pictures that are not there are zeros.
void Deliver(const Port& port, const data::Batch& batch, size_t values, bool turned, worker::NamedTensor& tensor) {
  const size_t size = DTypeSize(port.type), used = batch.count * values;
  tensor.data.resize(static_cast<size_t>(ElementCount(port.canonical)) * size);
  if (port.type == DType::kF32) {
    std::memcpy(tensor.data.data(), batch.values.data(), used * sizeof(float));
  } else {
    for (size_t i = 0; i < used; ++i)
      core::StoreReal(port.type, tensor.data.data(), i, static_cast<double>(batch.values[i]));
  }
  std::fill(tensor.data.begin() + static_cast<std::ptrdiff_t>(used * size), tensor.data.end(), std::byte{0});
  if (turned) tensor.data = FromCanonical(tensor.data, port.canonical, port.type, port.layout);
}

Error NoOutput(const std::string& name, const std::vector<std::string>& known) {
  return {ErrorCode::kUsage, fmt::format("--output '{}': the model has no such output; it has: {}", name, Some(known))};
}

// The output with a number for each class for each picture.
const worker::NamedTensor& Scores(const std::vector<worker::NamedTensor>& outputs, const std::string& name,
                                  size_t batch, const std::vector<std::string>& classes) {
  const worker::NamedTensor* found = nullptr;
  const worker::NamedTensor* named = nullptr;
  std::vector<std::string> known;
  for (const worker::NamedTensor& output : outputs) {
    known.push_back(fmt::format("{} {} {}", output.name, DTypeName(output.type), ShapeText(output.shape)));
    const bool fits = !output.shape.empty() && output.shape[0] == static_cast<int64_t>(batch) &&
                      static_cast<size_t>(ElementCount(output.shape)) == batch * classes.size();
    if (output.name == name) named = &output;
    if (!fits || (!name.empty() && output.name != name)) continue;
    if (found)
      throw Error(ErrorCode::kUsage, "several outputs may be the scores; choose with --output: " + Some(known));
    found = &output;
  }
  if (found) return *found;
  if (!name.empty() && !named) throw NoOutput(name, known);
  throw Error(ErrorCode::kUsage,
              fmt::format("{} has not one number for each of {} classes and {} pictures; the model's outputs: {}; the "
                          "classes: {}. --classes FILE names its scores where the data has fewer classes",
                          named ? fmt::format("--output '{}'", name) : "the model's answer", classes.size(), batch,
                          Some(known), Some(classes)));
}

// What the pipeline makes, in the model's axes, with a free batch; nullopt where it fixes no size.
std::optional<Shape> MadeSize(const std::optional<data::Preprocess>& pipeline, const Artifact& model) {
  if (!pipeline) return std::nullopt;
  data::Preprocess turned = *pipeline;
  const core::FormatRow* format = core::FindFormat(model.format);
  if (!model.layouts.empty()) {
    turned.channels_last = model.layouts.begin()->second == "NHWC";
  } else if (format) {
    turned.channels_last = format->layout == "NHWC";
  }
  try {
    return turned.shape(kFree);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The scores of one picture after the other, and how sure they are: whether they are probabilities is known at the end.
class Answers {
 public:
  Answers(Evaluation& result, const std::vector<std::string>& classes) : result_(result), classes_(classes) {}

  void Add(const std::string& path, const std::string& label, std::span<const double> scores) {
    PictureAnswer answer{.path = path, .label = label, .answer = "", .confidence = std::nan("")};
    double probability = std::nan("");
    if (std::none_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); })) {
      const auto best = std::max_element(scores.begin(), scores.end());
      answer.answer = classes_[static_cast<size_t>(best - scores.begin())];
      probability = *best;
      // exp(0) over the sum: no score is above the best.
      double sum = 0;
      for (const double score : scores) sum += std::exp(score - *best);
      answer.confidence = 1 / sum;
    }
    all_probabilities_ = all_probabilities_ && IsDistribution(scores, static_cast<int64_t>(scores.size()));
    probabilities_.push_back(probability);
    result_.answers.push_back(std::move(answer));
  }

  void Finish() {
    result_.scores_are_probabilities = all_probabilities_ && !probabilities_.empty();
    for (size_t i = 0; i < probabilities_.size(); ++i) {
      PictureAnswer& answer = result_.answers[i];
      // Half-precision sums may be a little above 1.
      if (result_.scores_are_probabilities) answer.confidence = std::min(1.0, probabilities_[i]);
      result_.calibration.Add(answer.confidence, answer.right());
    }
  }

 private:
  Evaluation& result_;
  const std::vector<std::string>& classes_;
  bool all_probabilities_ = true;
  std::vector<double> probabilities_;
};

}  // namespace

ClassMatch MatchClasses(const data::Dataset& dataset, data::Split split, const std::vector<std::string>& model) {
  std::vector<size_t> counts(dataset.classes.size()), trained(dataset.classes.size());
  for (const data::Item& item : dataset.items) {
    counts[static_cast<size_t>(item.label)] += split == data::Split::kNone || item.split == split ? 1 : 0;
    trained[static_cast<size_t>(item.label)] += item.split == data::Split::kTrain ? 1 : 0;
  }
  const bool parts = std::any_of(trained.begin(), trained.end(), [](size_t count) { return count > 0; });
  ClassMatch match;
  std::vector<std::string> unknown;
  bool any_known = false;
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto found = std::find(model.begin(), model.end(), dataset.classes[i]);
    match.places.push_back(found == model.end() ? -1 : found - model.begin());
    if (counts[i] == 0) continue;
    if (found != model.end()) {
      any_known = true;
    } else if (parts && trained[i] == 0) {
      match.places.back() = static_cast<int64_t>(model.size() + match.unseen.size());
      match.unseen.push_back(dataset.classes[i]);
    } else {
      unknown.push_back(dataset.classes[i]);
    }
  }
  if (!any_known) unknown.insert(unknown.end(), match.unseen.begin(), match.unseen.end());
  if (unknown.empty()) return match;
  std::vector<std::string> only_model;
  for (const std::string& name : model) {
    if (std::find(dataset.classes.begin(), dataset.classes.end(), name) == dataset.classes.end())
      only_model.push_back(name);
  }
  const std::string other =
      only_model.empty() ? "it knows " + Some(model) : "of its own the data lack " + Some(only_model);
  throw Error(ErrorCode::kUsage,
              fmt::format("{}: {} of {} classes are none of the model's {}: {}; {}. --classes FILE names its scores",
                          dataset.source, unknown.size(), counts.size(), model.size(), Some(unknown), other));
}

void NeedOutput(const std::vector<TensorSpec>& outputs, const std::string& name) {
  std::vector<std::string> known;
  for (const TensorSpec& output : outputs) {
    if (output.name == name) return;
    known.push_back(fmt::format("{} {} {}", output.name, DTypeName(output.type), ShapeText(output.shape)));
  }
  throw NoOutput(name, known);
}

Evaluation Evaluate(const EvaluateRequest& request, const StartSession& start,
                    const std::function<void(size_t, size_t)>& progress) {
  if (!Reads(request.engine.info, request.model))
    throw Error(ErrorCode::kUnsupported,
                WhyNotRead(request.engine.info, request.model,
                           request.advise ? request.advise(request.engine.info, request.model) : Advice{}));
  const std::vector<std::string>& classes = request.classes.empty() ? request.dataset->classes : request.classes;
  const ClassMatch match = MatchClasses(*request.dataset, request.split, classes);
  Evaluation result(classes, match.unseen);
  if (request.classes.empty())
    result.notes.emplace_back(
        "classes assumed: the model names none, its scores are taken in the data's order; --classes FILE names them");

  const auto begin = Clock::now();
  // --shape speaks of the given model's axes.
  const auto models =
      request.conversion ? std::vector{request.conversion->source, request.model} : std::vector{request.model};
  std::optional<Network> network(std::in_place, models, request.shapes);
  worker::LoadRequest load{.artifact = request.model, .threads = request.threads, .precision = request.precision};
  load.batch = request.batch;
  load.engine_options = request.engine_options;
  const auto fresh = [&] {
    return start({.executable = request.engine.executable,
                  .prefix = request.prefix,
                  .cpus = request.threads,
                  .environment = worker::EnvironmentFor(request.engine.info, request.engine_options)});
  };
  const auto open = [&] {
    return network->Open(request.engine.name, request.engine.info.for_testing, fresh, load, request.limit);
  };
  // A model with a fixed batch refuses another one; asked for none, it takes its own.
  const auto open_with_batch = [&] {
    try {
      return open();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnsupported) throw;
      load.batch = 0;
      return open();
    }
  };
  // A model that leaves its size free is asked in the size that its pre-processing makes.
  const Opened opened = [&] {
    try {
      return open_with_batch();
    } catch (const Error& error) {
      const auto size = request.shapes.empty() ? MadeSize(request.pipeline, models.front()) : std::nullopt;
      if (error.code() != ErrorCode::kUsage || !size) throw;
      network.emplace(models, std::map<std::string, Shape>{{"", *size}});
      load.batch = request.batch;
      try {
        return open_with_batch();
      } catch (const Error&) {
        throw error;
      }
    }
  }();
  result.effective = opened.reply.effective;
  if (opened.inputs.size() != 1)
    throw Error(ErrorCode::kUsage, fmt::format("{}: a classifier of pictures has one input, this model has {}: {}",
                                               request.model.path, opened.inputs.size(), PortsText(opened.inputs)));
  const Port& port = opened.inputs.front();
  CheckPicturePort(fmt::format("{}: input '{}'", request.model.path, port.name), port);
  result.batch = port.canonical[0];
  result.pipeline = PipelineFor(request.model.path, request.pipeline, static_cast<int>(port.canonical[2]),
                                static_cast<int>(port.canonical[3]));
  result.pipeline.channels_last = port.layout.axes == "NHWC";
  if (!request.pipeline)
    result.notes.push_back(fmt::format("pre-processing assumed, --preprocess FILE gives the model's own: {}",
                                       result.pipeline.ToJson().dump()));
  if (port.layout.assumed)
    result.notes.push_back(
        fmt::format("layout of '{0}' assumed: {1}; --layout {0}=AXES gives another", port.name, port.layout.axes));
  const bool turned = port.layout.axes != "NHWC" && port.layout.axes != "NCHW";

  data::Loader loader(request.dataset, result.pipeline,
                      {.split = request.split,
                       .batch = static_cast<size_t>(result.batch),
                       .workers = request.workers,
                       .keep_broken = true,
                       .limits = request.limits});
  result.pictures = loader.pictures_per_epoch();
  std::vector<std::string> changed;
  for (const size_t i : data::ChangedItems(*request.dataset, request.split, request.workers))
    changed.push_back(request.dataset->items[i].path);
  if (!changed.empty())
    result.notes.push_back(fmt::format("{} pictures are not the ones that the manifest's hashes stand for: {}",
                                       changed.size(), Some(changed)));
  loader.StartEpoch(0);
  size_t done = 0;
  std::vector<float> row(classes.size());
  Answers answers(result, classes);
  std::vector<worker::NamedTensor> inputs = {{port.name, port.type, port.shape, {}}};
  while (const data::Batch* batch = loader.Next()) {
    Deliver(port, *batch, result.pipeline.values(), turned, inputs[0]);
    const worker::InferReply reply = opened.session->Infer(inputs, request.limit);
    result.run_ns += reply.run_ns;
    const worker::NamedTensor& scores =
        Scores(reply.outputs, request.output, static_cast<size_t>(result.batch), classes);
    result.output = scores.name;
    const std::vector<double> values = core::ToDoubles(scores.type, scores.data);
    for (size_t i = 0; i < batch->count; ++i) {
      const data::Item& item = request.dataset->items[batch->items[i]];
      if (!batch->broken[i].empty()) {
        result.broken.emplace_back(item.path, batch->broken[i]);
        continue;
      }
      const auto own = std::span(values).subspan(i * row.size(), row.size());
      std::transform(own.begin(), own.end(), row.begin(), [](double score) { return static_cast<float>(score); });
      result.counter.Add(row, match.places[static_cast<size_t>(item.label)]);
      answers.Add(item.path, request.dataset->classes[static_cast<size_t>(item.label)], own);
    }
    done += batch->count;
    request.max_broken.Check(result.broken, result.pictures, done);
    if (progress) progress(done, result.pictures);
  }
  opened.session->Bye();
  answers.Finish();
  if (const int64_t count = result.counter.of_unknown(); count > 0)
    result.notes.push_back(fmt::format(
        "{} of the {} pictures {} of {}, which training never saw: the model cannot name {}, and they count as wrong; "
        "on "
        "the others alone top-1 is {:.1f} %",
        count, result.counter.examples(), count == 1 ? "is" : "are",
        match.unseen.size() == 1 ? fmt::format("the class '{}'", match.unseen[0]) : "the classes " + Some(match.unseen),
        match.unseen.size() == 1 ? "it" : "them", 100 * result.counter.Top1OfKnown()));
  result.loader = loader.stats();
  result.wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
  return result;
}

}  // namespace bakeoff::verify
