// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Sums over events, and traces.
#include "measure/profile.h"

#include <gtest/gtest.h>

namespace bakeoff::measure {
namespace {

worker::ProfileReply Reply() {
  return {.source = "a clock",
          .inferences = 2,
          .wall_ns = {260, 240},
          .operators = {{"small", "Relu", "", ""}, {"large", "Conv", "f32", "CPU"}},
          .events = {{.op = 1, .run = 1, .begin_ns = 5000, .time_ns = 200, .thread = 7},
                     {.op = 0, .run = 1, .begin_ns = 5200, .time_ns = 20, .thread = 7},
                     {.op = 1, .run = 2, .begin_ns = 6000, .time_ns = 160, .thread = 8},
                     {.op = 0, .run = 2, .begin_ns = 6200, .time_ns = 20, .thread = 7}}};
}

TEST(Profile, SumsWhatEachOperatorTook) {
  EXPECT_EQ(ProfileJson(Reply()), Json::parse(R"({"operators": [
      {"name": "large", "type": "Conv", "time_ns": 360, "calls": 2, "share": 0.9, "precision": "f32", "provider": "CPU"},
      {"name": "small", "type": "Relu", "time_ns": 40, "calls": 2, "share": 0.1, "precision": null, "provider": null}],
      "total_ns": 400, "inferences": 2, "outliers": 0, "wall_ns": 500, "source": "a clock"})"));
}

TEST(Profile, AnInterruptedInferenceChangesNoShare) {
  worker::ProfileReply reply = Reply();
  const Json whole = ProfileJson(reply);
  reply.inferences = 5;
  reply.wall_ns = {260, 240, 5250, 250, 255};  // the third was interrupted, in the small operator
  reply.events.push_back({.op = 0, .run = 3, .begin_ns = -1, .time_ns = 5020, .thread = 7});
  const Json rest = ProfileJson(reply);
  EXPECT_EQ(rest["operators"], whole["operators"]);
  EXPECT_EQ(rest["inferences"], 4);
  EXPECT_EQ(rest["outliers"], 1);
  EXPECT_EQ(rest["wall_ns"], 1005);
}

TEST(Profile, OfNoTimeAtAllIsAReason) {
  worker::ProfileReply reply = Reply();
  for (auto& event : reply.events) event.time_ns = 0;
  EXPECT_FALSE(ProfileJson(reply).contains("operators"));
  EXPECT_TRUE(ProfileJson(reply).contains("reason"));
}

TEST(Trace, HasRealBeginsFromZero) {
  Trace trace;
  trace.Add("e t1", Reply());
  const Json json = Json::parse(trace.Text());
  const Json& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0]["args"]["name"], "e t1");
  EXPECT_EQ(events[1]["ts"], 0.0);
  EXPECT_EQ(events[1]["dur"], 0.2);
  EXPECT_EQ(events[4]["ts"], 1.2);
  EXPECT_EQ(events[3]["tid"], 8);
  EXPECT_FALSE(events[2]["args"].contains("precision"));
}

TEST(Trace, LaysEndToEndWhatHasNoBegins) {
  Trace trace;
  trace.Add("e t1", Reply());
  worker::ProfileReply reply = Reply();
  reply.events[2].begin_ns = -1;
  trace.Add("f t1", reply);
  const Json json = Json::parse(trace.Text());
  const Json& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 10u);
  EXPECT_EQ(events[5]["args"]["name"], "f t1 (begins not told: operators end to end)");
  EXPECT_NE(events[5]["pid"], events[0]["pid"]);
  EXPECT_EQ(events[9]["ts"], 0.38);
}

}  // namespace
}  // namespace bakeoff::measure
