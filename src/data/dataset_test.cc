// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of sources: folder layouts, lists, CIFAR-10, manifests, and what a scan finds.
#include "data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "data/archive_maker.h"
#include "data/rng.h"
#include "data/scan.h"

namespace bakeoff::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes Picture(uint64_t seed, bool png = false) {
  Image image;
  image.Resize(8, 6);
  Rng rng({seed});
  for (uint8_t& sample : image.rgb) sample = static_cast<uint8_t>(rng.Below(256));
  return png ? EncodePng(image) : EncodeJpeg(image, 90);
}

std::vector<std::string> Described(const Dataset& dataset) {
  std::vector<std::string> rows;
  for (const Item& item : dataset.items) {
    rows.push_back(item.path + " " + dataset.classes[static_cast<size_t>(item.label)] + " " +
                   std::string(SplitName(item.split)));
  }
  return rows;
}

template <typename Action>
std::string FailureOf(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.text();
  }
  return "no failure";
}

TEST(Dataset, FolderLayouts) {
  const TestFolder plain;
  plain.Write("cat/1.jpg", "x"), plain.Write("dog/deep/2.PNG", "x"), plain.Write("notes.txt", "x"),
      plain.Write("cat/list.csv", "x");
  const Dataset one = OpenDataset(plain / "");
  EXPECT_THAT(Described(one), ElementsAre("cat/1.jpg cat ", "dog/deep/2.PNG dog "));
  EXPECT_THAT(one.ignored, ElementsAre("cat/list.csv", "notes.txt"));

  const TestFolder split;
  for (const char* name :
       {"train/a/1.jpg", "train/b/2.jpg", "valid/a/3.jpg", "valid/b/4.jpg", "Test/a/5.jpg", "Test/b/6.jpg"})
    split.Write(name, "x");
  EXPECT_THAT(Described(OpenDataset(split / "")),
              ElementsAre("Test/a/5.jpg a test", "Test/b/6.jpg b test", "train/a/1.jpg a train",
                          "train/b/2.jpg b train", "valid/a/3.jpg a val", "valid/b/4.jpg b val"));

  const TestFolder wrapped;
  wrapped.Write("w.tar", TarEntry("./set-1/x/1.jpg", "x") + TarEntry("set-1/y/2.jpg", "x") +
                             TarEntry("__MACOSX/set-1/._1.jpg", "x") + TarEnd());
  EXPECT_THAT(Described(OpenDataset(wrapped / "w.tar")), ElementsAre("set-1/x/1.jpg x ", "set-1/y/2.jpg y "));

  const TestFolder trains;  // a class that happens to be called so
  trains.Write("train/1.jpg", "x"), trains.Write("bus/2.jpg", "x");
  EXPECT_THAT(OpenDataset(trains / "").classes, ElementsAre("bus", "train"));
}

TEST(Dataset, NumbersAreOrderedAsNumbersAndEmptyClassesStay) {
  const TestFolder folder;
  folder.Write("10/a.jpg", "x"), folder.Write("9/a.jpg", "x");
  std::filesystem::create_directories(folder / "11");
  EXPECT_THAT(OpenDataset(folder / "").classes, ElementsAre("9", "10", "11"));
}

TEST(Dataset, NoClassesFails) {
  const TestFolder folder;
  folder.Write("1.jpg", "x");
  EXPECT_THAT(FailureOf([&] { OpenDataset(folder / ""); }), HasSubstr("no pictures in class folders"));
  EXPECT_THAT(FailureOf([&] { OpenDataset(folder / "absent"); }), HasSubstr("no such file"));
}

TEST(Dataset, ListsInJsonlAndCsv) {
  const TestFolder folder;
  folder.Write("p/1.jpg", Picture(1)), folder.Write("p/2, two.jpg", Picture(2));
  folder.Write(
      "l.jsonl",
      "{\"path\": \"p/1.jpg\", \"label\": 7}\n\n{\"path\": \"p/2, two.jpg\", \"class\": \"x\", \"split\": \"test\"}\n");
  EXPECT_THAT(Described(OpenDataset(folder / "l.jsonl")), ElementsAre("p/1.jpg 7 ", "p/2, two.jpg x test"));
  folder.Write("l.csv", "\xef\xbb\xbflabel,path\r\nred,p/1.jpg\r\n\"blue \"\"b\"\"\",\"p/2, two.jpg\"\r\n");
  const Dataset csv = OpenDataset(folder / "l.csv");
  EXPECT_THAT(Described(csv), ElementsAre("p/1.jpg red ", "p/2, two.jpg blue \"b\" "));
  EXPECT_EQ(csv.Read(csv.items[1]), Picture(2));
  folder.Write("bare.csv", "p/1.jpg,a\n");
  EXPECT_THAT(Described(OpenDataset(folder / "bare.csv")), ElementsAre("p/1.jpg a "));
}

