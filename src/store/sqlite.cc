// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The calls of SQLite's C interface that the store needs (sqlite.org/cintro.html).
#include "store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace bakeoff::store {
namespace {

std::string Advice(Trouble trouble) {
  switch (trouble) {
    case Trouble::kDamaged:
      return "; it is damaged: move it away and start a new one, or recover what can be read with `sqlite3 FILE "
             ".recover`";
    case Trouble::kForeign:
      return "; name a store of this tool with --store, or a path where there is no file yet";
    case Trouble::kNewer:
      return "; use the newer program that made it, or another store with --store";
    case Trouble::kNoRoom:
      return "; the disk is full, or reports an error: free some space; what was stored before is kept";
    case Trouble::kBusy:
      return "; another process is writing to it: try again, or name another store with --store";
    case Trouble::kDenied:
      return "; it, or its folder, cannot be written: name another store with --store";
    case Trouble::kOther:
      return "";
  }
  return "";
}

Trouble TroubleOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
      return Trouble::kDamaged;
    case SQLITE_NOTADB:
      return Trouble::kForeign;
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return Trouble::kNoRoom;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Trouble::kBusy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return Trouble::kDenied;
    default:
      return Trouble::kOther;
  }
}

bool MayOnlyRead(const std::string& path, Database::Mode mode) {
  if (mode != Database::Mode::kRead || access(path.c_str(), R_OK) != 0) return false;
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  // In WAL mode readers, too, write files beside it.
  return access(path.c_str(), W_OK) != 0 || access(folder.c_str(), W_OK) != 0;
}

// sqlite.org/uri.html; `immutable` lets SQLite do without locks and files beside it, which is right where nobody has
// the store open: then there is no log that is not yet in it.
std::string ReadOnlyUri(const std::string& path) {
  std::string uri = path.starts_with('/') ? "file://" : "file:";
  for (const char c : path) uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02x}", c) : std::string(1, c);
  return access((path + "-wal").c_str(), F_OK) == 0 ? uri : uri + "?immutable=1";
}

}  // namespace

StoreError::StoreError(Trouble trouble, ErrorCode code, std::string what)
    : Error(code, what + Advice(trouble)), trouble_(trouble), what_(std::move(what)) {}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Statement::Statement(const Database& database, std::string_view sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(database.database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) database.Fail(code);
}

Statement& Statement::Bind(int place, int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_.get(), place, value); code != SQLITE_OK) database_->Fail(code);
  return *this;
}

Statement& Statement::Bind(int place, double value) {
  if (const int code = sqlite3_bind_double(statement_.get(), place, value); code != SQLITE_OK) database_->Fail(code);
  return *this;
}

Statement& Statement::Bind(int place, std::string_view text) {
  // Never a null pointer: SQLite would take it for NULL.
  const int code = sqlite3_bind_text64(statement_.get(), place, text.data() ? text.data() : "", text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->Fail(code);
  return *this;
}

Statement& Statement::Bind(int place, std::span<const std::byte> blob) {
  const int code = blob.empty() ? sqlite3_bind_zeroblob(statement_.get(), place, 0)
                                : sqlite3_bind_blob64(statement_.get(), place, blob.data(), blob.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) database_->Fail(code);
  return *this;
}

Statement& Statement::BindNull(int place) {
  if (const int code = sqlite3_bind_null(statement_.get(), place); code != SQLITE_OK) database_->Fail(code);
  return *this;
}

bool Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3_reset(statement_.get());
  database_->Fail(code);
}

void Statement::Run() {
  Step();
  sqlite3_reset(statement_.get());
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::Real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string_view(text, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)))
              : std::string_view();
}

std::span<const std::byte> Statement::Blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::optional<double> Statement::MaybeReal(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Real(column));
}

Database::Database(const std::string& path, Mode mode, int patience_ms) : path_(path) {
  sqlite3* database = nullptr;
  const int flags = mode == Mode::kRead ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  // A store that may only be read is still read. SQLite would open it without complaint, and fail at the first lock.
  const int code = MayOnlyRead(path, mode) ? sqlite3_open_v2(ReadOnlyUri(path).c_str(), &database,
                                                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr)
                                           : sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) Fail(code);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, patience_ms);
}

void Database::Execute(const char* sql) const {
  if (const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) Fail(code);
}

int64_t Database::LastId() const {
  return sqlite3_last_insert_rowid(database_.get());
}

int64_t Database::Changes() const {
  return sqlite3_changes(database_.get());
}

void Database::Fail(int code) const {
  // The text that belongs to the connection says more, where it is of this very failure.
  const bool same = database_ && (sqlite3_errcode(database_.get()) & 0xff) == (code & 0xff);
  const std::string text = same ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
  const bool ours = (code & 0xff) == SQLITE_MISUSE || (code & 0xff) == SQLITE_ERROR;
  const int system = database_ ? sqlite3_system_errno(database_.get()) : 0;
  const bool no_room = (code & 0xff) == SQLITE_CANTOPEN && (system == ENOSPC || system == EDQUOT);
  throw StoreError(no_room ? Trouble::kNoRoom : TroubleOf(code), ours ? ErrorCode::kInternal : ErrorCode::kUnavailable,
                   fmt::format("store {}: {}", path_, text));
}

Transaction::Transaction(const Database& database) : database_(database) {
  database_.Execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.Execute("ROLLBACK");
  } catch (const Error&) {
    open_ = false;  // SQLite has rolled back by itself: what happened is on its way up already
  }
}

void Transaction::Commit() {
  database_.Execute("COMMIT");
  open_ = false;
}

}  // namespace bakeoff::store
