// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Do these models, on these engines, give the same answers?
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "verify/answers.h"
#include "verify/conversion.h"
#include "verify/inputs.h"
#include "verify/network.h"
#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::verify {

struct Request {
  std::vector<Artifact> models;
  std::vector<worker::EngineEntryStatus> engines;  // absent ones become skipped rows
  std::vector<Conversion> conversions;             // of models, for engines that read none of them
  std::map<std::string, Shape> shapes;
  int64_t batch = 0;
  InputChoices inputs;  // the first seed; files make further seeds useless
  int seeds = 3;        // sets of inputs
  int threads = 1;
  std::string device = "cpu";
  std::string precision = "f32";
  std::map<std::string, std::map<std::string, std::string>> options;  // engine -> option -> value
  std::string tolerance = "auto";
  std::string reference;  // engine; "": the first that answers and is not for testing
  std::chrono::milliseconds limit{std::chrono::minutes(5)};
  std::vector<std::string> prefix;
  Advise advise;                   // for rows whose engine does not read the model; none: no advice
  std::vector<std::string> notes;  // on what was asked, for the result
};

enum class RowStatus { kReference, kAgree, kWeak, kMismatch, kFailed, kSkipped, kUnsupported };
std::string_view StatusName(RowStatus status);

// One model on one engine.
struct Row {
  Artifact artifact;
  std::string engine, version;
  std::map<std::string, std::string> options;  // of the engine, as given
  RowStatus status = RowStatus::kFailed;
  std::optional<Error> error;
  std::vector<FormatId> reads;  // of the engine, where it does not read the artifact's format; else empty
  Advice advice;                // then
  // Where the artifact was made from the given model for this engine, or could not be.
  std::optional<Conversion> conversion;
  Check check;  // of the set of inputs that agreed least; its outputs are those of that set
  std::string tolerance;
  std::string canonical_sha256, delivered_sha256;  // of the first set
  std::string shapes_from;               // path of the model whose shapes were taken, "" where it tells its own
  std::optional<double> top1_agreement;  // share over all sets
  int sets = 0;
  Json layouts = Json::object();
};

// What was given: the row's artifact, or what it was made from.
const Artifact& Given(const Row& row);

struct Result {
  std::vector<Row> rows;
  std::string reference_engine, reference_path;  // "" where nothing could be the reference
  std::vector<std::string> notes;
};

// The reference answers first; every other model and engine is compared with it on the same inputs. Throws
// Error{kUsage} for what is wrong with the request, as the first engine that loads the model says it.
Result Verify(const Request& request, const StartSession& start,
              const std::function<void(const std::string&)>& progress);

// 1 at any mismatch; 3 at any failed row, or where nothing was compared; else 0.
int ExitCode(const Result& result);
Json ToJson(const Result& result);

}  // namespace bakeoff::verify
