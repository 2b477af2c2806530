// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads the fingerprint of a machine.
#include "measure/machine.h"

#include <gnu/libc-version.h>
#include <sys/utsname.h>

#include <algorithm>
#include <set>

#include "core/contention.h"
#include "core/cpus.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::measure {
namespace {

namespace fs = std::filesystem;

std::string Line(const fs::path& path) {
  try {
    const std::string text = core::ReadStart(path, 1 << 12);
    return std::string(core::Trim(text.substr(0, text.find('\n'))));
  } catch (const std::exception&) {
    return "";
  }
}

std::string Whole(const fs::path& path) {
  try {
    return core::ReadStart(path, 1 << 22);
  } catch (const std::exception&) {
    return "";
  }
}

// "model name : Xeon" -> "Xeon" for the first line of that key.
std::string Entry(const std::string& text, std::string_view key, char separator) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    const size_t split = line.find(separator);
    if (split != std::string_view::npos && core::Trim(line.substr(0, split)) == key)
      return std::string(core::Trim(line.substr(split + 1)));
    at = end + 1;
  }
  return "";
}

std::optional<int64_t> KiB(const std::string& text) {
  const auto words = core::Split(text, ' ');
  const auto value = words.empty() ? std::nullopt : core::ParseInt(words[0]);
  return value ? std::optional(*value * 1024) : std::nullopt;
}

// Those of the many flags that decide how fast inference can be.
std::string FlagsThatMatter(const std::string& cpuinfo) {
  constexpr const char* kFlags[] = {"sse4_2",      "avx",      "avx2",        "fma",      "f16c",
                                    "avx512f",     "avx512bw", "avx512_vnni", "avx_vnni", "avx512_bf16",
                                    "avx512_fp16", "amx_tile", "amx_bf16",    "amx_int8", "asimd",
                                    "asimdhp",     "asimddp",  "sve",         "bf16",     "i8mm"};
  std::string all = Entry(cpuinfo, "flags", ':');
  if (all.empty()) all = Entry(cpuinfo, "Features", ':');
  const auto words = core::Split(all, ' ');
  std::vector<std::string> found;
  for (const char* flag : kFlags) {
    if (std::find(words.begin(), words.end(), flag) != words.end()) found.emplace_back(flag);
  }
  return core::Join(found, " ");
}

int CountMatching(const fs::path& folder, std::string_view start) {
  int count = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    count += name.starts_with(start) && core::ParseInt(name.substr(start.size())) ? 1 : 0;
  }
  return count;
}

std::string Governors(const fs::path& cpus, const std::vector<int>& allowed) {
  std::set<std::string> names;
  for (const int cpu : allowed) {
    const std::string name = Line(cpus / ("cpu" + std::to_string(cpu)) / "cpufreq/scaling_governor");
    if (!name.empty()) names.insert(name);
  }
  return core::Join({names.begin(), names.end()}, ",");
}

std::optional<bool> Turbo(const fs::path& cpus) {
  if (const std::string off = Line(cpus / "intel_pstate/no_turbo"); !off.empty()) return off == "0";
  if (const std::string boost = Line(cpus / "cpufreq/boost"); !boost.empty()) return boost == "1";
  return std::nullopt;
}

