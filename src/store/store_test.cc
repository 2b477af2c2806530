// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The store: what is read back, what survives a killed process, what broken and foreign files lead to.
#include "store/store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <numeric>
#include <thread>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "core/test_folder.h"
#include "store/owner.h"
#include "store/schema.h"

namespace bakeoff::store {
namespace {

namespace fs = std::filesystem;
using core::Catch;
using testing::ElementsAre;
using testing::HasSubstr;

class StoreTest : public testing::Test {
 protected:
  fs::path Path() const { return root_ / "deep" / "runs.db"; }

  static RunLine Line(int64_t row, int64_t repetition, const std::string& status = "ok") {
    RunLine line;
    line.row = row;
    line.repetition = repetition;
    line.engine = row % 2 == 0 ? "even" : "odd";
    line.model = "net";
    line.scenario = "single-stream";
    line.threads = 2;
    line.batch = 1;
    line.precision = "f32";
    line.status = status;
    line.samples = 3;
    if (status == "ok") line.p50_ns = 2;
    return line;
  }
  static NewCampaign Plan(const std::string& name = "") {
    return {.name = name, .plan_sha256 = "abc", .planned = 4, .facts = {{"seed", 1}}};
  }
  const core::TestFolder root_;
};

constexpr int64_t kSamples[] = {3, 1, 2};

TEST_F(StoreTest, GivesBackWhatWasAdded) {
  int64_t campaign = 0, run = 0;
  {
    Store store(Path(), Store::Mode::kWrite);
    campaign = store.Begin(Plan("first"));
    run = store.Add(campaign, Line(1, 2), {{"deep", {{"ö", 1}}}}, kSamples);
    store.Add(campaign, Line(0, 1, "failed"), {{"x", 0}}, {});
    store.SetState(campaign, CampaignState::kStopped);
  }
  const Store store(Path(), Store::Mode::kRead);
  const Campaign found = store.Find("first");
  EXPECT_EQ(found.id, campaign);
  EXPECT_EQ(store.Find(std::to_string(campaign)).name, "first");
  EXPECT_EQ(found.state, CampaignState::kStopped);
  EXPECT_EQ(found.planned, 4);
  EXPECT_EQ(found.facts, Json({{"seed", 1}}));
  EXPECT_EQ(found.counts.all, 2);
  EXPECT_EQ(found.counts.ok, 1);
  EXPECT_EQ(store.Record(run), Json({{"deep", {{"ö", 1}}}}));
  EXPECT_THAT(store.Samples(run), ElementsAre(3, 1, 2));  // as measured, not sorted
  EXPECT_THAT(store.Samples(run + 1), ElementsAre());
  std::vector<int64_t> rows;
  store.EachRun({.campaign = campaign}, [&](const RunLine& line) { rows.push_back(line.row); });
  EXPECT_THAT(rows, ElementsAre(0, 1));  // of the plan's order
  EXPECT_FALSE(store.FindRun(run + 1).p50_ns);
  EXPECT_EQ(store.FindRun(run).p50_ns, 2);
}

TEST_F(StoreTest, FiltersAndLimits) {
  Store store(Path(), Store::Mode::kWrite);
  const int64_t campaign = store.Begin(Plan());
  for (int64_t row = 0; row < 6; ++row) store.Add(campaign, Line(row, 1, row == 5 ? "failed" : "ok"), {}, {});
  const auto rows = [&](const Filter& filter) {
    std::vector<int64_t> found;
    store.EachRun(filter, [&](const RunLine& line) { found.push_back(line.row); });
    return found;
  };
  EXPECT_THAT(rows({.engine = "odd"}), ElementsAre(1, 3, 5));
  EXPECT_THAT(rows({.engine = "odd", .status = "failed"}), ElementsAre(5));
  EXPECT_THAT(rows({.model = "net", .most = 2}), ElementsAre(5, 4));
  EXPECT_THAT(rows({.campaign = campaign + 1}), ElementsAre());
  EXPECT_THAT(rows({.engine = "'; DROP TABLE runs; --"}), ElementsAre());
  EXPECT_EQ(rows({}).size(), 6u);
}

TEST_F(StoreTest, ARowIsThereOnce) {
  Store store(Path(), Store::Mode::kWrite);
  const int64_t campaign = store.Begin(Plan());
  store.Add(campaign, Line(0, 1), {}, kSamples);
  const Error error = Catch([&] { store.Add(campaign, Line(0, 1), {}, kSamples); });
  EXPECT_THAT(error.text(), HasSubstr("UNIQUE"));
  EXPECT_EQ(store.Find(campaign).counts.all, 1);
}

TEST_F(StoreTest, NamesAreUniqueAndNoNumbers) {
  Store store(Path(), Store::Mode::kWrite);
  const int64_t first = store.Begin(Plan("main"));
  EXPECT_EQ(Catch([&] { store.Begin(Plan("main")); }).code(), ErrorCode::kUsage);
  EXPECT_EQ(Catch([&] { store.Begin(Plan("12")); }).code(), ErrorCode::kUsage);
  const int64_t second = store.Begin(Plan());
  EXPECT_EQ(Catch([&] { store.Rename(second, "main"); }).code(), ErrorCode::kUsage);
  store.Rename(first, "");
  store.Rename(second, "main");
  store.Rename(second, "main");
  EXPECT_EQ(store.Find("main").id, second);
  EXPECT_THAT(Catch([&] { store.Find("mian"); }).text(), HasSubstr("did you mean 'main'?"));
  EXPECT_EQ(Catch([&] { store.Rename(77, "x"); }).code(), ErrorCode::kNotFound);
}

TEST_F(StoreTest, DeletedNumbersAreNotGivenAgainAndTheSpaceComesBack) {
  Store store(Path(), Store::Mode::kWrite);
  const std::vector<int64_t> many(200'000, 7);
  const int64_t campaign = store.Begin(Plan("big"));
  const int64_t run = store.Add(campaign, Line(0, 1), {}, many);
  const int64_t other = store.Begin(Plan());
  const int64_t kept = store.Add(other, Line(0, 1), {}, kSamples);
  store.Delete(campaign);
  EXPECT_LT(fs::file_size(Path()), 200'000u);
  EXPECT_EQ(Catch([&] { store.Find(campaign); }).code(), ErrorCode::kNotFound);
  EXPECT_EQ(Catch([&] { store.FindRun(run); }).code(), ErrorCode::kNotFound);
  EXPECT_TRUE(store.Record(run).is_null());
  EXPECT_THAT(store.Samples(kept), ElementsAre(3, 1, 2));
  EXPECT_GT(store.Begin(Plan("big")), other);
  EXPECT_EQ(Catch([&] { store.Delete(campaign); }).code(), ErrorCode::kNotFound);
}

TEST_F(StoreTest, WhatAKilledProcessHadStoredIsThere) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    Store store(Path(), Store::Mode::kWrite);
    const int64_t campaign = store.Begin(Plan("killed"));
    for (int64_t row = 0;; ++row) {
      store.Add(campaign, Line(row, 1), {{"row", row}}, kSamples);
      if (write(ends[1], "x", 1) != 1) _exit(1);
    }
  }
  char told = 0;
  int64_t stored = 0;
  while (stored < 20 && read(ends[0], &told, 1) == 1) ++stored;
  kill(child, SIGKILL);
  close(ends[1]);
  while (read(ends[0], &told, 1) == 1) ++stored;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  Store store(Path(), Store::Mode::kWrite);
  const Campaign campaign = store.Find("killed");
  EXPECT_GE(campaign.counts.all, stored);
  EXPECT_EQ(campaign.state, CampaignState::kStopped);
  EXPECT_FALSE(MayLive(campaign.owner));
  store.EachRun({}, [&](const RunLine& line) {
    EXPECT_EQ(store.Record(line.id)["row"], line.row);
    EXPECT_THAT(store.Samples(line.id), ElementsAre(3, 1, 2));
  });
  store.TakeOver(campaign.id);
  EXPECT_EQ(store.Find(campaign.id).owner, OwnName());
}

TEST_F(StoreTest, TwoProcessesWriteAtOnce) {
  constexpr int64_t kRows = 50;
  Store own(Path(), Store::Mode::kWrite);
  std::vector<pid_t> children;
  for (int writer = 0; writer < 2; ++writer) {
    children.push_back(fork());
    if (children.back() == 0) {
      try {
        Store store(Path(), Store::Mode::kWrite);
        const int64_t campaign = store.Begin(Plan("writer" + std::to_string(writer)));
        for (int64_t row = 0; row < kRows; ++row) store.Add(campaign, Line(row, 1), {}, kSamples);
      } catch (const Error&) {
        _exit(1);
      }
      _exit(0);
    }
  }
  for (const pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(own.Find("writer0").counts.all, kRows);
  EXPECT_EQ(own.Find("writer1").counts.all, kRows);
}

TEST_F(StoreTest, ACampaignThatSomebodyWorksOnIsNotTakenOver) {
  Store store(Path(), Store::Mode::kWrite);
  const int64_t campaign = store.Begin(Plan());
  store.TakeOver(campaign);  // one's own
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      Store other(Path(), Store::Mode::kWrite);
      other.TakeOver(campaign);
    } catch (const Error& error) {
      const bool names = error.text().find(std::to_string(getppid())) != std::string::npos;
      code = error.code() == ErrorCode::kUnavailable && names ? 0 : 2;
    }
    _exit(code);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(StoreTest, ALockedStoreFailsWithAdvice) {
  Store store(Path(), Store::Mode::kWrite);
  const int64_t campaign = store.Begin(Plan());
  const Database other(Path().string(), Database::Mode::kWrite, 0);
  const Transaction holding(other);
  Store impatient(Path(), Store::Mode::kWrite, 50);
  const Error error = Catch([&] { impatient.Add(campaign, Line(0, 1), {}, {}); });
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("another process is writing"));
  EXPECT_EQ(impatient.Find(campaign).counts.all, 0);  // readers do not wait
}

TEST_F(StoreTest, NewerForeignAndDamagedFilesFailAndStayAsTheyAre) {
  const auto bytes = [](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  {
    Store store(Path(), Store::Mode::kWrite);
    store.Begin(Plan());
  }
  {
    const Database database(Path().string(), Database::Mode::kWrite, 0);
    database.Execute("PRAGMA user_version = 99");
  }
  const Error newer = Catch([&] { Store store(Path(), Store::Mode::kWrite); });
  EXPECT_EQ(newer.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(newer.text(), HasSubstr("version 99"));

  const fs::path foreign = root_ / "foreign.db";
  Database(foreign.string(), Database::Mode::kWrite, 0).Execute("CREATE TABLE theirs (x)");
  std::string before = bytes(foreign);
  EXPECT_THAT(Catch([&] { Store store(foreign, Store::Mode::kWrite); }).text(), HasSubstr("another program"));
  EXPECT_EQ(bytes(foreign), before);

  const fs::path text = root_ / "notes.txt";
  std::ofstream(text) << std::string(5000, 'x');
  before = bytes(text);
  const Error no_store = Catch([&] { Store store(text, Store::Mode::kWrite); });
  EXPECT_EQ(no_store.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(no_store.text(), HasSubstr("notes.txt"));
  EXPECT_EQ(bytes(text), before);

  EXPECT_EQ(Catch([&] { Store store(root_.path(), Store::Mode::kWrite); }).code(), ErrorCode::kUsage);
  EXPECT_EQ(Catch([&] { Store store(root_ / "none.db", Store::Mode::kRead); }).code(), ErrorCode::kNotFound);
  EXPECT_EQ(Catch([&] { Store store("", Store::Mode::kWrite); }).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Catch([&] { Store store(text / "x.db", Store::Mode::kWrite); }).code(), ErrorCode::kUnavailable);
}

TEST_F(StoreTest, ATruncatedStoreFailsWithAdviceAndDoesNotCrash) {
  {
    Store store(Path(), Store::Mode::kWrite);
    const int64_t campaign = store.Begin(Plan());
    const std::vector<int64_t> many(20'000, 7);
    for (int64_t row = 0; row < 5; ++row) store.Add(campaign, Line(row, 1), {}, many);
  }
  const auto whole = fs::file_size(Path());
  fs::resize_file(Path(), whole / 2);
  const Error error = Catch([&] {
    const Store store(Path(), Store::Mode::kRead);
    store.EachRun({}, [&](const RunLine& line) { store.Samples(line.id); });
  });
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("damaged"));
}

// A limit of pages stands for a full disk: SQLite reports both as SQLITE_FULL.
TEST_F(StoreTest, AFullDiskLosesNothingThatWasStored) {
  {
    Store store(Path(), Store::Mode::kWrite);
    store.Add(store.Begin(Plan("kept")), Line(0, 1), {{"a", 1}}, kSamples);
  }
  Store store(Path(), Store::Mode::kWrite);
  const std::vector<int64_t> many(500'000, 7);
  const int64_t campaign = store.Find("kept").id;
  store.LimitPages(40);
  const Error error = Catch([&] { store.Add(campaign, Line(1, 1), {}, many); });
  EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("free some space"));
  EXPECT_EQ(store.Find("kept").counts.all, 1);
  store.Add(campaign, Line(1, 1), {}, kSamples);  // what is small enough still goes in
  EXPECT_EQ(store.Find("kept").counts.all, 2);
}

TEST(Owner, AProcessIsToldFromLaterOnesWithItsNumber) {
  EXPECT_TRUE(MayLive(OwnName()));
  std::string later = OwnName();
  later.back() = later.back() == '1' ? '2' : '1';
  EXPECT_FALSE(MayLive(later));
  EXPECT_FALSE(MayLive(""));
  EXPECT_TRUE(MayLive("elsewhere boot 1 2"));
}

TEST(Owner, ADeadProcessWhoseParentHasNotAskedDoesNotLive) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string name = OwnName();
    if (write(ends[1], name.data(), name.size()) < 0) _exit(1);
    pause();
  }
  std::array<char, 1024> name{};
  ASSERT_GT(read(ends[0], name.data(), name.size() - 1), 0);
  EXPECT_TRUE(MayLive(name.data()));
  kill(child, SIGKILL);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(MayLive(name.data()));
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace bakeoff::store
