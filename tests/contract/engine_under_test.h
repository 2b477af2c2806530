// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The worker that the contract suite is run on, and the fixture models in the formats that it reads.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "worker/host/handle.h"

namespace bakeoff::contract {

using worker::NamedTensor;

inline constexpr std::chrono::milliseconds kLimit{60'000};

// What a fixture model must answer, computed here; in the model's own order.
using Expected = std::function<std::vector<NamedTensor>(const std::vector<NamedTensor>& inputs)>;

struct Model {
  Artifact artifact;
  Expected expected;
};

// Names the worker's executable once, before the tests run.
void SetEngine(std::string executable);

// Tells why the running test could decide nothing, skips it, and makes contract_test exit with kUndecided unless
// something failed: what was not tested must be seen.
inline constexpr int kUndecided = 77;
void Undecided(const std::string& why);
bool AnyUndecided();

class Contract : public ::testing::Test {
 protected:
  static const std::string& Executable();
  static const EngineInfo& Info();
  static bool ReadsAnything() { return Info().reads == std::vector<std::string>{"any"}; }
  static bool Reads(std::string_view format);

  // One worker for all tests that leave it in order; a new one where a test has killed the last.
  static worker::Worker& Shared();
  static std::unique_ptr<worker::Worker> Fresh(int cpus = 0, bool shared_memory = true);

  // The small convolutional network and the one with two inputs and outputs, in every format that the engine reads and
  // that there is a fixture for. For an engine that reads anything: a file it does not look at; it answers with its
  // inputs.
  static std::vector<Model> Nets();
  static std::vector<Model> Pairs();
  // ResNet-18 in the first format that it reads, or where BAKEOFF_HEAVY has none the small network; without expected
  // answers.
  static Model Heavy();
  static bool HasNet() { return !Nets().empty(); }

  // Loads with this batch in all inputs that have a free first extent.
  static worker::LoadReply Load(worker::Worker& worker, const Model& model, int64_t batch = 1, int threads = 1,
                                int streams = 1, const std::map<std::string, std::string>& options = {});
  // Seeded values: floats in [-1, 1], integers from 0 to 9.
  static std::vector<NamedTensor> Inputs(const worker::LoadReply& loaded, int64_t batch = 1, uint32_t seed = 1);
  static void ExpectAnswers(const Model& model, const std::vector<NamedTensor>& inputs,
                            const std::vector<NamedTensor>& outputs);

  // A folder for this test's files, removed afterwards.
  const std::filesystem::path& Scratch();
  void TearDown() override;

 private:
  std::filesystem::path scratch_;
};

// The code and text of the Error that `call` throws; fails the test if it throws none.
struct Refusal {
  ErrorCode code = ErrorCode::kInternal;
  std::string text;
};
Refusal RefusalOf(const std::function<void()>& call);

// A measure plan without statistics: what a test needs.
Json Plan(const char* scenario, Json duration_ns, Json count);

}  // namespace bakeoff::contract
