// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pairs outputs, compares each, and keeps the worst verdict.
#include "verify/answers.h"

#include <fmt/format.h>

#include "core/elements.h"
#include "verify/softmax.h"

namespace bakeoff::verify {
namespace {

Ports PortsIn(const Answers& answers) {
  Ports ports;
  for (const Answer& answer : answers) ports.push_back(answer.port);
  return ports;
}

// The axis of classes: the last one that is not 1 (N x C x 1 x 1 comes out of some networks).
int64_t RowOf(const Shape& shape) {
  for (size_t axis = shape.size(); axis-- > 1;) {
    if (shape[axis] != 1) return shape[axis];
  }
  return 0;
}

// Rows of classes exist where the classes are the innermost axis: not in pictures.
bool HasRows(const Port& port) {
  size_t wide = 0;
  for (size_t axis = 2; axis < port.canonical.size(); ++axis) wide += port.canonical[axis] != 1 ? 1 : 0;
  return port.layout.axes.size() < 3 || wide == 0;
}

void Add(Check& check, OutputRow row) {
  if (row.judged.verdict > check.verdict) {
    check.verdict = row.judged.verdict;
    check.reason = fmt::format("output '{}': {}", row.name, row.judged.reason);
  }
  check.outputs.push_back(std::move(row));
}

OutputRow RowFor(const Answer& answer) {
  return {.name = answer.port.name,
          .reference_name = {},
          .shape = answer.port.shape,
          .type = answer.port.type,
          .before_softmax = false,
          .difference = {},
          .judged = {}};
}

// Of logits; how weak a proof is depends on the probabilities: logits less their mean always vary.
Difference CompareLogits(const Answer& reference, const Answer& candidate, int64_t row) {
  const Difference seen = Compare(reference.values, candidate.values, row);
  Difference difference = Compare(LogitsOf(reference.values, row), LogitsOf(candidate.values, row), row);
  difference.std_over_rms = seen.std_over_rms;
  difference.weak = seen.weak;
  difference.constant = seen.constant;
  return difference;
}

}  // namespace

Answers AnswersOf(const Artifact& artifact, const std::vector<worker::NamedTensor>& outputs) {
  Answers answers;
  for (const worker::NamedTensor& output : outputs) {
    const Ports ports = PortsOf(artifact, {{output.name, output.type, output.shape}}, {{output.name, output.shape}});
    const auto canonical = ToCanonical(output.data, output.shape, output.type, ports[0].layout);
    answers.push_back({ports[0], core::ToDoubles(output.type, canonical)});
  }
  return answers;
}

std::string ToleranceName(const std::string& asked, const std::string& precision, const Answers& reference,
                          const Answers& candidate) {
  if (asked != "auto") return asked;
  std::string loosest = precision;
  for (const Answers* answers : {&reference, &candidate}) {
    for (const Answer& answer : *answers) loosest = LoosestPrecision({loosest, DTypeName(answer.port.type)});
  }
  return loosest;
}

Check CompareAnswers(const Answers& reference, const Answers& candidate, const Tolerance& tolerance, Softmax softmax) {
  Check check;
  const auto pairs = Pair(PortsIn(reference), PortsIn(candidate));
  if (!pairs) {
    check.verdict = Verdict::kMismatch;
    check.reason = fmt::format("its outputs ({}) do not correspond to those of the reference ({})",
                               PortsText(PortsIn(candidate)), PortsText(PortsIn(reference)));
    return check;
  }
  for (size_t i = 0; i < candidate.size(); ++i) {
    const Answer& answer = candidate[i];
    const Answer& other = reference[(*pairs)[i]];
    OutputRow row = RowFor(answer);
    row.reference_name = other.port.name;
    if (answer.values.size() != other.values.size()) {
      row.judged = {Verdict::kMismatch, fmt::format("its shape is {}, the reference's is {}",
                                                    ShapeText(answer.port.canonical), ShapeText(other.port.canonical))};
    } else {
      const int64_t width = HasRows(other.port) ? RowOf(other.port.canonical) : 0;
      row.before_softmax =
          softmax == Softmax::kUndone && core::IsFloating(other.port.type) && IsDistribution(other.values, width);
      row.difference =
          row.before_softmax ? CompareLogits(other, answer, width) : Compare(other.values, answer.values, width);
      // A model with floating outputs against one with integer outputs (or the other way) is held to the stricter rule.
      row.judged =
          Judge(row.difference, core::IsFloating(other.port.type) ? answer.port.type : other.port.type, tolerance);
    }
    Add(check, std::move(row));
  }
  return check;
}

Check InspectAnswers(const Answers& candidate, bool constants_matter) {
  Check check;
  for (const Answer& answer : candidate) {
    OutputRow row = RowFor(answer);
    row.difference = Inspect(answer.values);
    row.judged = JudgeAlone(row.difference);
    if (row.difference.not_finite == 0 && !constants_matter) row.judged = {};
    Add(check, std::move(row));
  }
  return check;
}

void RefuseConstant(Check& check) {
  const OutputRow* first = nullptr;
  for (const OutputRow& row : check.outputs) {
    if (!core::IsFloating(row.type) || row.difference.elements < 2) continue;
    if (!row.difference.constant) return;
    if (!first) first = &row;
  }
  if (!first || check.verdict == Verdict::kMismatch) return;
  check.verdict = Verdict::kMismatch;
  check.reason = fmt::format("output '{}': {}", first->name, JudgeAlone(first->difference).reason);
}

Json ToJson(const OutputRow& row) {
  Json json = {{"output", row.name},
               {"reference_output", row.reference_name.empty() ? Json() : Json(row.reference_name)},
               {"type", DTypeName(row.type)},
               {"shape", row.shape},
               {"before_softmax", row.before_softmax},
               {"verdict", VerdictName(row.judged.verdict)},
               {"reason", row.judged.reason.empty() ? Json() : Json(row.judged.reason)}};
  json.update(ToJson(row.difference));
  return json;
}

const OutputRow* WorstOutput(const Check& check) {
  const OutputRow* worst = nullptr;
  for (const OutputRow& row : check.outputs) {
    if (!worst || row.judged.verdict > worst->judged.verdict ||
        (row.judged.verdict == worst->judged.verdict &&
         row.difference.centred_sqnr_db.value_or(-1) < worst->difference.centred_sqnr_db.value_or(-1))) {
      worst = &row;
    }
  }
  return worst;
}

}  // namespace bakeoff::verify
