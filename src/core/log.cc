// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The spdlog sink that shares stderr with the live line.
#include "core/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string_view>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StderrSink(std::function<void()> before) : before_(std::move(before)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    if (before_) before_();
    const std::string line = Printable(std::string_view(formatted.data(), formatted.size()), "\n\t");
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  std::function<void()> before_;
};

}  // namespace

void SetupLog(const std::string& level, std::function<void()> before) {
  struct Row {
    std::string_view name;
    spdlog::level::level_enum level;
  };
  constexpr std::array kLevels = {Row{"error", spdlog::level::err}, Row{"warn", spdlog::level::warn},
                                  Row{"info", spdlog::level::info}, Row{"debug", spdlog::level::debug},
                                  Row{"off", spdlog::level::off}};
  std::vector<std::string> names;
  for (const Row& row : kLevels) {
    names.emplace_back(row.name);
    if (row.name != level) continue;
    auto logger = std::make_shared<spdlog::logger>("bakeoff", std::make_shared<StderrSink>(std::move(before)));
    logger->set_level(row.level);
    logger->set_pattern("%H:%M:%S.%e %^%l%$ %v");
    spdlog::set_default_logger(std::move(logger));
    return;
  }
  throw Error(ErrorCode::kUsage, fmt::format("unknown log level '{}'{}; there are: {}", level, DidYouMean(level, names),
                                             Join(names, ", ")));
}

}  // namespace bakeoff::core
