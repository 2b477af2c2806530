// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The catalogue: who is found, what is remembered, and what makes a memory stale.
#include "worker/host/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "bakeoff/error.h"
#include "core/test_folder.h"
#include "worker/host/description.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

// A worker in a few lines of shell: prints its description and counts how often it was asked.
class Catalog : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("BAKEOFF_ENGINE_PATH");
    fs::create_directories(bin());
  }

  fs::path bin() const { return root_ / "bin"; }
  fs::path cache() const { return root_ / "cache"; }
  fs::path library() const { return root_ / "runtime.so"; }

  void Write(const fs::path& path, const std::string& text, bool program = false) const {
    std::ofstream(path) << text;
    if (program) fs::permissions(path, fs::perms::owner_all);
  }
  void AddWorker(const std::string& name, const std::string& body, const fs::path& folder) const {
    Write(folder / ("bakeoff-engine-" + name), "#!/bin/sh\n" + body, true);
  }
  void AddGoodWorker(const std::string& name, const std::string& version = "1") const {
    Write(library(), "x");
    AddWorker(name,
              "echo asked >> " + (root_ / "asked").string() + "\necho '{\"name\": \"" + name + "\", \"version\": \"" +
                  version + "\", \"reads\": [\"onnx\"], \"libraries\": [\"" + library().string() + "\"]}'\n",
              bin());
  }
  size_t TimesAsked() const {
    std::ifstream file(root_ / "asked");
    return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
  }
  std::vector<EngineEntryStatus> All() const { return EnginesIn(bin(), cache()); }
  EngineEntryStatus Only() const {
    const auto all = All();
    EXPECT_EQ(all.size(), 1u);
    return all.at(0);
  }

  const core::TestFolder root_;
};

TEST_F(Catalog, AsksOnceAndRemembers) {
  AddGoodWorker("good", "3.1");
  for (int i = 0; i < 3; ++i) {
    const EngineEntryStatus entry = Only();
    EXPECT_EQ(entry.status, EngineStatus::kPresent) << entry.reason;
    EXPECT_EQ(entry.info.version, "3.1");
  }
  EXPECT_EQ(TimesAsked(), 1u);
}

TEST_F(Catalog, AsksAgainWhenWorkerOrLibraryChanged) {
  AddGoodWorker("good");
  Only();
  Write(library(), "another runtime");
  Only();
  EXPECT_EQ(TimesAsked(), 2u);
  fs::remove(library());
  Only();
  Only();
  EXPECT_EQ(TimesAsked(), 4u) << "an absent library is never a reason to trust the memory";
  AddGoodWorker("good", "2");
  EXPECT_EQ(Only().info.version, "2");
}

TEST_F(Catalog, IgnoresADamagedOrForeignCache) {
  AddGoodWorker("good");
  Only();
  for (const char* text :
       {"", "{", "[]", "{\"version\": \"x\"}", "{\"version\": 1, \"protocol\": 1, \"files\": {}}", "\xff\xfe"}) {
    for (const auto& entry : fs::directory_iterator(cache())) Write(entry.path(), text);
    EXPECT_EQ(Only().status, EngineStatus::kPresent) << text;
  }
  EXPECT_EQ(TimesAsked(), 7u);
}

TEST_F(Catalog, WorksWithoutACache) {
  AddGoodWorker("good");
  Write(root_ / "cache", "a file where the folder should be");
  EXPECT_EQ(Only().status, EngineStatus::kPresent);
  EXPECT_EQ(EnginesIn(bin(), "").at(0).status, EngineStatus::kPresent);
}

TEST_F(Catalog, EnginePathComesFirst) {
  AddGoodWorker("good", "1");
  const fs::path other = root_ / "other";
  fs::create_directories(other);
  AddWorker("good", "echo '{\"name\": \"good\", \"version\": \"mine\", \"reads\": []}'", other);
  setenv("BAKEOFF_ENGINE_PATH", (":/nowhere:" + other.string()).c_str(), 1);
  EXPECT_EQ(Only().info.version, "mine");
  unsetenv("BAKEOFF_ENGINE_PATH");
}

