// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// SQLite with owners and our errors: every failure says which store, what happened and what to do about it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace bakeoff::store {

// What is wrong with a store.
enum class Trouble {
  kDamaged,  // it, or what it holds, cannot be what was written
  kForeign,  // another program's, or no database
  kNewer,    // of a newer version of the tool
  kNoRoom,   // the disk is full, or reports an error
  kBusy,     // another process has it
  kDenied,   // it, or its folder, may not be written
  kOther,
};

class StoreError : public Error {
 public:
  // `what` begins with the store; what to do about it is added.
  StoreError(Trouble trouble, ErrorCode code, std::string what);

  Trouble trouble() const { return trouble_; }
  const std::string& what_happened() const { return what_; }

 private:
  Trouble trouble_;
  std::string what_;
};

class Database;

// One prepared statement. Parameters count from 1, columns from 0. Not for two threads at once.
class Statement {
 public:
  Statement& Bind(int place, int64_t value);
  Statement& Bind(int place, int value) { return Bind(place, static_cast<int64_t>(value)); }
  Statement& Bind(int place, double value);
  Statement& Bind(int place, std::string_view text);
  Statement& Bind(int place, const char* text) { return Bind(place, std::string_view(text)); }
  // Not copied: the bytes must live until the statement has run.
  Statement& Bind(int place, std::span<const std::byte> blob);
  template <typename T>
  Statement& Bind(int place, const std::optional<T>& value) {
    return value ? Bind(place, *value) : BindNull(place);
  }
  Statement& BindNull(int place);

  // Whether there is a (further) row. Throws Error.
  bool Step();
  // For statements without rows: runs it and makes it ready for other parameters.
  void Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Real(int column) const;
  // Valid until the next Step().
  std::string_view Text(int column) const;
  std::span<const std::byte> Blob(int column) const;
  std::optional<double> MaybeReal(int column) const;
  std::string String(int column) const { return std::string(Text(column)); }

 private:
  friend class Database;
  Statement(const Database& database, std::string_view sql);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { kRead, kWrite };
  // Opens the file, and with kWrite makes it where there is none. Waits up to `patience_ms` for a lock. Throws Error:
  // kNotFound (kRead, and no such file), kUnavailable (not a store, damaged, locked, no permission).
  Database(const std::string& path, Mode mode, int patience_ms);

  Statement Prepare(std::string_view sql) const { return Statement(*this, sql); }
  void Execute(const char* sql) const;  // one or more statements without parameters
  int64_t LastId() const;
  int64_t Changes() const;
  const std::string& path() const { return path_; }

  // What went wrong last, as an Error with advice.
  [[noreturn]] void Fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;

  friend class Statement;
};

// All or nothing: rolled back unless Commit() was reached.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace bakeoff::store
