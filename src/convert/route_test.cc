// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Routes over hops.
#include "convert/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using worker::EngineStatus;
using worker::HopEntryStatus;

HopEntryStatus Hop(const char* name, std::vector<FormatId> reads, const char* writes,
                   std::vector<std::string> precisions = {"f32", "f16"}) {
  HopEntryStatus hop{.name = name, .status = EngineStatus::kPresent, .executable = name};
  hop.info = {.name = name, .reads = std::move(reads), .writes = writes, .precisions = std::move(precisions)};
  return hop;
}

std::vector<std::string> Texts(const std::vector<Route>& routes) {
  std::vector<std::string> texts;
  for (const Route& route : routes) texts.push_back(RouteText(route));
  return texts;
}

std::string Refusal(const std::vector<HopEntryStatus>& hops, const char* from, const char* to,
                    const char* precision = "f32") {
  try {
    FindRoutes(hops, from, to, precision);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    return error.text();
  }
  return "found";
}

TEST(FindRoutes, TakesTheShortestFirstAndNoFormatTwice) {
  const std::vector<HopEntryStatus> hops{Hop("b", {"onnx"}, "saved"), Hop("a", {"onnx", "saved"}, "lite"),
                                         Hop("c", {"saved", "lite"}, "onnx"), Hop("t", {"script"}, "onnx")};
  EXPECT_THAT(Texts(FindRoutes(hops, "onnx", "lite", "f32")), ElementsAre("onnx -> lite", "onnx -> saved -> lite"));
  EXPECT_THAT(Texts(FindRoutes(hops, "script", "lite", "f32")),
              ElementsAre("script -> onnx -> lite", "script -> onnx -> saved -> lite"));
}

TEST(FindRoutes, OnlyTheLastHopNeedsThePrecision) {
  const std::vector<HopEntryStatus> hops{Hop("t", {"script"}, "onnx", {"f32"}), Hop("a", {"onnx"}, "lite")};
  EXPECT_THAT(Texts(FindRoutes(hops, "script", "lite", "f16")), ElementsAre("script -> onnx -> lite"));
  EXPECT_THAT(Refusal(hops, "script", "onnx", "f16"), HasSubstr("no hop to onnx writes f16 weights"));
}

TEST(FindRoutes, SaysWhatIsMissingFails) {
  std::vector<HopEntryStatus> hops{Hop("t", {"script"}, "onnx"), Hop("a", {"saved"}, "lite")};
  hops.push_back({.name = "x", .status = EngineStatus::kMissing, .reason = "run: setup"});
  EXPECT_EQ(
      Refusal(hops, "script", "lite"),
      "no hop leads from script to lite; script can become onnx; lite is written by a (from saved; precisions f32, "
      "f16); the hop x is missing: run: setup");
  EXPECT_THAT(Refusal(hops, "lite", "onnx"), HasSubstr("nothing can be made of lite here"));
}

TEST(FindRoutes, AHopThatIsNotThereLeadsNowhereFails) {
  HopEntryStatus broken = Hop("a", {"onnx"}, "lite");
  broken.status = EngineStatus::kBroken;
  EXPECT_THAT(Refusal({broken}, "onnx", "lite"), HasSubstr("the hop a is broken"));
}

}  // namespace
}  // namespace bakeoff::convert