TEST(Dataset, BadListsNameTheLineFails) {
  const TestFolder folder;
  const auto failure = [&](const char* name, const char* text) {
    return FailureOf([&] { OpenDataset(folder.Write(name, text)); });
  };
  EXPECT_THAT(failure("l.jsonl", "{\"path\": \"a\", \"class\": \"b\"}\nrubbish\n"),
              HasSubstr("line 2: not JSON: rubbish"));
  EXPECT_THAT(failure("l.jsonl", "{\"path\": \"a\"}\n"), HasSubstr("line 1: \"path\" or \"class\" is missing"));
  EXPECT_THAT(failure("l.jsonl", "{\"path\":\"a\",\"class\":\"b\"}\n{\"path\":\"a\",\"class\":\"b\"}\n"),
              HasSubstr("a is listed twice"));
  EXPECT_THAT(failure("l.jsonl", "{\"path\":\"a\",\"class\":\"b\",\"split\":\"tset\"}"), HasSubstr("the split 'tset'"));
  EXPECT_THAT(failure("l.csv", "path,label\na\n"), HasSubstr("record 2: 1 fields"));
  EXPECT_THAT(failure("l.csv", "path,kind\na,b\n"), HasSubstr("`class` or `label`"));
  EXPECT_THAT(failure("l.csv", ""), HasSubstr("no pictures are listed"));
  EXPECT_THAT(
      failure(
          "l.jsonl",
          "{\"bakeoff_manifest\": 1, \"source\": \"l.jsonl\", \"classes\": [\"b\"]}\n{\"path\":\"a\",\"class\":\"b\"}"),
      HasSubstr("a manifest again"));
  EXPECT_THAT(failure("l.jsonl", "{\"bakeoff_manifest\": 1, \"classes\": 3}\n{\"path\":\"a\",\"class\":\"b\"}"),
              HasSubstr("no manifest header"));
  EXPECT_THAT(failure("l.jsonl", "{\"bakeoff_manifest\": 1, \"classes\": [\"c\"]}\n{\"path\":\"a\",\"class\":\"b\"}"),
              HasSubstr("the list of classes lacks"));
}

std::string CifarBatch(const std::vector<int>& labels) {
  std::string batch;
  for (size_t r = 0; r < labels.size(); ++r) {
    batch += static_cast<char>(labels[r]);
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 1024; ++i) batch += static_cast<char>(i % 200 + c + static_cast<int>(r) * 10);
    }
  }
  return batch;
}

TEST(Dataset, CifarBatchesInAFolderAndInAnArchive) {
  const TestFolder folder;
  const std::string train = CifarBatch({3, 9}), test = CifarBatch({0});
  folder.Write("c/data_batch_1.bin", train), folder.Write("c/test_batch.bin", test), folder.Write("c/readme.html", "x");
  folder.Write("c.tar.gz", Gzip(TarEntry("cifar-10-batches-bin/data_batch_1.bin", train) +
                                TarEntry("cifar-10-batches-bin/test_batch.bin", test) + TarEnd()));
  for (const std::filesystem::path& path : {folder / "c", folder / "c.tar.gz"}) {
    const Dataset dataset = OpenDataset(path);
    ASSERT_EQ(dataset.items.size(), 3u);
    EXPECT_EQ(dataset.classes[static_cast<size_t>(dataset.items[0].label)], "cat");
    EXPECT_EQ(dataset.items[1].split, Split::kTrain);
    EXPECT_EQ(dataset.items[2].split, Split::kTest);
    Image image;
    dataset.Decode(dataset.Read(dataset.items[1]), image);
    EXPECT_EQ(image.width, 32);
    EXPECT_THAT(Bytes(image.At(5, 1), image.At(5, 1) + 3), ElementsAre(47, 48, 49));
  }
  EXPECT_THAT(FailureOf([&] { OpenDataset(folder.Write("d/data_batch_1.bin", train + "x"), true); }),
              HasSubstr("neither a folder"));
  EXPECT_THAT(FailureOf([&] { OpenDataset(folder / "d"); }), HasSubstr("no whole number of CIFAR-10 records"));
  folder.Write("d/data_batch_1.bin", CifarBatch({10}));
  EXPECT_THAT(FailureOf([&] { OpenDataset(folder / "d"); }), HasSubstr("record 0 has the label 10"));
}

