// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of folders, tar, compressed tar and zip as containers, and of archives that mean harm.
#include "data/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "data/archive_maker.h"
#include "data/parallel.h"
#include "data/rng.h"

namespace bakeoff::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Names(const Container& container) {
  std::vector<std::string> names;
  for (const Entry& entry : container.entries()) names.push_back(entry.name);
  return names;
}

std::string Contents(const Container& container, const std::string& name) {
  const Bytes bytes = container.ReadAll(container.Find(name));
  return std::string(bytes.begin(), bytes.end());
}

std::string FailureOf(const std::string& path, const ContainerLimits& limits = {}) {
  try {
    OpenContainer(path, limits);
  } catch (const Error& error) {
    return error.text();
  }
  return "opened";
}

TEST(Container, FolderTarGzipAndZipAreTheSame) {
  const TestFolder folder;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"set/a/1.jpg", "one"}, {"set/a/2.jpg", std::string(3000, 'x')}, {"set/b/3.jpg", ""}};
  std::string tar = TarEntry("set/empty/", "", '5');
  for (const auto& [name, data] : files) {
    folder.Write("plain/" + name, data);
    tar += TarEntry(name, data);
  }
  tar += TarEnd();
  std::filesystem::create_directories(folder / "plain/set/empty");
  auto zipped = files;
  zipped.emplace_back("set/empty/", "");
  WriteZip(folder / "x.zip", zipped);
  for (const std::filesystem::path& path :
       {folder / "plain", folder.Write("x.tar", tar), folder.Write("x.tar.gz", Gzip(tar)), folder / "x.zip"}) {
    const auto container = OpenContainer(path);
    EXPECT_THAT(Names(*container), ElementsAre("set/a/1.jpg", "set/a/2.jpg", "set/b/3.jpg")) << path;
    for (const auto& [name, data] : files) EXPECT_EQ(Contents(*container, name), data) << path;
    EXPECT_TRUE(std::binary_search(container->folders().begin(), container->folders().end(), "set/empty")) << path;
    std::atomic<int> wrong = 0;
    ParallelFor(200, 4,
                [&](int, size_t i) { wrong += Contents(*container, files[i % 3].first) != files[i % 3].second; });
    EXPECT_EQ(wrong, 0);
  }
}

TEST(Container, TarDialects) {
  const TestFolder folder;
  const std::string long_name = "set/" + std::string(150, 'n') + "/1.jpg";
  const std::string record = "path=" + long_name + "\n";
  const std::string pax = std::to_string(record.size() + 4) + " " + record;
  ASSERT_EQ(pax.size(), std::stoul(pax));  // "NNN " before the record: the length counts itself
  const auto by_pax =
      OpenContainer(folder.Write("pax.tar", TarEntry("PaxHeaders/x", pax, 'x') + TarEntry("short", "data") + TarEnd()));
  EXPECT_THAT(Names(*by_pax), ElementsAre(long_name));
  const auto by_gnu =
      OpenContainer(folder.Write("gnu.tar", TarEntry("././@LongLink", long_name + std::string(1, '\0'), 'L') +
                                                TarEntry("short", "data") + TarEnd()));
  EXPECT_EQ(Contents(*by_gnu, long_name), "data");
  const auto links =
      OpenContainer(folder.Write("l.tar", TarEntry("a/link", "", '2') + TarEntry("./a//2", "x") + TarEnd()));
  EXPECT_THAT(Names(*links), ElementsAre("a/2"));
}

