// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Names of processes, from /proc.
#include "store/owner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/text.h"

namespace bakeoff::store {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Field 22 of /proc/PID/stat (proc(5)), in clock ticks since boot. The name in field 2 may hold anything, so counting
// begins after its closing bracket. "" where there is no such process, or only its remains (a zombie), which keep
// number and start time until its parent asks how it ended.
std::string StartTime(const std::string& pid) {
  const std::string stat = FirstLine("/proc/" + pid + "/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream rest(stat.substr(name_end + 1));
  std::string field;
  rest >> field;  // 3, the state
  if (field == "Z" || field == "X") return "";
  for (int i = 4; i <= 22; ++i) rest >> field;
  return rest ? field : "";
}

std::string BootId() {
  const std::string id = FirstLine("/proc/sys/kernel/random/boot_id");
  return id.empty() ? "unknown" : id;
}

}  // namespace

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == 0) return "unknown";
  return name.data();
}

std::string OwnName() {
  const std::string pid = std::to_string(getpid());
  return fmt::format("{} {} {} {}", HostName(), BootId(), pid, StartTime(pid));
}

bool MayLive(std::string_view owner) {
  const auto words = core::Split(owner, ' ');
  if (words.size() != 4) return false;
  if (words[0] != HostName()) return true;
  return words[1] == BootId() && StartTime(words[2]) == words[3];
}

std::string Describe(std::string_view owner) {
  const auto words = core::Split(owner, ' ');
  if (words.size() != 4) return "an unknown process";
  return fmt::format("process {} of {}", words[2], words[0] == HostName() ? "this machine" : words[0]);
}

}  // namespace bakeoff::store
