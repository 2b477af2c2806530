// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A benchmark on its way into the store: each run as soon as it is measured, and what an earlier, stopped one had.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "measure/bench.h"
#include "store/store.h"

namespace bakeoff::measure {

struct RecordingOptions {
  std::string name;     // of the campaign; "" for none
  bool resume = false;  // goes on with the newest campaign of the same plan, if there is one
  bool reuse = false;   // takes over runs of other campaigns that measured the same row in the same way
  Json command;         // the words of the command line
};

class Recording {
 public:
  // Begins a campaign, or takes one over. Throws Error: kUsage (the name is taken), kUnavailable (the store, or another
  // process is working on that campaign).
  Recording(store::Store& store, const Settings& settings, const std::vector<Configuration>& plan,
            const RecordingOptions& options);

  int64_t campaign() const { return campaign_; }
  // Whether there was one to go on with.
  bool resumed() const { return resumed_; }
  // The name that it had, where it had another one than the options give it.
  const std::optional<std::string>& renamed_from() const { return renamed_from_; }
  // How many runs were taken over from other campaigns.
  size_t reused() const { return reused_; }
  // Its runs so far, those that were taken over included, without samples.
  const std::vector<Run>& earlier() const { return earlier_; }

  // Stores a run with its samples. A failure is kept: the run is tried again with the next one. False: so much waits
  // that measuring on would be in vain.
  bool Add(const Run& run);
  // Stores what still waits and what belongs to the whole. Throws what still cannot be stored, naming how much is lost
  // to the store.
  void Finish(const Outcome& outcome);

  const std::optional<Error>& failure() const { return failure_; }

 private:
  void TakeOver(const std::vector<Configuration>& plan, const Settings& settings, const std::vector<std::string>& rows);
  void Put(const Run& run);
  void Flush();

  store::Store& store_;
  int64_t campaign_ = 0;
  bool resumed_ = false;
  std::optional<std::string> renamed_from_;
  size_t reused_ = 0;
  Json facts_;
  std::vector<Run> earlier_;
  std::deque<Run> waiting_;
  size_t waiting_samples_ = 0;
  std::optional<Error> failure_;
};

// A campaign of the store as its benchmark left it, or as far as it came, without samples. The machine's fields stay
// empty: Campaign::facts has them as JSON.
Outcome StoredOutcome(const store::Store& store, const store::Campaign& campaign);

}  // namespace bakeoff::measure
