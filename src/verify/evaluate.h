// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How well a classifier answers on labelled pictures: one model, one engine, one part of a data set.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/calibration.h"
#include "core/classification.h"
#include "data/loader.h"
#include "data/scan.h"
#include "verify/answers_file.h"
#include "verify/conversion.h"
#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::verify {

struct EvaluateRequest {
  Artifact model;
  std::optional<Conversion> conversion;  // that made it, where it is not what was given
  worker::EngineEntryStatus engine;
  std::map<std::string, std::string> engine_options;
  std::shared_ptr<const data::Dataset> dataset;
  data::Split split = data::Split::kTest;    // kNone: everything
  std::optional<data::Preprocess> pipeline;  // nullopt: the usual one for the input's size is assumed
  std::vector<std::string> classes;          // name of each score; empty: those of the data set, assumed
  std::string output;                        // "": the only one that has a score for each class
  std::map<std::string, Shape> shapes;
  int64_t batch = 32;  // a model with a fixed batch keeps its own
  int threads = 1;     // of the engine
  int workers = 1;     // threads that decode beside it
  std::string precision = "f32";
  std::vector<std::string> prefix;
  data::DecodeLimits limits;
  data::MaxBroken max_broken{"1%"};          // of the part
  std::chrono::milliseconds limit{300'000};  // of one call to the worker
  Advise advise;                             // where the engine does not read the model; none: no advice
};

struct Evaluation {
  explicit Evaluation(std::vector<std::string> classes, const std::vector<std::string>& lacking = {})
      : counter(std::move(classes), lacking), unseen(lacking) {}

  core::ClassificationCounter counter;
  std::vector<PictureAnswer> answers;                       // in the order of asking
  core::Calibration calibration;                            // of the answers' confidences
  bool scores_are_probabilities = false;                    // else confidences are the softmax of the scores
  data::Preprocess pipeline;                                // the one that was used
  std::vector<std::pair<std::string, std::string>> broken;  // path and reason; in no count
  size_t pictures = 0;                                      // of the part, broken ones included
  Json effective;                                           // of the engine
  std::string output;
  int64_t batch = 0, run_ns = 0, wall_ns = 0;
  data::LoaderStats loader;
  std::vector<std::string> unseen;  // ClassMatch::unseen
  std::vector<std::string> notes;   // what was assumed, what counts how
};

// The classes of the data set among those of the model.
struct ClassMatch {
  std::vector<int64_t> places;  // of each of the data set; -1: has no picture in that part, and the model lacks it
  // Classes that the model lacks because training could not see them: they have pictures in that part, and none in the
  // training part. Their places come after the model's.
  std::vector<std::string> unseen;
};

// Throws Error{kUsage} naming the classes that have pictures and that the model does not know, but for unseen ones; and
// where no picture of that part is of a class that it knows.
ClassMatch MatchClasses(const data::Dataset& dataset, data::Split split, const std::vector<std::string>& model);

// Throws Error{kUsage} where none of the model's outputs has that name.
void NeedOutput(const std::vector<TensorSpec>& outputs, const std::string& name);

// Loads the model and asks it for every picture of the part, in batches; the last one is filled up with zeros, whose
// answers count nothing, so that also a model with a fixed batch can be asked. Pictures that are no longer those of
// their hash are counted and noted. Throws Error: kUsage (labels, input or output do not fit, nothing in that part, too
// many broken pictures, as soon as they are too many), kUnsupported (the engine does not read the format), and the
// worker's.
Evaluation Evaluate(const EvaluateRequest& request, const StartSession& start,
                    const std::function<void(size_t done, size_t all)>& progress = {});

}  // namespace bakeoff::verify