TEST_F(Catalog, BrokenWorkersHaveAReason) {
  AddWorker("a-exit", "echo 'no licence' >&2; exit 4", bin());
  AddWorker("b-loader",
            "echo 'x: error while loading shared libraries: libfoo.so.1: cannot open shared object file' >&2; exit 127",
            bin());
  AddWorker("c-rubbish", "echo hello", bin());
  AddWorker("d-name", "echo '{\"name\": \"other\", \"version\": \"1\", \"reads\": []}'", bin());
  AddWorker("e-field", "echo '{\"name\": \"e-field\", \"version\": 7, \"reads\": []}'", bin());
  AddWorker("f-crash", "kill -ABRT $$", bin());
  Write(bin() / "bakeoff-engine-g-data", "no program");
  Write(bin() / "bakeoff-engine-Wrong.Name", "#!/bin/sh\n", true);
  const auto all = All();
  ASSERT_EQ(all.size(), 6u);
  const std::vector<std::string> reasons = {
      "ended with exit code 4 when asked for its description; it said: no licence",
      "libfoo.so.1 is missing (or this user may not read it); run deps/setup.sh --engines b-loader and build again",
      "its description is no JSON object",
      "it calls itself 'other', but its file is bakeoff-engine-d-name",
      "its description has a wrong 'version': 7",
      "was killed by SIGABRT (Aborted)"};
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].status, EngineStatus::kBroken) << all[i].name;
    EXPECT_THAT(all[i].reason, HasSubstr(reasons[i])) << all[i].name;
  }
}

TEST_F(Catalog, ABannerOnStdoutDoesNoHarm) {
  AddWorker("loud", "echo 'Runtime {fast} starting'\necho '{\"name\": \"loud\", \"version\": \"1\", \"reads\": []}'",
            bin());
  EXPECT_EQ(Only().status, EngineStatus::kPresent) << Only().reason;
}

TEST_F(Catalog, AHangingWorkerIsNotWaitedForLong) {
  AddWorker("slow", "sleep 600", bin());
  std::vector<std::string> libraries;
  try {
    AskForDescription((bin() / "bakeoff-engine-slow").string(), 300ms, libraries);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTimeout);
  }
}

TEST_F(Catalog, KnowsWhatTheBuildLeftOut) {
  AddGoodWorker("good");
  Write(
      bin() / "bakeoff-engines.json",
      R"({"engines": [{"name": "good", "built": true}, {"name": "gone", "built": true}, {"name": "other", "built": false, "reason": "run: setup"}]})");
  const auto all = All();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "gone");
  EXPECT_EQ(all[0].status, EngineStatus::kMissing);
  EXPECT_EQ(all[1].status, EngineStatus::kPresent);
  EXPECT_EQ(all[2].reason, "run: setup");
}

std::vector<EngineEntryStatus> Known() {
  const auto entry = [](const char* name, EngineStatus status, bool for_testing = false) {
    EngineEntryStatus made{.name = name, .status = status, .reason = "run: setup"};
    made.info.for_testing = for_testing;
    return made;
  };
  return {entry("alpha", EngineStatus::kPresent), entry("beta", EngineStatus::kMissing),
          entry("fake", EngineStatus::kPresent, true), entry("gamma", EngineStatus::kPresent)};
}

std::string NamesOf(const std::string& list) {
  std::string names;
  for (const auto& entry : Select(Known(), list)) names += entry.name + " ";
  return names;
}

TEST(Select, KeepsTheOrderGivenAndLeavesOutTestEnginesAndTheAbsent) {
  EXPECT_EQ(NamesOf("all"), "alpha gamma ");
  EXPECT_EQ(NamesOf("gamma,alpha"), "gamma alpha ");
  EXPECT_EQ(NamesOf("fake,all,alpha"), "fake alpha gamma ");
}

TEST(Select, UnknownAndAbsentNamesFail) {
  const auto text = [](const std::string& list, ErrorCode code) {
    try {
      Select(Known(), list);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.text();
    }
    return std::string("selected");
  };
  EXPECT_EQ(text("alfa", ErrorCode::kNotFound),
            "unknown engine 'alfa' (did you mean 'alpha'?); there are: alpha, beta, fake, gamma");
  EXPECT_EQ(text("beta", ErrorCode::kUnavailable), "the engine 'beta' is missing: run: setup");
  EXPECT_EQ(text("", ErrorCode::kUsage), "no engine was named; give names or `all`");
}

}  // namespace
}  // namespace bakeoff::worker
