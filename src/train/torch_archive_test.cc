// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Archives of torch.save(): a right one, and damaged or hostile ones, which are refused without taking their word for
// how much memory they need.
#include "train/torch_archive.h"

#include <caffe2/serialize/inline_container.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <cstring>
#include <functional>
#include <numeric>

#include "core/files.h"
#include "core/format_probe.h"
#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::train {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

std::string Text(const std::string& text) {
  return "X" + std::string{static_cast<char>(text.size()), 0, 0, 0} + text;
}

// Small numbers as a tuple.
std::string Numbers(const std::string& bytes) {
  std::string program = "(";
  for (const char byte : bytes) program += "K"s + byte;
  return program + "t";
}

// A tensor of floats at the start of storage "0".
std::string Tensor(const std::string& sizes, const std::string& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + Text("storage") + "ctorch\nFloatStorage\n" + Text("0") +
         Text("cpu") + "K\x06tQ" + "K"s + '\0' + Numbers(sizes) + Numbers(strides) + "\x89}tR";
}

std::string Dict(const std::string& items) {
  return "\x80\x02}(" + items + "u.";
}

class TorchArchive : public testing::Test {
 protected:
  std::filesystem::path Write(const std::string& pickle, size_t count = 6) {
    const std::filesystem::path path = folder_ / "weights.pth";
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 1.0F);
    caffe2::serialize::PyTorchStreamWriter writer(path.string());
    writer.writeRecord("data.pkl", pickle.data(), pickle.size());
    writer.writeRecord("data/0", values.data(), values.size() * sizeof(float));
    writer.writeEndOfFile();
    return path;
  }
  std::string Refused(const std::filesystem::path& path) {
    const Error error = core::Catch([&] { ReadTorchArchive(path); });
    EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
    EXPECT_THAT(error.text(), HasSubstr(path.filename().string()));
    return error.text();
  }

  core::TestFolder folder_;
};

TEST_F(TorchArchive, TensorsWithTheirStridesAreRead) {
  const StateDict state = ReadTorchArchive(
      Write(Dict(Text("w") + Tensor("\x02\x03", "\x03\x01") + Text("turned") + Tensor("\x03\x02", "\x01\x03"))));
  ASSERT_EQ(state.size(), 2U);
  EXPECT_EQ(state.at("w").sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(state.at("w")[1][0].item<float>(), 4);
  EXPECT_EQ(state.at("turned")[0][1].item<float>(), 4);
}

TEST_F(TorchArchive, RecordThatIsSaidToBeLargerThanTheFileFails) {
  const std::filesystem::path path = Write(Dict(Text("w") + Tensor("\x02\x03", "\x03\x01")));
  const std::string whole = core::ReadFile(path);
  ASSERT_LT(whole.size(), 4096U);
  const auto entries = core::ZipDirectory(path);
  ASSERT_TRUE(entries && entries->size() >= 3) << "the premise: pickle, storage, version";
  size_t entry = whole.find("PK\x01\x02"), changed = 0;
  for (; entry != std::string::npos; entry = whole.find("PK\x01\x02", entry + 1), ++changed) {
    // The size of the content alone, and that together with the size that it takes in the file, and compressed.
    for (const auto& [stored_too, compressed] : {std::pair(false, false), {true, false}, {true, true}, {false, true}}) {
      std::string damaged = whole;
      const uint32_t bytes = 0xE8000000;
      std::memcpy(&damaged[entry + 24], &bytes, sizeof bytes);
      if (stored_too) std::memcpy(&damaged[entry + 20], &bytes, sizeof bytes);
      if (compressed) damaged[entry + 10] = 8;
      EXPECT_THAT(Refused(folder_.Write("weights.pth", damaged)), HasSubstr("is said to hold 3892314112 bytes"));
    }
  }
  EXPECT_EQ(changed, entries->size());
}

TEST_F(TorchArchive, ProgramsAreHeldToTheirSizesToo) {
  const std::filesystem::path path = folder_ / "program.pt";
  torch::jit::Module module("m");
  module.register_parameter("w", torch::ones({2}), false);
  module.define("def forward(self, x):\n    return x * self.w\n");
  module.save(path.string());
  EXPECT_EQ(ReadWeights(path).at("w").numel(), 2) << "the premise: it is read";
  std::string damaged = core::ReadFile(path);
  const uint32_t bytes = 0xE8000000;
  std::memcpy(&damaged[damaged.find("PK\x01\x02") + 24], &bytes, sizeof bytes);
  const Error error = core::Catch([&] { ReadWeights(folder_.Write("program.pt", damaged)); });
  EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
  EXPECT_THAT(error.text(), HasSubstr("is said to hold 3892314112 bytes"));
}

TEST_F(TorchArchive, CutAnywhereFails) {
  const std::string whole = core::ReadFile(Write(Dict(Text("w") + Tensor("\x02\x03", "\x03\x01"))));
  for (size_t bytes = 4; bytes < whole.size(); bytes += 37)
    Refused(folder_.Write("weights.pth", whole.substr(0, bytes)));
}

TEST_F(TorchArchive, NestingOfAnyDepthIsRefusedWithoutAFall) {
  EXPECT_THAT(Refused(Write(")" + std::string(2'000'000, '\x85') + ".")), HasSubstr("it holds no state dict"));
}

TEST_F(TorchArchive, TensorsBeyondTheirStorageFail) {
  for (const auto& [sizes, strides] : {std::pair("\x02\x04"s, "\x03\x01"s),
                                       {"\x07"s, "\x01"s},
                                       {"\x06\x06\x06\x06\x06\x06\x06\x06"s, std::string(8, '\0')}}) {
    EXPECT_THAT(Refused(Write(Dict(Text("w") + Tensor(sizes, strides)))), HasSubstr("outside its storage"));
  }
}

TEST_F(TorchArchive, OneStorageNamedAgainAndAgainFails) {
  std::string items;
  for (int i = 0; i < 40'000; ++i)
    items += Text("w" + std::to_string(i)) + (i == 0 ? Tensor("\x06", "\x01") + "q\x01" : "h\x01");
  EXPECT_EQ(ReadTorchArchive(Write(Dict(items))).size(), 40'000U) << "one tensor under many names is none of it";
  // A function and its arguments that are recalled: seven bytes for a tensor of 800.
  items = Text("a") + "ctorch._utils\n_rebuild_tensor_v2\nq\x01" + Tensor("\xc8", "\x01").substr(33);
  const size_t call = items.size() - 1;
  items = items.substr(0, call) + "q\x02R";
  for (int i = 0; i < 60'000; ++i) items += "h\x01h\x01h\x02R";
  const std::string text = Refused(Write(Dict(items), 200));
  EXPECT_THAT(text, HasSubstr("again and again"));
}

}  // namespace
}  // namespace bakeoff::train
