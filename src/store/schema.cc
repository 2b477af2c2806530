// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Versions of the store.
#include "store/schema.h"

#include <fmt/format.h>

#include <array>

namespace bakeoff::store {
namespace {

// What a list shows stands in `runs`; records and samples lie in tables of their own, so that a list reads neither.
// AUTOINCREMENT: the number of something deleted is never given to something else.
constexpr std::array kMigrations = {R"sql(
CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
  owner TEXT NOT NULL,
  created_at TEXT NOT NULL,
  plan_sha256 TEXT NOT NULL,
  planned INTEGER NOT NULL,
  facts TEXT NOT NULL
);
CREATE INDEX campaigns_by_plan ON campaigns (plan_sha256);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
  row INTEGER NOT NULL,
  repetition INTEGER NOT NULL,
  started_at TEXT,
  engine TEXT NOT NULL,
  model TEXT NOT NULL,
  scenario TEXT NOT NULL,
  threads INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  precision TEXT NOT NULL,
  status TEXT NOT NULL,
  samples INTEGER NOT NULL,
  p50_ns REAL,
  throughput_per_s REAL,
  UNIQUE (campaign, row, repetition)
);
CREATE TABLE records (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  json TEXT NOT NULL
);
CREATE TABLE samples (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  latency_ns BLOB NOT NULL
);
)sql"};

int64_t Pragma(const Database& database, const char* sql) {
  Statement statement = database.Prepare(sql);
  return statement.Step() ? statement.Int(0) : 0;
}

int64_t VersionOf(const Database& database) {
  const int64_t version = Pragma(database, "PRAGMA user_version");
  const int64_t application = Pragma(database, "PRAGMA application_id");
  const bool empty = Pragma(database, "SELECT count(*) FROM sqlite_master") == 0;
  if (application != kApplicationId && !(empty && application == 0 && version == 0))
    throw StoreError(Trouble::kForeign, ErrorCode::kUnavailable,
                     fmt::format("store {}: a database of another program", database.path()));
  if (version > NewestVersion())
    throw StoreError(Trouble::kNewer, ErrorCode::kUnavailable,
                     fmt::format("store {}: its format is version {}, this program knows versions up to {}",
                                 database.path(), version, NewestVersion()));
  return version;
}

}  // namespace

std::span<const char* const> Migrations() {
  return kMigrations;
}

int64_t NewestVersion() {
  return static_cast<int64_t>(kMigrations.size());
}

void Migrate(const Database& database) {
  if (VersionOf(database) == NewestVersion()) return;
  // Outside of the transaction, as SQLite asks; without effect where there are tables already. Deleted samples give
  // their space back to the disk.
  database.Execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;");
  Transaction transaction(database);
  // Another process may have been here first.
  const int64_t version = VersionOf(database);
  for (int64_t step = version; step < NewestVersion(); ++step) database.Execute(kMigrations[static_cast<size_t>(step)]);
  database.Execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId, NewestVersion()).c_str());
  transaction.Commit();
}

}  // namespace bakeoff::store
