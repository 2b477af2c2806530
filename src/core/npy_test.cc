// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// .npy files as numpy 2.4.6 writes them, and damaged ones; element conversions against numpy's.
#include "core/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bakeoff/error.h"
#include "core/elements.h"

namespace bakeoff::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// As numpy.save() lays it out: magic, version, length of the padded header, header, newline.
std::string Npy(const std::string& dictionary, const std::string& body, char major = 1) {
  const size_t before = major == 1 ? 10 : 12;
  std::string header = dictionary;
  header.resize((before + header.size() + 64) / 64 * 64 - before - 1, ' ');
  header += '\n';
  std::string text = "\x93NUMPY";
  text += major;
  text += '\0';
  for (size_t i = 0; i < before - 8; ++i) text += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return text + header + body;
}

std::string Dictionary(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

std::vector<double> Values(const Array& array) {
  return ToDoubles(array.type, array.data);
}

std::string FailureOf(const std::string& content) {
  try {
    ParseNpy(content, "x.npy");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.text(), HasSubstr("x.npy"));
    return error.text();
  }
  return "no error";
}

TEST(Npy, ReadsTypesOrdersAndRanks) {
  using namespace std::string_literals;
  const Array floats = ParseNpy(
      Npy(Dictionary("<f4", "(2, 3)"), "\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40"s), "a");
  EXPECT_EQ(floats.type, DType::kF32);
  EXPECT_EQ(floats.shape, (Shape{2, 3}));
  EXPECT_THAT(Values(floats), ElementsAre(0, 1, 2, 3, 4, 5));

  const Array big_endian = ParseNpy(Npy(Dictionary(">i2", "(3,)"), "\0\1\xff\xfe\1\x2c"s), "a");
  EXPECT_THAT(Values(big_endian), ElementsAre(1, -2, 300));

  const Array fortran = ParseNpy(Npy(Dictionary("|u1", "(2, 3)", "True"), "\0\3\1\4\2\5"s, 3), "a");
  EXPECT_THAT(Values(fortran), ElementsAre(0, 1, 2, 3, 4, 5));

  const Array scalar = ParseNpy(Npy(Dictionary("<f8", "()"), "\0\0\0\0\0\0\x04\x40"s), "a");
  EXPECT_TRUE(scalar.shape.empty());
  EXPECT_THAT(Values(scalar), ElementsAre(2.5));
}

TEST(Npy, DamagedFilesFail) {
  EXPECT_THAT(FailureOf(""), HasSubstr("does not start"));
  EXPECT_THAT(FailureOf("PK\x03\x04 something else"), HasSubstr("does not start"));
  const std::string good = Npy(Dictionary("<f4", "(2,)"), std::string(8, 'x'));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_NE(FailureOf(good.substr(0, size)), "no error") << size;
  EXPECT_THAT(FailureOf(Npy(Dictionary("<c8", "(1,)"), std::string(8, 'x'))), HasSubstr("'<c8'"));
  EXPECT_THAT(FailureOf(Npy(Dictionary("|O", "(1,)"), std::string(8, 'x'))), HasSubstr("'|O'"));
  EXPECT_THAT(FailureOf(Npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234")),
              HasSubstr("structured"));
  EXPECT_THAT(FailureOf(Npy(Dictionary("<f4", "(-1,)"), "1234")), HasSubstr("-1"));
  EXPECT_THAT(FailureOf(Npy(Dictionary("<f4", "(4611686018427387904, 4)"), "1234")), HasSubstr("too many elements"));
  EXPECT_THAT(FailureOf(Npy(Dictionary("<f4", "(4611686018427387904,)"), "1234")), HasSubstr("cut short"));
  EXPECT_THAT(FailureOf(Npy("{'descr': '<f4'}", "1234")), HasSubstr("'shape'"));
}

TEST(Elements, HalvesRoundAsNumpyDoes) {
  struct Row {
    float value;
    uint16_t bits;
  };
  for (const Row& row : {Row{1.0f, 0x3c00},
                         {65504.0f, 0x7bff},
                         {65519.0f, 0x7bff},
                         {65520.0f, 0x7c00},
                         {6e-8f, 0x1},
                         {2.9e-8f, 0x0},
                         {1.0f / 3, 0x3555},
                         {-2.5f, 0xc100},
                         {0x1p-14f, 0x400},
                         {6.1e-5f, 0x3ff},
                         {0.1f, 0x2e66},
                         {2049.0f, 0x6800},
                         {2051.0f, 0x6802}}) {
    EXPECT_EQ(HalfFromFloat(row.value), row.bits) << row.value;
  }
  // Every finite half survives the way to float and back; so does every bfloat16.
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7c00u) != 0x7c00u) {
      EXPECT_EQ(HalfFromFloat(FloatFromHalf(static_cast<uint16_t>(bits))), bits);
    }
    if ((bits & 0x7f80u) != 0x7f80u) {
      EXPECT_EQ(BFloatFromFloat(FloatFromBFloat(static_cast<uint16_t>(bits))), bits);
    }
  }
  EXPECT_EQ(BFloatFromFloat(1.00390625f), 0x3f80);  // a tie goes to even
}

TEST(Elements, TransposesByAxes) {
  const std::vector<std::byte> data = {std::byte{0}, std::byte{1}, std::byte{2},
                                       std::byte{3}, std::byte{4}, std::byte{5}};
  const auto turned = Transposed(data, {2, 3}, {1, 0}, 1);
  EXPECT_THAT(turned, ElementsAre(std::byte{0}, std::byte{3}, std::byte{1}, std::byte{4}, std::byte{2}, std::byte{5}));
  EXPECT_EQ(Transposed(turned, {3, 2}, {1, 0}, 1), data);
}

}  // namespace
}  // namespace bakeoff::core
