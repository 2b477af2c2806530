// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The store's statements.
#include "store/store.h"

#include <fmt/format.h>

#include <bit>
#include <cstdlib>

#include "bakeoff/error.h"
#include "core/text.h"
#include "core/utc_time.h"
#include "store/owner.h"
#include "store/schema.h"

namespace bakeoff::store {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "samples are stored as they lie in memory");

constexpr const char* kCampaign =
    "SELECT id, name, state, owner, created_at, plan_sha256, planned, facts,"
    " (SELECT count(*) FROM runs WHERE campaign = campaigns.id),"
    " (SELECT count(*) FROM runs WHERE campaign = campaigns.id AND status = 'ok') FROM campaigns ";

constexpr const char* kRun =
    "SELECT id, campaign, row, repetition, started_at, engine, model, scenario, threads, batch, precision, status,"
    " samples, p50_ns, throughput_per_s FROM runs ";

// A process that was killed could not say so.
CampaignState StateOf(std::string_view name, std::string_view owner) {
  if (name == "done") return CampaignState::kDone;
  return name == "stopped" || !MayLive(owner) ? CampaignState::kStopped : CampaignState::kRunning;
}

Json ParseJson(const Database& database, std::string_view text, const std::string& what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    throw StoreError(Trouble::kDamaged, ErrorCode::kUnavailable,
                     fmt::format("store {}: {} cannot be read", database.path(), what));
  return json;
}

Campaign CampaignOf(const Database& database, const Statement& row) {
  return {.id = row.Int(0),
          .name = row.String(1),
          .owner = row.String(3),
          .created_at = row.String(4),
          .plan_sha256 = row.String(5),
          .state = StateOf(row.Text(2), row.Text(3)),
          .planned = row.Int(6),
          .facts = ParseJson(database, row.Text(7), fmt::format("campaign {}", row.Int(0))),
          .counts = {.all = row.Int(8), .ok = row.Int(9)}};
}

RunLine LineOf(const Statement& row) {
  RunLine line;
  line.id = row.Int(0);
  line.campaign = row.Int(1);
  line.row = row.Int(2);
  line.repetition = row.Int(3);
  line.started_at = row.Text(4);
  line.engine = row.Text(5);
  line.model = row.Text(6);
  line.scenario = row.Text(7);
  line.threads = row.Int(8);
  line.batch = row.Int(9);
  line.precision = row.Text(10);
  line.status = row.Text(11);
  line.samples = row.Int(12);
  line.p50_ns = row.MaybeReal(13);
  line.throughput_per_s = row.MaybeReal(14);
  return line;
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error NoCampaign(const Database& database, const std::string& wanted) {
  return {ErrorCode::kNotFound, fmt::format("store {} has no campaign '{}'; `bakeoff runs list` shows those it has",
                                            database.path(), wanted)};
}

std::vector<std::string> Names(Statement select) {
  std::vector<std::string> names;
  while (select.Step()) names.push_back(select.String(0));
  return names;
}

std::string Prepared(const fs::path& path, Store::Mode mode) {
  if (path.empty())
    throw Error(ErrorCode::kUnavailable,
                "no place for the store: neither BAKEOFF_STORE nor HOME is set; name a file with --store FILE (bench "
                "also does without one: --no-store)");
  std::error_code error;
  if (mode == Store::Mode::kRead) {
    if (!fs::exists(path, error))
      throw Error(ErrorCode::kNotFound,
                  fmt::format("no store {}: nothing was measured with it yet; --store names another", path.string()));
  } else if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), error);
    if (error)
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("store {}: its folder cannot be made: {}; name another store with --store", path.string(),
                              error.message()));
  }
  if (fs::is_directory(path, error))
    throw StoreError(Trouble::kForeign, ErrorCode::kUsage, fmt::format("store {}: a folder", path.string()));
  return path.string();
}

// Whether the measurements are there, and can be read another time.
bool ForNow(Trouble trouble) {
  return trouble != Trouble::kDamaged && trouble != Trouble::kForeign;
}

