// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the answers of a network should be: one engine is asked before anything is timed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "measure/run.h"
#include "measure/settings.h"
#include "verify/answers.h"
#include "verify/network.h"
#include "verify/session.h"

namespace bakeoff::measure {

struct Reference {
  std::string engine;
  std::string path;  // of the artifact that was asked
  verify::Ports inputs;
  std::vector<TensorSpec> specs;  // of the model, free extents as such
  std::string canonical_sha256;   // of the inputs that were answered
  verify::Answers answers;
};

// References by network, batch and what of the model is computed, asked for on first use.
class References {
 public:
  References(const Settings& settings, verify::StartSession start);

  // For that row. nullptr where no engine that counts answered; failures() says why. The settings' reference engine is
  // asked alone; else the engines in their order, but those for testing, each with the first model of that name that it
  // reads, with f32 and without options; converted models come last. Where options say what of the model is computed,
  // only the row's own engine knows what they mean, and it is asked with these alone. Throws Error{kUsage} as the model
  // or the engine says it where none answered and one of them objected to the request: shapes and names that do not fit
  // will not fit later either.
  const Reference* For(const Configuration& row);

  // The network of that name: how each of its models is loaded.
  verify::Network& NetworkOf(const std::string& model) { return networks_.at(model); }

  // Engines that could not be the reference.
  struct Failure {
    std::string engine, path;
    Error error;
  };
  const std::vector<Failure>& failures() const { return failures_; }

 private:
  using Selection = std::map<std::string, std::string>;
  Reference Ask(const std::string& model, const Artifact& artifact, const worker::EngineEntryStatus& engine,
                int64_t batch, const Selection& selection);
  verify::Opened Open(verify::Network& network, const Artifact& artifact, const worker::EngineEntryStatus& engine,
                      int64_t batch, const Selection& selection);
  void LearnNames(verify::Network& network, int64_t batch);

  const Settings& settings_;
  verify::StartSession start_;
  std::map<std::string, verify::Network> networks_;
  // Engine and selection are empty where nothing is selected.
  std::map<std::tuple<std::string, int64_t, std::string, Selection>, std::optional<Reference>> found_;
  std::vector<Failure> failures_;
};

}  // namespace bakeoff::measure
