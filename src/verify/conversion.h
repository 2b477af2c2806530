// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What became of a given model for engines that do not read its format: the converted one, or why there is none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "verify/difference.h"

namespace bakeoff::verify {

struct Conversion {
  Artifact source;                       // as it was given
  std::vector<std::string> engines;      // that are given the result
  Artifact artifact;                     // the result, with what its record says; no path where there is none
  std::vector<FormatId> route;           // from the source's format to the result's
  std::string status;                    // "verified" or "weak"
  Difference difference;                 // of the output that agreed least
  std::vector<std::string> compared_on;  // the two engines of the proof
  bool in_folder = false;                // it lies in the source's model folder
  bool reused = false;                   // it was made and verified by an earlier call
  std::string passed_over;               // what lies in the model's folder but was not taken, with the reason
  std::optional<Error> error;            // set where there is no result
  std::shared_ptr<void> hold;            // while it lives, nobody clears the result away
};

// Whether there is no result because there is no way to it: not by a hop, not with what is known of the model, no
// engine to prove it with. Else somebody failed (a full disk too), or the answers differed.
bool IsRefusal(const Error& error);

// The conversion of `source` for that engine, nullptr where there is none.
const Conversion* FindConversion(const std::vector<Conversion>& conversions, const Artifact& source,
                                 const std::string& engine);

// The given models and the results, each once: all that may be loaded.
std::vector<Artifact> WithResults(std::vector<Artifact> models, const std::vector<Conversion>& conversions);

// "onnx -> tflite".
std::string RouteText(const Conversion& conversion);
// "net.onnx for litert: converted by onnx -> tflite, verified on .. and .., SQNR 120.1 dB, made earlier".
std::string Text(const Conversion& conversion);
// {"source": {"path", "format"}, "route", "status", "reused", "compared_on", "max_abs", ...}.
Json ToJson(const Conversion& conversion);

}  // namespace bakeoff::verify
