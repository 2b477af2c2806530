// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Facts from /proc, the dynamic linker and the floating-point control register.
#include "worker/runner/process_facts.h"

#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <set>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include <fmt/format.h>

#include "core/cpus.h"
#include "core/text.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

bool IsSystemLibrary(std::string_view path) {
  for (const std::string_view folder : {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"}) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

std::string DenormalsMode() {
#if defined(__x86_64__)
  const unsigned control = _mm_getcsr();
  const bool flush = (control & 0x8000u) != 0;
  const bool zero = (control & 0x0040u) != 0;
#elif defined(__aarch64__)
  uint64_t control = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  const bool flush = (control & (1u << 24)) != 0;
  const bool zero = flush;
#else
  return "unknown";
#endif
  if (flush && zero) return "flushed to zero";
  if (flush) return "results flushed to zero";
  return zero ? "inputs taken as zero" : "kept";
}

Json ListOfEnvironment() {
  Json list = Json::object();
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    for (const std::string_view prefix :
         {"MALLOC_", "GLIBC_TUNABLES", "LD_PRELOAD", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_"}) {
      if (name.starts_with(prefix) && name.size() < text.size())
        list[std::string(name)] = std::string(text.substr(name.size() + 1));
    }
  }
  return list;
}

std::vector<std::string>& NamedLibraries() {
  static std::vector<std::string> paths;
  return paths;
}

}  // namespace

void AddLibrary(std::string path) {
  NamedLibraries().push_back(std::move(path));
}

std::vector<std::string> LoadedLibraries() {
  std::vector<std::string> paths = NamedLibraries();
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* list) {
        const std::string_view path = info->dlpi_name ? info->dlpi_name : "";
        // The program itself has no name, the kernel's vDSO no slash.
        if (path.find('/') != path.npos && !IsSystemLibrary(path))
          static_cast<std::vector<std::string>*>(list)->emplace_back(path);
        return 0;
      },
      &paths);
  return paths;
}

bool ResetPeakMemory() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;
  return file.good();
}

std::optional<int64_t> PeakMemoryBytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    const auto parts = core::Split(core::Trim(std::string_view(line).substr(6)), ' ');
    if (const auto kib = parts.empty() ? std::nullopt : core::ParseInt(parts[0])) return *kib * 1024;
  }
  return std::nullopt;
}

std::string InstructionLevel(std::string_view cpuinfo) {
  const size_t start = cpuinfo.find("\nflags");
  if (start == cpuinfo.npos) return "";
  const std::string_view line = cpuinfo.substr(start + 1, cpuinfo.find('\n', start + 1) - start - 1);
  const auto words = core::Split(line.substr(line.find(':') + 1), ' ');
  const std::set<std::string> flags(words.begin(), words.end());
  const auto all = [&](std::initializer_list<const char*> wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const char* flag) { return flags.contains(flag); });
  };
  // The levels of the x86-64 psABI, in the kernel's spellings (pni is SSE3, abm is LZCNT).
  std::string level = "x86-64";
  if (all({"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"})) {
    level = "x86-64-v2";
    if (all({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"})) {
      level = "x86-64-v3";
      if (all({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})) level = "x86-64-v4";
    }
  }
  for (const char* extra :
       {"avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16"}) {
    if (flags.contains(extra)) level += fmt::format(" {}", extra);
  }
  return level;
}

Json ProcessFacts() {
  std::ifstream file("/proc/cpuinfo");
  const std::string cpuinfo((std::istreambuf_iterator<char>(file)), {});
  Json facts{{"cpus", core::AllowedCpus()}, {"denormals", DenormalsMode()}};
  if (const std::string level = InstructionLevel(cpuinfo); !level.empty()) facts["instruction_level"] = level;
  facts["environment"] = ListOfEnvironment();
  facts["protocol"] = kProtocolVersion;
  return facts;
}

}  // namespace bakeoff::worker
