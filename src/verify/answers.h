// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What one engine answered to the inputs, and the comparison of two such answers, output by output.
#pragma once

#include <string>
#include <vector>

#include "verify/difference.h"
#include "verify/signature.h"
#include "worker/wire.h"

namespace bakeoff::verify {

struct Answer {
  Port port;                   // of the output, with the shape that came out
  std::vector<double> values;  // in canonical order
};
using Answers = std::vector<Answer>;

Answers AnswersOf(const Artifact& artifact, const std::vector<worker::NamedTensor>& outputs);

struct OutputRow {
  std::string name;            // of the candidate
  std::string reference_name;  // of the reference, "" without one
  Shape shape;
  DType type = DType::kF32;
  bool before_softmax = false;  // the difference is that of logits
  Difference difference;
  Judged judged;
};

struct Check {
  Verdict verdict = Verdict::kAgree;  // the worst of the outputs
  std::string reason;                 // of the worst, naming the output; "" when all agree
  std::vector<OutputRow> outputs;     // empty where outputs could not be paired
};

// The name of the tolerance for `asked` = "auto": no comparison can be better than the row's precision and the element
// types of both sides allow.
std::string ToleranceName(const std::string& asked, const std::string& precision, const Answers& reference,
                          const Answers& candidate);

// Whether outputs that are probabilities are compared as they are, or as what went into the softmax (softmax.h).
enum class Softmax { kAsItIs, kUndone };

// Against the reference.
Check CompareAnswers(const Answers& reference, const Answers& candidate, const Tolerance& tolerance,
                     Softmax softmax = Softmax::kAsItIs);
// Without a reference: NaN and infinite values always; constant ones too where `constants_matter`.
Check InspectAnswers(const Answers& candidate, bool constants_matter);

// Makes the check a mismatch where every floating output with more than one value is constant. One constant output
// among others may be meant (a mask, a state that is passed on); a network that says the same whatever it is shown is
// worth no timing, even where every engine agrees on it. Not for conversions: one input may well silence a small net.
void RefuseConstant(Check& check);

Json ToJson(const OutputRow& row);
// The output that says most about a check: the one with the worst verdict, among equals the lowest centred SQNR.
// nullptr without outputs.
const OutputRow* WorstOutput(const Check& check);

}  // namespace bakeoff::verify