TEST(Dataset, ManifestComesBackAsItWas) {
  const TestFolder folder;
  folder.Write("data/a/1.jpg", Picture(1)), folder.Write("data/b/2.jpg", Picture(2));
  Dataset dataset = OpenDataset(folder / "data");
  ScanDataset(dataset);
  dataset.items[0].split = Split::kTrain, dataset.items[1].split = Split::kUnused;
  dataset.items[0].weight = 1.5, dataset.items[0].repeat = 3, dataset.settings = {{"seed", 4}};
  folder.Write("data/manifest.jsonl", ManifestText(dataset, folder / "data"));
  folder.Write("elsewhere/m.jsonl", ManifestText(dataset, folder / "elsewhere"));
  for (const std::filesystem::path& path :
       {folder / "data", folder / "data/manifest.jsonl", folder / "elsewhere/m.jsonl"}) {
    const Dataset back = OpenDataset(path);
    EXPECT_EQ(Described(back), Described(dataset)) << path;
    EXPECT_EQ(back.items[0].weight, 1.5);
    EXPECT_EQ(back.items[0].repeat, 3);
    EXPECT_EQ(back.settings, dataset.settings);
    EXPECT_EQ(DataHash(back), DataHash(dataset));
    EXPECT_EQ(back.Read(back.items[1]), Picture(2));
  }
  // Moved as a whole, it still finds its pictures; a file that went is named.
  std::filesystem::rename(folder / "data", folder / "moved");
  EXPECT_EQ(OpenDataset(folder / "moved").Read(OpenDataset(folder / "moved").items[0]), Picture(1));
  std::filesystem::remove(folder / "moved/a/1.jpg");
  const Dataset lost = OpenDataset(folder / "moved");
  EXPECT_THAT(FailureOf([&] { lost.Read(lost.items[0]); }), HasSubstr("a/1.jpg: No such file"));
}

// What training leaves in a model folder, applied to the data as it is by now.
class ApplyManifestTest : public testing::Test {
 protected:
  ApplyManifestTest() {
    for (const char* path : {"data/a/1.jpg", "data/a/2.jpg", "data/b/3.jpg"})
      folder_.Write(path, Picture(static_cast<uint64_t>(path[7])));
    Dataset dataset = Open();
    ScanDataset(dataset);
    dataset.items[0].split = Split::kTrain, dataset.items[1].split = Split::kTest,
    dataset.items[2].split = Split::kTest;
    text_ = ManifestText(dataset, folder_ / "model");
  }
  Dataset Open() const { return OpenDataset(folder_ / "data"); }
  std::string Write(const std::string& text) const { return folder_.Write("model/manifest.jsonl", text); }

  TestFolder folder_;
  std::string text_;
};

TEST_F(ApplyManifestTest, GivesPartsByPathAndLeavesNewPicturesOut) {
  folder_.Write("data/b/4.jpg", Picture(9));
  Dataset dataset = Open();
  EXPECT_EQ(ApplyManifest(dataset, Write(text_)).unnamed, 1u);
  EXPECT_THAT(Described(dataset),
              ElementsAre("a/1.jpg a train", "a/2.jpg a test", "b/3.jpg b test", "b/4.jpg b unused"));
  EXPECT_THAT(ChangedItems(dataset, Split::kNone), IsEmpty());
}

TEST_F(ApplyManifestTest, TellsWhatIsGoneAndTakesWeightsAndRepeats) {
  std::filesystem::remove(folder_ / "data/a/2.jpg");
  Dataset dataset = Open();
  const std::string row = R"({"path": "b/9.jpg", "class": "b", "split": "train"})";
  text_.replace(text_.rfind("{"), 1, R"({"weight": 2.5, "repeat": 3, )");
  const Applied applied = ApplyManifest(dataset, Write(text_ + row + "\n"));
  EXPECT_EQ(applied.unnamed, 0u);
  EXPECT_EQ(applied.absent, 2u);
  EXPECT_EQ(dataset.items[1].path, "b/3.jpg");
  EXPECT_EQ(dataset.items[1].weight, 2.5);
  EXPECT_EQ(dataset.items[1].repeat, 3);
}

TEST_F(ApplyManifestTest, ReplacedPicturesAreFound) {
  folder_.Write("data/a/1.jpg", Picture(77)), folder_.Write("data/b/3.jpg", Picture(78));
  Dataset dataset = Open();
  ApplyManifest(dataset, Write(text_));
  EXPECT_THAT(ChangedItems(dataset, Split::kNone), ElementsAre(0u, 2u));
  EXPECT_THAT(ChangedItems(dataset, Split::kTest), ElementsAre(2u));
  // One that is gone is broken, not changed.
  std::filesystem::remove(folder_ / "data/b/3.jpg");
  EXPECT_THAT(ChangedItems(dataset, Split::kTest, 1), IsEmpty());
}

