// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Records as JSON and CSV, and the page that documents them.
#include "measure/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <set>

#include "core/files.h"

namespace bakeoff::measure {
namespace {

using testing::HasSubstr;

TEST(Fields, ThePageHasTheTable) {
  const char* source = std::getenv("BAKEOFF_SOURCE");
  ASSERT_TRUE(source);
  EXPECT_THAT(core::ReadFile(std::string(source) + "/docs/results-format.md"),
              HasSubstr("<!-- begin of fields -->\n" + FieldsMarkdown() + "<!-- end of fields -->\n"))
      << "put the output of `bakeoff docs fields` there";
}

TEST(Fields, NamesAreUniqueAndSayTheirUnit) {
  std::set<std::string_view> names;
  for (const Field& field : Fields()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_TRUE(field.help.ends_with('.')) << field.name;
    const bool nanoseconds = field.name.ends_with("_ns") || field.name.starts_with("latency_ns.");
    EXPECT_EQ(field.unit == "ns", nanoseconds) << field.name;
    EXPECT_EQ(field.unit == "bytes", field.name.ends_with("_bytes")) << field.name;
  }
}

TEST(Fields, AFailedRunHasEveryFieldAndNoInventedZero) {
  measure::Run run;
  run.status = RunStatus::kFailed;
  run.error = Error(ErrorCode::kEngineFailed, "died, saying \"no\"\nand no more");
  const Json json = ToJson(run);
  EXPECT_EQ(json["error"]["code"], "engine_failed");
  EXPECT_TRUE(json["latency_ns"]["p50"].is_null());
  EXPECT_TRUE(json["load_ns"].is_null());
  EXPECT_TRUE(json["memory"]["peak_rss_bytes"].is_null());
  EXPECT_TRUE(json["cpu"]["utilisation"].is_null());
  EXPECT_TRUE(json["check"]["verdict"].is_null());
  EXPECT_THAT(CsvLines(std::vector<measure::Run>{run}, 'C'), HasSubstr(",\"died, saying \"\"no\"\"\nand no more\","));
}

TEST(Fields, NothingThatIsNotANumberReachesJson) {
  measure::Run run;
  run.latency.mean = std::numeric_limits<double>::quiet_NaN();
  run.throughput_per_s = std::numeric_limits<double>::infinity();
  const Json json = ToJson(run);
  EXPECT_TRUE(json["latency_ns"]["mean"].is_null());
  EXPECT_TRUE(json["throughput_per_s"].is_null());
}

}  // namespace
}  // namespace bakeoff::measure