std::optional<int> PhysicalCores(const std::string& cpuinfo) {
  std::set<std::pair<std::string, std::string>> cores;
  std::string package = "0";
  for (const std::string& line : core::Split(cpuinfo, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto key = core::Trim(std::string_view(line).substr(0, colon));
    const std::string value(core::Trim(std::string_view(line).substr(colon + 1)));
    if (key == "physical id") package = value;
    if (key == "core id") cores.emplace(package, value);
  }
  return cores.empty() ? std::nullopt : std::optional(static_cast<int>(cores.size()));
}

std::string Virtualisation(const fs::path& root, const std::string& cpuinfo) {
  std::vector<std::string> found;
  const std::string product = Line(root / "sys/class/dmi/id/product_name");
  const auto flags = core::Split(Entry(cpuinfo, "flags", ':'), ' ');
  if (std::find(flags.begin(), flags.end(), "hypervisor") != flags.end())
    found.push_back(product.empty() ? "hypervisor" : "hypervisor (" + product + ")");
  std::error_code error;
  if (fs::exists(root / ".dockerenv", error) || fs::exists(root / "run/.containerenv", error))
    found.emplace_back("container");
  return core::Join(found, ", ");
}

// "L1d 48K, ...", from the kernel's description of one CPU's caches.
std::string Caches(const fs::path& folder) {
  std::vector<std::string> found;
  for (int index = 0; index < 8; ++index) {
    const fs::path cache = folder / ("index" + std::to_string(index));
    const std::string level = Line(cache / "level"), size = Line(cache / "size"), type = Line(cache / "type");
    if (level.empty() || size.empty()) break;
    found.push_back("L" + level + (type == "Data" ? "d" : type == "Instruction" ? "i" : "") + " " + size);
  }
  return core::Join(found, ", ");
}

// What HEAD names, in the nearest folder upwards that is a repository's.
std::string GitRevision(fs::path folder) {
  std::error_code error;
  for (; !folder.empty(); folder = folder.parent_path()) {
    fs::path git = folder / ".git";
    if (fs::exists(git, error)) {
      // A worktree's .git is a file that names the folder.
      if (const std::string link = Line(git); link.starts_with("gitdir: ")) git = folder / link.substr(8);
      const std::string head = Line(git / "HEAD");
      if (!head.starts_with("ref: ")) return head;
      fs::path common = git;
      if (const std::string other = Line(git / "commondir"); !other.empty()) common = git / other;
      if (const std::string own = Line(common / head.substr(5)); !own.empty()) return own;
      for (const std::string& line : core::Split(Whole(common / "packed-refs"), '\n')) {
        if (line.ends_with(" " + head.substr(5))) return line.substr(0, line.find(' '));
      }
      return "";
    }
    if (folder == folder.parent_path()) break;
  }
  return "";
}

Json Or(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}
template <typename T>
Json Or(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Machine ReadMachine(const fs::path& root) {
  Machine machine;
  const std::string cpuinfo = Whole(root / "proc/cpuinfo");
  const std::string meminfo = Whole(root / "proc/meminfo");
  const fs::path cpus = root / "sys/devices/system/cpu";
  const std::vector<int> allowed = core::AllowedCpus();
  machine.cpu_model = Entry(cpuinfo, "model name", ':');
  if (machine.cpu_model.empty()) machine.cpu_model = Line(root / "proc/device-tree/model");
  utsname name{};
  if (uname(&name) == 0) {
    machine.architecture = name.machine;
    machine.kernel = name.release;
  }
  machine.os = Entry(Whole(root / "etc/os-release"), "PRETTY_NAME", '=');
  std::erase(machine.os, '"');
  machine.microcode = Entry(cpuinfo, "microcode", ':');
  machine.instruction_flags = FlagsThatMatter(cpuinfo);
  machine.logical_cpus = CountMatching(cpus, "cpu");
  machine.allowed_cpus = static_cast<int>(allowed.size());
  machine.physical_cores = PhysicalCores(cpuinfo);
  if (const int nodes = CountMatching(root / "sys/devices/system/node", "node"); nodes > 0) machine.numa_nodes = nodes;
  if (const std::string smt = Line(cpus / "smt/active"); !smt.empty()) machine.smt = smt == "1";
  machine.governor = Governors(cpus, allowed);
  machine.turbo = Turbo(cpus);
  machine.memory_bytes = KiB(Entry(meminfo, "MemTotal", ':'));
  machine.memory_available_bytes = KiB(Entry(meminfo, "MemAvailable", ':'));
  const auto load = core::Split(Line(root / "proc/loadavg"), ' ');
  if (!load.empty()) machine.load_average = core::ParseReal(load[0]);
  machine.caches = Caches(cpus / ("cpu" + std::to_string(allowed.front())) / "cache");
  const core::Contention since_boot = core::ReadContention({}, root);
  machine.cpu_ticks = since_boot.ticks;
  machine.steal_ticks = since_boot.stolen;
  machine.libc = std::string("glibc ") + gnu_get_libc_version();
  std::error_code no_folder;
  machine.git_revision = GitRevision(fs::current_path(no_folder));
  machine.virtualisation = Virtualisation(root, cpuinfo);
  machine.quota = core::ReadCpuQuota(root);
  return machine;
}

Json ToJson(const Machine& machine) {
  return {{"cpu_model", Or(machine.cpu_model)},
          {"architecture", Or(machine.architecture)},
          {"instruction_flags", Or(machine.instruction_flags)},
          {"microcode", Or(machine.microcode)},
          {"logical_cpus", machine.logical_cpus},
          {"allowed_cpus", machine.allowed_cpus},
          {"physical_cores", Or(machine.physical_cores)},
          {"numa_nodes", Or(machine.numa_nodes)},
          {"smt", Or(machine.smt)},
          {"governor", Or(machine.governor)},
          {"turbo", Or(machine.turbo)},
          {"memory_bytes", Or(machine.memory_bytes)},
          {"memory_available_bytes", Or(machine.memory_available_bytes)},
          {"load_average", Or(machine.load_average)},
          {"caches", Or(machine.caches)},
          {"libc", Or(machine.libc)},
          {"git_revision", Or(machine.git_revision)},
          {"virtualisation", Or(machine.virtualisation)},
          {"cgroup",
           {{"version", machine.quota.version},
            {"quota_cpus", Or(machine.quota.cpus)},
            {"throttled_periods", Or(machine.quota.throttled_periods)},
            {"throttled_ns", Or(machine.quota.throttled_ns)}}},
          {"kernel", Or(machine.kernel)},
          {"os", Or(machine.os)}};
}

}  // namespace bakeoff::measure
