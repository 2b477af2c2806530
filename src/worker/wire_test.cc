// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Frames: what is written is read again; whatever else comes is refused with words, never with a crash or a huge
// allocation.
#include "worker/wire.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <random>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

using ::testing::HasSubstr;

class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(pipe(ends_), 0);
    fcntl(ends_[1], F_SETPIPE_SZ, 1 << 20);
  }
  ~Pipe() {
    close(ends_[0]);
    CloseWriting();
  }
  void Put(std::string_view bytes) {
    ASSERT_EQ(write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void CloseWriting() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};

std::string Bytes(uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string RawFrame(std::string_view head, std::string_view payload = "") {
  return Bytes(head.size(), 4) + Bytes(payload.size(), 8) + std::string(head) + std::string(payload);
}

// What Read() says to these bytes, followed by end of file.
std::string Refusal(std::string_view bytes, ErrorCode code = ErrorCode::kEngineFailed) {
  Pipe pipe;
  pipe.Put(bytes);
  pipe.CloseWriting();
  try {
    FrameStream(pipe.reading(), -1).Read();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.text();
  }
  return "accepted";
}

NamedTensor Floats(std::string name, Shape shape, std::vector<float> values) {
  NamedTensor tensor{std::move(name), DType::kF32, std::move(shape), {}};
  tensor.data.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

TEST(Frame, WhatIsWrittenIsRead) {
  Pipe pipe;
  FrameStream stream(pipe.reading(), pipe.writing());
  stream.Write({{"id", 7}, {"text", "ü"}},
               {Floats("a", {2}, {1, 2}), Floats("none", {0, 3}, {}), Floats("scalar", {}, {3})});
  pipe.CloseWriting();
  const auto frame = stream.Read();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->head.dump(), R"({"id":7,"text":"ü"})");
  ASSERT_EQ(frame->tensors.size(), 3u);
  EXPECT_EQ(frame->tensors[0].shape, Shape{2});
  EXPECT_EQ(frame->tensors[0].data, Floats("", {2}, {1, 2}).data);
  EXPECT_TRUE(frame->tensors[1].data.empty());
  EXPECT_EQ(frame->tensors[2].data.size(), 4u);
  EXPECT_FALSE(stream.Read());  // a clean end
}

TEST(Frame, TextThatIsNoUtf8StillMakesAFrame) {
  Pipe pipe;
  FrameStream stream(pipe.reading(), pipe.writing());
  stream.Write({{"text", "bad \xff byte"}});
  EXPECT_THAT(stream.Read()->head["text"].get<std::string>(), HasSubstr("bad "));
}

TEST(Frame, CutShortAnywhereFails) {
  const std::string whole = RawFrame(R"({"id":1,"tensors":[{"name":"a","type":"u8","shape":[3]}]})", "abc");
  for (size_t length = 1; length < whole.size(); ++length) {
    EXPECT_THAT(Refusal(whole.substr(0, length)), HasSubstr("ended inside a frame")) << length;
  }
  EXPECT_EQ(Refusal(whole), "accepted");  // the premise
}

TEST(Frame, LengthsAboveTheLimitsFailBeforeAnyAllocation) {
  EXPECT_THAT(Refusal(Bytes(0xffffffff, 4) + Bytes(0, 8)), HasSubstr("a head of 4294967295 bytes is above the limit"));
  EXPECT_THAT(Refusal(Bytes(2, 4) + Bytes(uint64_t{1} << 62, 8) + "{}"),
              HasSubstr("a payload of 4611686018427387904 bytes"));
}

TEST(Frame, HeadThatIsNoObjectFails) {
  for (const char* head : {"", "[]", "3", "{", "{\"a\":1}x", "\xff\xfe"}) {
    EXPECT_THAT(Refusal(RawFrame(head)), HasSubstr("no JSON object")) << head;
  }
}

TEST(Frame, SizesThatDoNotFitFail) {
  const auto with = [](std::string_view tensors, std::string_view payload) {
    return Refusal(RawFrame("{\"tensors\":" + std::string(tensors) + "}", payload));
  };
  EXPECT_THAT(with(R"([{"name":"a","type":"u8","shape":[4]}])", "abc"), HasSubstr("larger than its payload"));
  EXPECT_THAT(with(R"([{"name":"a","type":"u8","shape":[2]}])", "abc"),
              HasSubstr("1 bytes of payload belong to no tensor"));
  EXPECT_THAT(with("[]", "abc"), HasSubstr("3 bytes of payload belong to no tensor"));
  EXPECT_THAT(Refusal(RawFrame("{}", "abc")), HasSubstr("3 bytes of payload"));
  EXPECT_THAT(with(R"([{"name":"a","type":"f32","shape":[4611686018427387904,4]}])", ""), HasSubstr("overflows"));
  EXPECT_THAT(with(R"([{"name":"a","type":"f32","shape":[-1]}])", ""), HasSubstr("negative extent"));
  EXPECT_THAT(with(R"({"a":1})", ""), HasSubstr("'tensors' is no list"));
  // Two that fit alone but not together.
  EXPECT_THAT(with(R"([{"name":"a","type":"u8","shape":[2]},{"name":"b","type":"u8","shape":[2]}])", "abc"),
              HasSubstr("'b' is larger than its payload"));
}

TEST(Frame, DescriptionsThatAreWrongFail) {
  for (const char* entry :
       {"3", R"({"type":"u8","shape":[]})", R"({"name":3,"type":"u8","shape":[]})", R"({"name":"a","shape":[]})",
        R"({"name":"a","type":"u9","shape":[]})", R"({"name":"a","type":"u8"})",
        R"({"name":"a","type":"u8","shape":3})", R"({"name":"a","type":"u8","shape":[1.5]})"}) {
    EXPECT_THAT(Refusal(RawFrame("{\"tensors\":[" + std::string(entry) + "]}")), HasSubstr("a tensor description has"))
        << entry;
  }
}

TEST(Frame, RandomBytesNeverCrash) {
  std::mt19937 random(3);
  const std::string good = RawFrame(R"({"id":1,"tensors":[{"name":"a","type":"u8","shape":[3]}]})", "abc");
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    if (i % 2 == 0) {
      for (char& byte : bytes) byte = static_cast<char>(random());
      // Half of these with lengths that are small enough to get further.
      if (i % 4 == 0) bytes.replace(0, 12, Bytes(bytes.size() - 12, 4) + Bytes(0, 8));
    } else {
      for (int flips = 0; flips < 3; ++flips) bytes[random() % bytes.size()] ^= static_cast<char>(1u << (random() % 8));
      // A flipped length of gigabytes is allowed by the limits and would only be slow here.
      bytes.replace(0, 12, good.substr(0, 12));
    }
    Refusal(bytes);
  }
}

TEST(Frame, DeadlineHolds) {
  Pipe pipe;
  pipe.Put(Bytes(2, 4));
  FrameStream stream(pipe.reading(), -1);
  try {
    stream.Read(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTimeout);
  }
}

TEST(Frame, WritingToNobodyFails) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_THROW(FrameStream(-1, ends[1]).Write({{"a", 1}}), Error);
  close(ends[1]);
}

