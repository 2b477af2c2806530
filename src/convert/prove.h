// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Does the result of a hop give the answers of its source? Both run on engines, with the same inputs, in several
// shapes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "bakeoff/converter.h"
#include "bakeoff/json.h"
#include "verify/answers.h"
#include "verify/inputs.h"
#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::convert {

struct ProofRequest {
  Artifact source, target;  // entry i of one became entry i of the other
  std::vector<worker::EngineEntryStatus> engines;
  std::string tolerance = "f32";
  verify::InputChoices inputs;  // the first seed
  int seeds = 3;
  std::map<std::string, Shape> shapes;  // sizes to try for free extents, by the source's names; "" the only input
  int threads = 1;
  std::chrono::milliseconds limit{std::chrono::minutes(5)};
};

// One set of shapes that both sides ran with.
struct ProofCase {
  std::map<std::string, Shape> shapes;  // of the source's inputs, in its own order of axes
  verify::Check check;                  // of the seed that agreed least
  std::string canonical_sha256;         // of the first seed's inputs
};

struct Proof {
  std::string source_engine, source_version, target_engine, target_version;
  std::string tolerance;
  std::vector<ProofCase> cases;
  verify::Check check;  // of the case that agreed least
  Json source_layouts = Json::object(), target_layouts = Json::object();
  std::vector<std::string> notes;
};

// Batches 1 and 3 where the batch is free, and a second size that is not square where height and width are. Throws
// Error: kUnavailable (no engine here reads one of the formats), what the engines threw where none could run the
// source, and kMismatch where none could run the result.
Proof Prove(const ProofRequest& request, const verify::StartSession& start,
            const std::function<void(const std::string&)>& progress);

// The shapes of each case, per input in canonical order: by what is free on both sides and what the user said.
std::vector<std::vector<Shape>> CasesFor(const ProofRequest& request);

Json ToJson(const Proof& proof);

}  // namespace bakeoff::convert
