// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a worker may not say in reply to `profile`.
#include "worker/host/profile_reply.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

Frame Whole(const std::vector<int64_t>& numbers) {
  Frame frame;
  frame.head = Json::parse(R"({"ok": {"profile": {"source": "s", "inferences": 2, "wall_ns": [5, 4],
                              "operators": [{"name": "a", "type": "T", "precision": "f32", "provider": ""}]}}})");
  NamedTensor events{"events", DType::kI64, {static_cast<int64_t>(numbers.size() / 5), 5}, {}};
  events.data.resize(numbers.size() * sizeof(int64_t));
  std::memcpy(events.data.data(), numbers.data(), events.data.size());
  frame.tensors.push_back(std::move(events));
  return frame;
}

TEST(ProfileReply, IsReadInFull) {
  const ProfileReply reply = ProfileFromFrame(Whole({0, 1, 100, 7, 3, 0, 2, -1, 8, 0}));
  EXPECT_EQ(reply.source, "s");
  EXPECT_EQ(reply.inferences, 2);
  EXPECT_EQ(reply.wall_ns, (std::vector<int64_t>{5, 4}));
  EXPECT_EQ(reply.operators.at(0).precision, "f32");
  ASSERT_EQ(reply.events.size(), 2u);
  EXPECT_EQ(reply.events[0].begin_ns, 100);
  EXPECT_EQ(reply.events[0].thread, 3);
  EXPECT_EQ(reply.events[1].time_ns, 8);
}

TEST(ProfileReply, WhatCannotBeFails) {
  const std::vector<std::vector<int64_t>> wrong = {{1, 1, 0, 7, 0},    // no such operator
                                                   {-1, 1, 0, 7, 0},   // nor this
                                                   {0, 3, 0, 7, 0},    // no such inference
                                                   {0, 1, 0, -7, 0},   // time that runs back
                                                   {0, 1, -2, 7, 0}};  // no time
  for (const auto& numbers : wrong) EXPECT_THROW(ProfileFromFrame(Whole(numbers)), Error);
  Frame frame = Whole({0, 1, 0, 7, 0});
  frame.tensors[0].name = "other";
  EXPECT_THROW(ProfileFromFrame(frame), Error);
  frame = Whole({0, 1, 0, 7, 0});
  for (const char* walls : {"[5]", "[5, -4]", "[5, null]", "9"}) {
    frame.head["ok"]["profile"]["wall_ns"] = Json::parse(walls);
    EXPECT_THROW(ProfileFromFrame(frame), Error) << walls;
  }
  frame = Whole({0, 1, 0, 7, 0});
  frame.head["ok"]["profile"]["operators"][0].erase("type");
  EXPECT_THROW(ProfileFromFrame(frame), Error);
  frame.head["ok"].erase("profile");
  EXPECT_THROW(ProfileFromFrame(frame), Error);
}

}  // namespace
}  // namespace bakeoff::worker