TEST(Frame, MessageAboveTheLimitsIsNotSent) {
  Pipe pipe;
  FrameStream stream(pipe.reading(), pipe.writing(), {.head_bytes = 64, .payload_bytes = 8});
  EXPECT_THROW(stream.Write({{"text", std::string(64, 'x')}}), Error);
  EXPECT_THROW(stream.Write({}, {Floats("a", {3}, {1, 2, 3})}), Error);
  // Nothing was written: the next frame is whole.
  stream.Write({{"id", 1}});
  EXPECT_EQ(stream.Read()->head["id"], 1);
}

TEST(Magic, BannersAreSkippedAndKept) {
  Pipe pipe;
  pipe.Put(std::string("welcome\n\x01") + "BAKE");  // with a false start
  FrameStream stream(pipe.reading(), pipe.writing());
  stream.WriteMagic();
  stream.Write({{"id", 1}});
  std::string skipped;
  EXPECT_EQ(stream.ReadMagic(skipped, kNoDeadline), kProtocolVersion);
  EXPECT_EQ(skipped, std::string("welcome\n\x01") + "BAKE");
  EXPECT_EQ(stream.Read()->head["id"], 1);  // not a byte too many was taken
}

TEST(Magic, RubbishFails) {
  Pipe pipe;
  pipe.Put(std::string(70'000, '!'));
  std::string skipped;
  try {
    FrameStream(pipe.reading(), -1).ReadMagic(skipped, kNoDeadline);
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.text(), HasSubstr("no handshake"));
  }
  EXPECT_GE(skipped.size(), size_t{64 << 10});
}

TEST(Magic, EndOfFileFails) {
  Pipe pipe;
  pipe.Put("Segmentation fault");
  pipe.CloseWriting();
  std::string skipped;
  EXPECT_THROW(FrameStream(pipe.reading(), -1).ReadMagic(skipped, kNoDeadline), Error);
  EXPECT_EQ(skipped, "Segmentation fault");
}

}  // namespace
}  // namespace bakeoff::worker