TEST_F(ApplyManifestTest, OfOtherDataFails) {
  const auto failure = [&](const std::string& text) {
    Dataset dataset = Open();
    const std::string path = Write(text);
    const std::string reason = FailureOf([&] { ApplyManifest(dataset, path); });
    EXPECT_THAT(reason, HasSubstr(path));
    EXPECT_FALSE(dataset.HasSplits());
    return reason;
  };
  const std::string header = text_.substr(0, text_.find('\n') + 1);
  const std::string rows = text_.substr(header.size());
  EXPECT_THAT(failure(rows), HasSubstr("its first line is no header"));
  EXPECT_THAT(failure(header + R"({"path": "z/1.jpg", "class": "z"})"), HasSubstr("the split of other data"));
  EXPECT_THAT(failure(header + R"({"path": "a/1.jpg", "class": "b", "split": "test"})"),
              HasSubstr("a/1.jpg is of class 'b' there and 'a' in the data"));
  EXPECT_THAT(failure(header + R"({"path": "a/1.jpg", "class": "a", "split": "exam"})"), HasSubstr("the split 'exam'"));
  EXPECT_THAT(failure(header + "{"), HasSubstr("line 2: not JSON"));
}

TEST(Scan, FindsWhatIsWrong) {
  const TestFolder folder;
  folder.Write("a/good.jpg", Picture(1)), folder.Write("a/copy.jpg", Picture(1)),
      folder.Write("b/same.jpg", Picture(1));
  folder.Write("b/really-a-png.jpg", Picture(2, true)), folder.Write("b/zero.jpg", ""),
      folder.Write("b/page.jpg", "<html>404</html>");
  Bytes cut = Picture(3);
  cut.resize(cut.size() - 20);
  folder.Write("b/cut.jpg", cut);
  Dataset dataset = OpenDataset(folder / "");
  Scan scan = ScanDataset(dataset);
  const Json info = InfoJson(dataset, scan);
  EXPECT_EQ(info["images"], 4);
  EXPECT_EQ(info["mislabelled"].dump(), R"([{"path":"b/really-a-png.jpg","content":"png"}])");
  ASSERT_EQ(info["broken"].size(), 3u);
  EXPECT_EQ(info["broken"][0]["path"], "b/cut.jpg");
  EXPECT_THAT(info["broken"][0]["reason"].get<std::string>(), HasSubstr("broken JPEG"));
  EXPECT_EQ(info["broken"][2]["reason"], "the file is empty");
  EXPECT_EQ(info["duplicates"].dump(), R"([["a/copy.jpg","a/good.jpg","b/same.jpg"]])");
  EXPECT_EQ(info["conflicts"], info["duplicates"]);
  EXPECT_EQ(info["width"]["median"], 8);
  EXPECT_EQ(info["imbalance"], 1.0);
  DropBroken(dataset, scan);
  EXPECT_EQ(dataset.items.size(), 4u);
  EXPECT_EQ(scan.duplicates.size(), 1u);
}

TEST(Scan, PixelBombIsBrokenNotDecoded) {
  const TestFolder folder;
  folder.Write("a/big.jpg", Picture(1)), folder.Write("b/ok.jpg", Picture(2));
  Dataset dataset = OpenDataset(folder / "");
  ScanOptions options;
  options.limits.max_pixels = 47;
  const Scan scan = ScanDataset(dataset, options);
  ASSERT_EQ(scan.broken.size(), 2u);
  EXPECT_THAT(scan.items[0].broken, HasSubstr("8x6 pixels are more than the limit of 47"));
}

TEST(Scan, MaxBrokenCountsAndNames) {
  const TestFolder folder;
  for (int i = 0; i < 99; ++i) folder.Write("a/" + std::to_string(i) + ".jpg", Picture(static_cast<uint64_t>(i)));
  folder.Write("a/z.jpg", "junk");
  Dataset dataset = OpenDataset(folder / "");
  const Scan scan = ScanDataset(dataset);
  MaxBroken("1%").Check(dataset, scan);
  MaxBroken("1").Check(dataset, scan);
  EXPECT_THAT(FailureOf([&] { MaxBroken("0.9%").Check(dataset, scan); }),
              HasSubstr("1 of 100 pictures are broken, --max-broken allows 0.9%:\n  a/z.jpg: not a JPEG"));
  EXPECT_THAT(FailureOf([&] { MaxBroken("0").Check(dataset, scan); }), HasSubstr("a/z.jpg"));
  // While it is still being looked at, it is the least that there are.
  MaxBroken("1%").Check({{"a/z.jpg", "no"}}, 100, 5);
  EXPECT_THAT(FailureOf([&] { MaxBroken("0").Check({{"a/z.jpg", "no"}}, 100, 5); }),
              HasSubstr("at least 1 of 100 pictures are broken, --max-broken allows 0:\n  a/z.jpg: no"));
  for (const char* bad : {"", "%", "-1", "1.5", "101%", "x"})
    EXPECT_THAT(FailureOf([&] { MaxBroken m(bad); }), HasSubstr("--max-broken")) << bad;
}

}  // namespace
}  // namespace bakeoff::data