TEST(Container, NamesThatLeaveTheArchiveFails) {
  const TestFolder folder;
  for (const std::string name : {"../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "a\\..\\..\\x.jpg", "C:\\x.jpg"}) {
    EXPECT_THAT(FailureOf(folder.Write("x.tar", TarEntry(name, "data") + TarEnd())), HasSubstr("safe to use")) << name;
  }
  WriteZip(folder / "x.zip", {{"../x.jpg", "data"}});
  EXPECT_THAT(FailureOf(folder / "x.zip"), HasSubstr("leads out of the archive"));
}

TEST(Container, BombsFails) {
  const TestFolder folder;
  const std::string zeros(20 << 20, '\0');
  EXPECT_THAT(FailureOf(folder.Write("x.tar.gz", Gzip(zeros))), HasSubstr("looks like a bomb"));
  WriteZip(folder / "x.zip", {{"a/1.jpg", zeros}});
  EXPECT_THAT(FailureOf(folder / "x.zip"), HasSubstr("looks like a bomb"));
  const std::string tar = folder.Write("x.tar", TarEntry("a/1", "123") + TarEntry("a/2", "4567") + TarEnd());
  EXPECT_THAT(FailureOf(tar, {.entries = 1}), HasSubstr("more than 1 entries"));
  EXPECT_THAT(FailureOf(tar, {.entry_bytes = 3}), HasSubstr("'a/2' has 4 bytes"));
  EXPECT_THAT(FailureOf(tar, {.total_bytes = 6}), HasSubstr("6 bytes"));
  EXPECT_EQ(FailureOf(tar), "opened");
}

TEST(Container, TarLinksToFilesInItAreThoseFiles) {
  const TestFolder folder;
  const std::string tar = TarEntry("a/1.jpg", "one") + TarEntry("x", "20 linkpath=a/1.jpg\n", 'x') +
                          TarEntry("b/same.jpg", "", '1') + TarEntry("x", "19 linkpath=absent\n", 'x') +
                          TarEntry("b/gone.jpg", "", '1') + TarEntry("x", "24 linkpath=/etc/passwd\n", 'x') +
                          TarEntry("b/soft.jpg", "", '2') + TarEnd();
  const auto container = OpenContainer(folder.Write("x.tar", tar));
  ASSERT_EQ(container->entries().size(), 2u);
  EXPECT_EQ(Contents(*container, "b/same.jpg"), "one");
  EXPECT_THAT(FailureOf(folder.Write("y.tar", TarEntry("a", "") + TarEntry("x", "17 linkpath=../a\n", 'x') +
                                                  TarEntry("b", "", '1') + TarEnd())),
              HasSubstr("leads out"));
}

TEST(Container, WhiteSpaceBelongsToANameInAnArchiveToo) {
  const TestFolder folder;
  const auto container =
      OpenContainer(folder.Write("x.tar", TarEntry("a / 1.jpg", "one") + TarEntry("a/1.jpg", "two") + TarEnd()));
  EXPECT_THAT(Names(*container), ElementsAre("a / 1.jpg", "a/1.jpg"));
}

TEST(Container, ALinkToAFolderAboveIsNotFollowed) {
  const TestFolder folder;
  folder.Write("a/1.jpg", "one");
  folder.Write("b/2.jpg", "two");
  std::filesystem::create_directory_symlink("..", folder / "a/loop");
  std::filesystem::create_directory_symlink("../a", folder / "b/other");  // leads back only through its own loop
  EXPECT_THAT(Names(*OpenContainer(folder / "")), ElementsAre("a/1.jpg", "b/2.jpg", "b/other/1.jpg"));
}

TEST(Container, WhatIsNoRegularFileOrTooLargeFails) {
  const TestFolder folder;
  folder.Write("a/1.jpg", "one");
  const std::string pipe = folder / "pipe.jpg";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto listed = ListedFiles(folder / "", {"a/1.jpg", "pipe.jpg", "/dev/zero", "a"});
  const auto failure = [&](const std::string& name) {
    try {
      listed->ReadAll(listed->Find(name));
    } catch (const Error& error) {
      return error.text();
    }
    return std::string("read");
  };
  EXPECT_EQ(failure("a/1.jpg"), "read");
  for (const char* name : {"pipe.jpg", "/dev/zero", "a"}) EXPECT_THAT(failure(name), HasSubstr("not a regular file"));
  EXPECT_THAT(FailureOf(pipe), HasSubstr("not a regular file"));
  // A file with a hole takes no room on the disk; in memory it would.
  folder.Write("a/2.jpg", "");
  std::filesystem::resize_file(folder / "a/2.jpg", uint64_t{1} << 40);
  const auto container = OpenContainer(folder / "");
  try {
    container->ReadAll(container->Find("a/2.jpg"));
    ADD_FAILURE() << "a terabyte was read";
  } catch (const Error& error) {
    EXPECT_THAT(error.text(), HasSubstr("more than the limit of 1073741824"));
  }
}

TEST(Container, BrokenArchivesFails) {
  const TestFolder folder;
  const std::string tar = TarEntry("a/1.jpg", std::string(700, 'd')) + TarEnd();
  EXPECT_THAT(FailureOf(folder.Write("x.tar", tar.substr(0, 900))), HasSubstr("cut short"));
  std::string flipped = tar + tar;
  flipped.resize(tar.size() - 1024);
  flipped += tar;
  flipped[512 + 1024 + 3] = 'q';
  EXPECT_THAT(FailureOf(folder.Write("x.tar", flipped)), HasSubstr("checksum"));
  EXPECT_THAT(FailureOf(folder.Write("x.tar", TarEntry("a", "", '0', "77777777777") + TarEnd())),
              HasSubstr("cut short"));
  EXPECT_THAT(FailureOf(folder.Write("x.tar",
                                     TarEntry("a", "", '0', std::string("\xff") + std::string(11, '\x7f')) + TarEnd())),
              HasSubstr("no file has"));
  const std::string packed = Gzip(tar);
  EXPECT_THAT(FailureOf(folder.Write("x.tgz", packed.substr(0, packed.size() - 9))), HasSubstr("broken gzip"));
  WriteZip(folder / "x.zip", {{"a/1.jpg", "data"}});
  const Bytes zip = OpenContainer(folder / "")->ReadAll(OpenContainer(folder / "")->Find("x.zip"));
  EXPECT_THAT(FailureOf(folder.Write("y.zip", Bytes(zip.begin(), zip.end() - 10))), HasSubstr("broken zip"));
  EXPECT_THAT(FailureOf(folder.Write("z.bin", "hello")), HasSubstr("neither a folder nor"));
  EXPECT_THAT(FailureOf(folder / "absent"), HasSubstr("No such file"));
}

TEST(Container, BeginningOfAPackedTarTellsWhatItIs) {
  const TestFolder folder;
  const std::string packed = Gzip(TarEntry("a", std::string(3000, 'a')) + TarEnd());
  NeedPackedTar(File(folder.Write("x.tgz", packed)));
  // The rest is for who unpacks it.
  NeedPackedTar(File(folder.Write("x.tgz", packed.substr(0, packed.size() - 9))));
  const auto refused = [&](const std::string& text) {
    return core::TextOf([&] { NeedPackedTar(File(folder.Write("y.tgz", text))); }, ErrorCode::kUsage);
  };
  EXPECT_THAT(refused(packed.substr(0, 30)), HasSubstr("broken gzip: cut short"));
  EXPECT_THAT(refused(packed.substr(0, 10) + std::string(500, '\xff')), HasSubstr("broken gzip: "));
  EXPECT_THAT(refused(Gzip("a,b")), HasSubstr("broken tar: cut short"));
  EXPECT_THAT(refused(Gzip(std::string(2000, 'x'))), HasSubstr("broken tar: "));
}

TEST(Container, FlippedBytesNeverCrash) {
  const TestFolder folder;
  const std::string tar =
      TarEntry("a/1.jpg", "some data") + TarEntry("x", "12 path=a/2\n", 'x') + TarEntry("b", "more") + TarEnd();
  WriteZip(folder / "x.zip", {{"a/1.jpg", "some data"}, {"b/2.jpg", std::string(500, 'r')}});
  std::string zip;
  {
    const auto here = OpenContainer(folder / "");
    zip = Contents(*here, "x.zip");
  }
  Rng rng({8});
  int errors = 0;
  for (int i = 0; i < 400; ++i) {
    std::string bytes = i % 2 ? zip : tar;
    for (uint64_t flips = 1 + rng.Below(3); flips > 0; --flips)
      bytes[rng.Below(bytes.size())] = static_cast<char>(rng.Below(256));
    const std::string path = folder.Write("flipped", bytes);
    try {
      const auto container = OpenContainer(path);
      for (size_t e = 0; e < container->entries().size(); ++e) container->ReadAll(e);
    } catch (const Error&) {
      ++errors;  // as good as data here; a crash or a hang is not
    }
  }
  EXPECT_GT(errors, 0);
}

}  // namespace
}  // namespace bakeoff::data
