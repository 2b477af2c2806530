// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy counters of Intel's and AMD's processors through powercap (kernel documentation, power/powercap).
// Packages, and dram beside them. core and uncore lie within a package and are left out; psys, the platform, has the
// packages in it and is a reading of its own that nobody may add to theirs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "core/repeated.h"
#include "core/text.h"
#include "energy_sources.h"

namespace bakeoff::meters {
namespace {

namespace fs = std::filesystem;

struct Zone {
  std::string name;
  fs::path file;
  int64_t range_uj = 0;
  int64_t last_uj = 0, used_uj = 0;
  std::string reason;
};

std::string Line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(core::Trim(line));
}

class Rapl final : public Meter {
 public:
  explicit Rapl(const fs::path& root) {
    const fs::path folder = root / "sys/class/powercap";
    std::vector<fs::path> zones;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      // intel-rapl:0 and intel-rapl:0:1, also on AMD; not the control type intel-rapl, nor the same counters again
      // through memory (intel-rapl-mmio).
      if (it->path().filename().string().starts_with("intel-rapl:")) zones.push_back(it->path());
    }
    std::sort(zones.begin(), zones.end());
    for (const fs::path& zone : zones) Add(zone);
    if (zones_.empty())
      none_ = zones.empty() ? fmt::format("there is no RAPL zone in {}", folder.string()) : "no RAPL zone has a name";
  }
  ~Rapl() override { Stop(); }

  bool Present() const override { return !zones_.empty(); }
  void Start() override {
    for (Zone& zone : zones_) {
      zone.reason.clear();
      zone.used_uj = 0;
      if (const auto value = NumberIn(zone.file, zone.reason)) zone.last_uj = *value;
    }
    begin_ = std::chrono::steady_clock::now();
    // A package of 200 W wraps in 20 minutes: two wraps within a window would be lost without a look between.
    watch_.emplace(std::chrono::seconds(30), [this] {
      Look();
      return true;
    });
  }

  void Stop() override {
    if (!watch_) return;
    watch_.reset();
    Look();
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

  std::vector<Reading> Readings() const override {
    if (zones_.empty()) return {Unavailable("package", "J", none_)};
    std::vector<Reading> readings;
    for (const Zone& zone : zones_) {
      if (!zone.reason.empty()) {
        readings.push_back(Unavailable(zone.name, "J", zone.reason));
        continue;
      }
      if (zone.used_uj == 0) {
        // It counts every millisecond, also while idle: one that stands still is not wired, or hidden by a hypervisor.
        readings.push_back(Unavailable(zone.name, "J", fmt::format("{} did not move", zone.file.string())));
        continue;
      }
      readings.push_back({zone.name, "J", static_cast<double>(zone.used_uj) / 1e6, zone.file.string(), "", seconds_});
    }
    return readings;
  }

 private:
  void Add(const fs::path& path) {
    const std::string file = path.filename().string();
    const std::string name = Line(path / "name");
    const bool top = std::count(file.begin(), file.end(), ':') == 1;
    if (name.empty() || (!top && name != "dram")) return;
    Zone zone{.name = name, .file = path / "energy_uj"};
    // Two packages have a dram each.
    if (!top)
      zone.name = fmt::format("{} of {}", name, Line(path.parent_path() / file.substr(0, file.rfind(':')) / "name"));
    std::string unknown;
    zone.range_uj = NumberIn(path / "max_energy_range_uj", unknown).value_or(0);
    zones_.push_back(std::move(zone));
  }

  // The counter goes from 0 to max_energy_range_uj, and then begins anew.
  void Look() {
    for (Zone& zone : zones_) {
      if (!zone.reason.empty()) continue;
      const auto value = NumberIn(zone.file, zone.reason);
      if (!value) continue;
      if (*value < zone.last_uj && zone.range_uj <= 0) {
        zone.reason = fmt::format("{} wrapped, and max_energy_range_uj does not say at what", zone.file.string());
        continue;
      }
      zone.used_uj += *value - zone.last_uj + (*value < zone.last_uj ? zone.range_uj : 0);
      zone.last_uj = *value;
    }
  }

  std::vector<Zone> zones_;
  std::string none_;
  std::chrono::steady_clock::time_point begin_;
  double seconds_ = 0;
  std::optional<core::Repeated> watch_;
};

}  // namespace

std::unique_ptr<Meter> MakeRapl(const fs::path& root) {
  return std::make_unique<Rapl>(root);
}

}  // namespace bakeoff::meters
