// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results that outlive the process: campaigns, their runs, each run's record and raw samples, in one SQLite file. Each
// run is durable when Add() returns. Several processes may use one store at the same time; one Store is for one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "store/sqlite.h"

namespace bakeoff::store {

// running: a process is at it, or was killed; stopped: it ended before all was measured; done: nothing is left to do.
enum class CampaignState { kRunning, kStopped, kDone };
std::string_view StateName(CampaignState state);

struct NewCampaign {
  std::string name;         // "" for none
  std::string plan_sha256;  // equal for campaigns that measure the same in the same way
  int64_t planned = 0;      // runs
  Json facts;               // whatever belongs to the campaign as a whole
};

// How a campaign's runs ended.
struct Counts {
  int64_t all = 0, ok = 0;
};

struct Campaign {
  int64_t id = 0;
  std::string name, owner, created_at, plan_sha256;
  CampaignState state = CampaignState::kRunning;
  int64_t planned = 0;
  Json facts;
  Counts counts;
};

// What a list shows of a run.
struct RunLine {
  int64_t id = 0, campaign = 0;
  int64_t row = 0, repetition = 0;  // place in the campaign's plan; with the campaign it is unique
  std::string started_at, engine, model, scenario, precision, status;
  int64_t threads = 0, batch = 0, samples = 0;
  std::optional<double> p50_ns, throughput_per_s;
};

struct Filter {
  std::optional<int64_t> campaign;
  std::string engine, model, status;  // "" for any
  int64_t most = 0;                   // newest first where it is above zero; else all, oldest first
};

class Store {
 public:
  using Mode = Database::Mode;

  // ${BAKEOFF_STORE}, else ${XDG_DATA_HOME:-~/.local/share}/bakeoff/runs.db; empty where neither can be told.
  static std::filesystem::path UsualPath();

  // kWrite makes the file and its folder. `patience_ms`: for other processes' locks. Throws Error: kNotFound (kRead and
  // no such file), kUnavailable (damaged, locked, of a newer version, of another program, cannot be written).
  Store(const std::filesystem::path& path, Mode mode, int patience_ms = 10'000);

  const std::string& path() const { return database_.path(); }

  // Campaigns. Throw Error: kUsage for a name that another campaign has or that reads as a number or a run (r5),
  // kNotFound for an unknown one.
  int64_t Begin(const NewCampaign& campaign);
  void SetState(int64_t campaign, CampaignState state);
  void SetFacts(int64_t campaign, const Json& facts);
  void Rename(int64_t campaign, const std::string& name);
  void Delete(int64_t campaign);  // with its runs; gives the space back
  // Takes over a campaign that nobody is working on. Throws Error{kUnavailable} naming the process that still is.
  void TakeOver(int64_t campaign);
  Campaign Find(int64_t id) const;
  Campaign Find(const std::string& name_or_id) const;
  std::optional<Campaign> Newest(const std::string& plan_sha256) const;
  std::vector<Campaign> Campaigns(int64_t most) const;  // newest first; 0: all

  // Adds a run, durably. `line.id` and `line.campaign` are not read. Throws Error{kUnavailable}: then nothing of it is
  // there.
  int64_t Add(int64_t campaign, const RunLine& line, const Json& record, std::span<const int64_t> latency_ns);
  void EachRun(const Filter& filter, const std::function<void(const RunLine& line)>& take) const;
  std::vector<std::string> EnginesOfRuns() const;  // each once
  std::vector<std::string> ModelsOfRuns() const;
  RunLine FindRun(int64_t id) const;
  Json Record(int64_t run) const;
  // In the order of measuring, nanoseconds.
  std::vector<int64_t> Samples(int64_t run) const;

  // For tests: the file grows no further than this, as on a full disk.
  void LimitPages(int pages);

 private:
  void CheckName(const std::string& name, int64_t except) const;

  Database database_;
};

// The store in a campaign's folder, to be read. Throws as its constructor, with what to do in a campaign: what may be
// whole is never to be moved away.
Store OpenOfCampaign(const std::filesystem::path& path);

}  // namespace bakeoff::store
