// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Long fields in a few words.
#include "measure/field_text.h"

#include <gtest/gtest.h>

namespace bakeoff::measure {
namespace {

TEST(FieldText, ThreadsAreListedAndTheSmallestPutTogether) {
  Json threads = Json::array();
  EXPECT_EQ(ThreadsText(threads), "-");
  for (int i = 0; i < 10; ++i) threads.push_back({{"name", "pool"}, {"time_ns", 1'500'000'000}});
  threads[0]["name"] = "main";
  const std::string text = ThreadsText(threads);
  EXPECT_TRUE(text.starts_with("main 1.5 s, pool 1.5 s, ")) << text;
  EXPECT_TRUE(text.ends_with(", 2 more 3 s")) << text;
}

TEST(FieldText, OverTimeSaysHowFarItVaried) {
  EXPECT_EQ(OverTimeText(Json::array()), "-");
  EXPECT_EQ(OverTimeText({{{"at_ns", 50'000'000}, {"utilisation", 1.25}}}), "1.25 CPUs over 0.05 s");
  EXPECT_EQ(OverTimeText({{{"at_ns", 200'000'000}, {"utilisation", 2.0}},
                          {{"at_ns", 400'000'000}, {"utilisation", 0.5}},
                          {{"at_ns", 600'000'000}, {"utilisation", 1.9}}}),
            "3 stretches of about 0.2 s: 0.50 to 2.00 CPUs, median 1.90");
}

TEST(FieldText, AProfileSaysWhichTypesTakeTheTime) {
  Json operators = Json::array();
  for (const char* type : {"Conv", "Conv", "Gemm", "A", "B", "C", "D"})
    operators.push_back({{"type", type}, {"share", 0.125}});
  EXPECT_EQ(ProfileText({{"operators", operators}}),
            "7 operators: Conv 25.0 %, A 12.5 %, B 12.5 %, C 12.5 %, D 12.5 % and 1 more types");
  EXPECT_EQ(ProfileText({{"reason", "not told"}}), "not told");
}

}  // namespace
}  // namespace bakeoff::measure
