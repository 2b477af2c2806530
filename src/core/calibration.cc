// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Confidence against accuracy.
#include "core/calibration.h"

#include <algorithm>
#include <cmath>

namespace bakeoff::core {

void Calibration::Add(double confidence, bool correct) {
  if (!(confidence >= 0 && confidence <= 1)) return;
  const double place = std::ceil(confidence * static_cast<double>(kBins)) - 1;
  Bin& bin = bins_[static_cast<size_t>(std::max(0.0, place))];
  ++bin.examples;
  bin.correct += correct ? 1 : 0;
  bin.confidence += confidence;
  ++examples_;
}

std::optional<double> Calibration::ExpectedError() const {
  if (examples_ == 0) return std::nullopt;
  double sum = 0;
  for (const Bin& bin : bins_) sum += std::abs(static_cast<double>(bin.correct) - bin.confidence);
  return sum / static_cast<double>(examples_);
}

Json Calibration::ToJson() const {
  Json bins = Json::array();
  for (size_t i = 0; i < kBins; ++i) {
    const Bin& bin = bins_[i];
    const auto share = [&](double sum) {
      return bin.examples == 0 ? Json() : Json(sum / static_cast<double>(bin.examples));
    };
    bins.push_back({{"low", static_cast<double>(i) / kBins},
                    {"high", static_cast<double>(i + 1) / kBins},
                    {"examples", bin.examples},
                    {"accuracy", share(static_cast<double>(bin.correct))},
                    {"confidence", share(bin.confidence)}});
  }
  const auto error = ExpectedError();
  return {{"ece", error ? Json(*error) : Json()}, {"confidence_bins", bins}};
}

}  // namespace bakeoff::core