// What lies in a campaign's folder is not to be named otherwise, and what may be whole is not to be moved away.
std::string_view AdviceOfCampaign(Trouble trouble) {
  switch (trouble) {
    case Trouble::kDamaged:
    case Trouble::kForeign:
      return "; move the file away, and `bakeoff run` with the campaign file measures again: everything else is kept";
    case Trouble::kNewer:
      return "; use the newer version of the tool that measured them";
    case Trouble::kNoRoom:
      return ": the disk is full, or reports an error; free some space and run the same command again: what was "
             "measured is kept";
    case Trouble::kBusy:
      return ": another process is writing to them; wait for it and run the same command again";
    case Trouble::kDenied:
      return ": the file, or its folder, may not be read and written by this user; set its rights and run the same "
             "command again";
    case Trouble::kOther:
      return "; run the same command again: what was measured is kept";
  }
  return "";
}

}  // namespace

std::string_view StateName(CampaignState state) {
  switch (state) {
    case CampaignState::kRunning:
      return "running";
    case CampaignState::kStopped:
      return "stopped";
    case CampaignState::kDone:
      return "done";
  }
  return "";
}

fs::path Store::UsualPath() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (const auto named = variable("BAKEOFF_STORE"); !named.empty()) return named;
  if (const auto data = variable("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "bakeoff" / "runs.db";
  if (const auto home = variable("HOME"); !home.empty())
    return fs::path(home) / ".local" / "share" / "bakeoff" / "runs.db";
  return {};
}

Store::Store(const fs::path& path, Mode mode, int patience_ms) : database_(Prepared(path, mode), mode, patience_ms) {
  // FULL: a row that was told as stored survives a power cut as well. It costs one fsync per row, between measurements.
  database_.Execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;");
  Migrate(database_);
}

void Store::CheckName(const std::string& name, int64_t except) const {
  if (name.empty()) return;
  if (core::ParseInt(name))
    throw Error(ErrorCode::kUsage, fmt::format("campaign '{}': a name that is a number would be taken for one", name));
  if (name[0] == 'r' && core::ParseInt(std::string_view(name).substr(1)))
    throw Error(ErrorCode::kUsage, fmt::format("campaign '{}': r and a number name a run; choose another name", name));
  if (core::Trim(name).empty())
    throw Error(ErrorCode::kUsage, fmt::format("campaign '{}': a name of blanks cannot be seen", name));
  Statement same = database_.Prepare("SELECT id FROM campaigns WHERE name = ? AND id <> ?");
  if (same.Bind(1, name).Bind(2, except).Step())
    throw Error(ErrorCode::kUsage, fmt::format("campaign '{}': that name belongs to campaign {}; choose another, or "
                                               "rename or delete that one",
                                               name, same.Int(0)));
}

int64_t Store::Begin(const NewCampaign& campaign) {
  Transaction transaction(database_);
  CheckName(campaign.name, 0);
  Statement insert = database_.Prepare(
      "INSERT INTO campaigns (name, state, owner, created_at, plan_sha256, planned, facts) VALUES (?,?,?,?,?,?,?)");
  if (campaign.name.empty()) {
    insert.BindNull(1);
  } else {
    insert.Bind(1, campaign.name);
  }
  insert.Bind(2, StateName(CampaignState::kRunning)).Bind(3, OwnName()).Bind(4, core::UtcNow());
  insert.Bind(5, campaign.plan_sha256).Bind(6, campaign.planned).Bind(7, Text(campaign.facts)).Run();
  const int64_t id = database_.LastId();
  transaction.Commit();
  return id;
}

void Store::SetState(int64_t campaign, CampaignState state) {
  database_.Prepare("UPDATE campaigns SET state = ? WHERE id = ?").Bind(1, StateName(state)).Bind(2, campaign).Run();
}

void Store::SetFacts(int64_t campaign, const Json& facts) {
  database_.Prepare("UPDATE campaigns SET facts = ? WHERE id = ?").Bind(1, Text(facts)).Bind(2, campaign).Run();
}

void Store::Rename(int64_t campaign, const std::string& name) {
  Transaction transaction(database_);
  CheckName(name, campaign);
  Statement update = database_.Prepare("UPDATE campaigns SET name = ? WHERE id = ?");
  if (name.empty()) {
    update.BindNull(1);
  } else {
    update.Bind(1, name);
  }
  update.Bind(2, campaign).Run();
  if (database_.Changes() == 0) throw NoCampaign(database_, std::to_string(campaign));
  transaction.Commit();
}

void Store::Delete(int64_t campaign) {
  {
    Transaction transaction(database_);
    database_.Prepare("DELETE FROM campaigns WHERE id = ?").Bind(1, campaign).Run();
    if (database_.Changes() == 0) throw NoCampaign(database_, std::to_string(campaign));
    transaction.Commit();
  }
  database_.Execute("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);");
}

void Store::TakeOver(int64_t campaign) {
  Transaction transaction(database_);
  const Campaign found = Find(campaign);
  if (found.state == CampaignState::kRunning && MayLive(found.owner) && found.owner != OwnName())
    throw Error(ErrorCode::kUnavailable, fmt::format("store {}: {} is working on campaign {}; wait for it or stop it",
                                                     database_.path(), Describe(found.owner), campaign));
  database_.Prepare("UPDATE campaigns SET owner = ?, state = 'running' WHERE id = ?")
      .Bind(1, OwnName())
      .Bind(2, campaign)
      .Run();
  transaction.Commit();
}

Campaign Store::Find(int64_t id) const {
  Statement select = database_.Prepare(std::string(kCampaign) + "WHERE id = ?");
  if (!select.Bind(1, id).Step()) throw NoCampaign(database_, std::to_string(id));
  return CampaignOf(database_, select);
}

Campaign Store::Find(const std::string& name_or_id) const {
  if (const auto id = core::ParseInt(name_or_id)) return Find(*id);
  Statement select = database_.Prepare(std::string(kCampaign) + "WHERE name = ?");
  if (!select.Bind(1, name_or_id).Step()) {
    const auto names = Names(database_.Prepare("SELECT name FROM campaigns WHERE name IS NOT NULL"));
    throw Error(ErrorCode::kNotFound,
                fmt::format("{}{}", NoCampaign(database_, name_or_id).text(), core::DidYouMean(name_or_id, names)));
  }
  return CampaignOf(database_, select);
}

std::optional<Campaign> Store::Newest(const std::string& plan_sha256) const {
  Statement select = database_.Prepare(std::string(kCampaign) + "WHERE plan_sha256 = ? ORDER BY id DESC LIMIT 1");
  if (!select.Bind(1, plan_sha256).Step()) return std::nullopt;
  return CampaignOf(database_, select);
}

std::vector<Campaign> Store::Campaigns(int64_t most) const {
  Statement select = database_.Prepare(std::string(kCampaign) + "ORDER BY id DESC LIMIT ?");
  select.Bind(1, most > 0 ? most : -1);
  std::vector<Campaign> campaigns;
  while (select.Step()) campaigns.push_back(CampaignOf(database_, select));
  return campaigns;
}

int64_t Store::Add(int64_t campaign, const RunLine& line, const Json& record, std::span<const int64_t> latency_ns) {
  Transaction transaction(database_);
  Statement insert = database_.Prepare(
      "INSERT INTO runs (campaign, row, repetition, started_at, engine, model, scenario, threads, batch, precision,"
      " status, samples, p50_ns, throughput_per_s) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  insert.Bind(1, campaign).Bind(2, line.row).Bind(3, line.repetition).Bind(4, line.started_at);
  insert.Bind(5, line.engine).Bind(6, line.model).Bind(7, line.scenario).Bind(8, line.threads).Bind(9, line.batch);
  insert.Bind(10, line.precision).Bind(11, line.status).Bind(12, line.samples);
  insert.Bind(13, line.p50_ns).Bind(14, line.throughput_per_s).Run();
  const int64_t run = database_.LastId();
  database_.Prepare("INSERT INTO records (run, json) VALUES (?,?)").Bind(1, run).Bind(2, Text(record)).Run();
  if (!latency_ns.empty()) {
    Statement samples = database_.Prepare("INSERT INTO samples (run, latency_ns) VALUES (?,?)");
    samples.Bind(1, run).Bind(2, std::as_bytes(latency_ns)).Run();
  }
  transaction.Commit();
  return run;
}

void Store::EachRun(const Filter& filter, const std::function<void(const RunLine& line)>& take) const {
  std::string sql = std::string(kRun) + "WHERE TRUE";
  if (filter.campaign) sql += " AND campaign = ?1";
  if (!filter.engine.empty()) sql += " AND engine = ?2";
  if (!filter.model.empty()) sql += " AND model = ?3";
  if (!filter.status.empty()) sql += " AND status = ?4";
  sql += filter.most > 0 ? " ORDER BY id DESC LIMIT ?5" : " ORDER BY campaign, row, repetition";
  Statement select = database_.Prepare(sql);
  if (filter.campaign) select.Bind(1, *filter.campaign);
  if (!filter.engine.empty()) select.Bind(2, filter.engine);
  if (!filter.model.empty()) select.Bind(3, filter.model);
  if (!filter.status.empty()) select.Bind(4, filter.status);
  if (filter.most > 0) select.Bind(5, filter.most);
  while (select.Step()) take(LineOf(select));
}

std::vector<std::string> Store::EnginesOfRuns() const {
  return Names(database_.Prepare("SELECT DISTINCT engine FROM runs ORDER BY engine"));
}

std::vector<std::string> Store::ModelsOfRuns() const {
  return Names(database_.Prepare("SELECT DISTINCT model FROM runs ORDER BY model"));
}

RunLine Store::FindRun(int64_t id) const {
  Statement select = database_.Prepare(std::string(kRun) + "WHERE id = ?");
  if (!select.Bind(1, id).Step())
    throw Error(
        ErrorCode::kNotFound,
        fmt::format("store {} has no run {}; `bakeoff runs list CAMPAIGN` shows a campaign's", database_.path(), id));
  return LineOf(select);
}

Json Store::Record(int64_t run) const {
  Statement select = database_.Prepare("SELECT json FROM records WHERE run = ?");
  if (!select.Bind(1, run).Step()) return Json();
  return ParseJson(database_, select.Text(0), fmt::format("the record of run {}", run));
}

std::vector<int64_t> Store::Samples(int64_t run) const {
  Statement select = database_.Prepare("SELECT latency_ns FROM samples WHERE run = ?");
  if (!select.Bind(1, run).Step()) return {};
  const auto bytes = select.Blob(0);
  if (bytes.size() % sizeof(int64_t) != 0)
    throw StoreError(Trouble::kDamaged, ErrorCode::kUnavailable,
                     fmt::format("store {}: the samples of run {} cannot be read", database_.path(), run));
  std::vector<int64_t> samples(bytes.size() / sizeof(int64_t));
  std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(std::span(samples)).begin());
  return samples;
}

void Store::LimitPages(int pages) {
  Statement limit = database_.Prepare(fmt::format("PRAGMA max_page_count = {}", pages));
  limit.Step();
}

Store OpenOfCampaign(const std::filesystem::path& path) {
  try {
    Store(path, Store::Mode::kRead).Campaigns(1);
    return Store(path, Store::Mode::kRead);
  } catch (const StoreError& failed) {
    std::string what = failed.what_happened();
    if (const std::string named = fmt::format("store {}: ", path.string()); what.starts_with(named))
      what.erase(0, named.size());
    throw Error(failed.code(),
                fmt::format("{}: the campaign's measurements cannot be read{} ({}){}", path.string(),
                            ForNow(failed.trouble()) ? " now" : "", what, AdviceOfCampaign(failed.trouble())));
  }
}

}  // namespace bakeoff::store
