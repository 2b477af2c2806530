// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of ReadOnnxPorts(), on the fixtures and on damaged copies of them.
#include "core/onnx_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "bakeoff/error.h"
#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

using ::testing::HasSubstr;

std::string Fixture(const std::string& name) {
  const char* source = std::getenv("BAKEOFF_SOURCE");
  return std::string(source ? source : ".") + "/tests/fixtures/" + name;
}

TEST(OnnxPorts, ReadsNamesTypesAndFreeExtents) {
  const OnnxPorts ports = ReadOnnxPorts(Fixture("net.onnx"));
  EXPECT_EQ(ports.inputs, (std::vector<TensorSpec>{{"image", DType::kF32, {kFree, 3, 12, 20}}}));
  EXPECT_EQ(ports.outputs, (std::vector<TensorSpec>{{"logits", DType::kF32, {kFree, 10}}}));
}

TEST(OnnxPorts, ReadsSeveralPortsOfSeveralTypes) {
  const OnnxPorts ports = ReadOnnxPorts(Fixture("pair.onnx"));
  ASSERT_EQ(ports.inputs.size(), 2u);
  EXPECT_EQ(ports.inputs[1], (TensorSpec{"b", DType::kI32, {kFree, 4}}));
  ASSERT_EQ(ports.outputs.size(), 2u);
  EXPECT_EQ(ports.outputs[1].name, "product");
}

TEST(OnnxPorts, MissingFileFails) {
  try {
    ReadOnnxPorts("/no/such/model.onnx");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_THAT(error.text(), HasSubstr("/no/such/model.onnx"));
  }
}

TEST(OnnxPorts, EveryCutAndEveryFlippedByteIsRefusedOrReadWithoutACrash) {
  std::ifstream file(Fixture("pair.onnx"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_GT(whole.size(), 100u);
  const TestFolder folder;
  int refused = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0xFF);
    for (const std::string& bytes : {whole.substr(0, i), flipped}) {
      const std::string path = folder.Write("damaged.onnx", bytes);
      try {
        ReadOnnxPorts(path);
      } catch (const Error& error) {
        ++refused;
        EXPECT_THAT(error.text(), HasSubstr(path));
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size()) / 2);
}

}  // namespace
}  // namespace bakeoff::core
