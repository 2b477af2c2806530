// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of importing: every kind of source becomes the same kind of folder, whole or not at all.
#include "data/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "data/archive_maker.h"
#include "data/scan.h"

namespace bakeoff::data {
namespace {

using testing::HasSubstr;

Bytes Picture(int shade) {
  Image image;
  image.Resize(5, 4);
  std::fill(image.rgb.begin(), image.rgb.end(), static_cast<uint8_t>(shade));
  return EncodePng(image);
}

std::string AsText(const Bytes& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

TEST(Import, AnArchiveBecomesAFolderWithTheSameData) {
  const TestFolder folder;
  folder.Write("x.tar", TarEntry("s/train/a/1.png", AsText(Picture(1))) +
                            TarEntry("s/train/a/more/1.png", AsText(Picture(2))) +
                            TarEntry("s/test/b/2.png", AsText(Picture(3))) + TarEnd());
  Dataset source = OpenDataset(folder / "x.tar");
  ScanDataset(source);
  ImportDataset(source, folder / "out");
  const Dataset back = OpenDataset(folder / "out");
  EXPECT_EQ(DataHash(back), DataHash(source));
  EXPECT_TRUE(std::filesystem::exists(folder / "out/train/a/1-2.png"));
  // Without the manifest the folders alone say the same.
  Dataset raw = OpenDataset(folder / "out", true);
  ScanDataset(raw);
  EXPECT_EQ(DataHash(raw), DataHash(source));
}

TEST(Import, CifarRecordsBecomePictures) {
  const TestFolder folder;
  folder.Write("c/data_batch_1.bin", std::string(1, '\3') + std::string(3072, '\x40'));
  Dataset source = OpenDataset(folder / "c");
  ScanDataset(source);
  ImportDataset(source, folder / "out");
  const Dataset back = OpenDataset(folder / "out");
  ASSERT_EQ(back.items.size(), 1u);
  EXPECT_EQ(back.items[0].path, "train/cat/data_batch_1-0.png");
  EXPECT_EQ(back.classes.size(), 10u);
  Image image;
  back.Decode(back.Read(back.items[0]), image);
  EXPECT_EQ(image.rgb, Bytes(3072, 0x40));
}

TEST(Import, LinksAndRefusals) {
  const TestFolder folder;
  folder.Write("in/a/1.png", Picture(1)), folder.Write("in/b/2.png", Picture(2));
  Dataset source = OpenDataset(folder / "in");
  ScanDataset(source);
  ImportDataset(source, folder / "soft", {.link = LinkMode::kSymbolic});
  ImportDataset(source, folder / "hard", {.link = LinkMode::kHard});
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "soft/a/1.png"));
  EXPECT_EQ(std::filesystem::hard_link_count(folder / "in/a/1.png"), 2u);
  EXPECT_EQ(DataHash(OpenDataset(folder / "soft")), DataHash(OpenDataset(folder / "hard")));

  const auto failure = [&](const Dataset& dataset, const std::string& to, const ImportOptions& options = {}) {
    try {
      ImportDataset(dataset, folder / to, options);
    } catch (const Error& error) {
      return error.text();
    }
    return std::string();
  };
  EXPECT_THAT(failure(source, "soft"), HasSubstr("is not empty"));
  WriteZip(folder / "x.zip", {{"a/1.png", AsText(Picture(1))}, {"b/2.png", AsText(Picture(2))}});
  EXPECT_THAT(failure(OpenDataset(folder / "x.zip"), "z", {.link = LinkMode::kHard}), HasSubstr("leave out --link"));
  Dataset odd = source;
  odd.classes[0] = "../up";
  EXPECT_THAT(failure(odd, "odd"), HasSubstr("cannot be a folder's name"));
  // A source that fails half-way leaves nothing behind.
  std::filesystem::remove(folder / "in/b/2.png");
  EXPECT_THAT(failure(source, "half"), HasSubstr("b/2.png"));
  for (const auto& entry : std::filesystem::directory_iterator(folder / ""))
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr("half")));
}

}  // namespace
}  // namespace bakeoff::data
