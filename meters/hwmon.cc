// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Power of supply rails from hwmon (kernel documentation, hwmon/sysfs-interface): powerN_input in microwatts, or, as
// the INA3221 of Jetson boards tells it, inN_input in millivolts times currN_input in milliamperes.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/text.h"
#include "energy_sources.h"
#include "sampled_power.h"

namespace bakeoff::meters {
namespace {

namespace fs = std::filesystem;

struct Rail {
  std::string name;
  fs::path power, volts, amperes;  // power, or both others
};

std::string Line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(core::Trim(line));
}

void AddRails(const fs::path& chip, std::vector<Rail>& rails) {
  const std::string of = Line(chip / "name");
  std::error_code error;
  for (int n = 1; n <= 16; ++n) {
    const fs::path power = chip / fmt::format("power{}_input", n);
    const fs::path volts = chip / fmt::format("in{}_input", n), amperes = chip / fmt::format("curr{}_input", n);
    std::string label = Line(chip / fmt::format("power{}_label", n));
    if (label.empty()) label = Line(chip / fmt::format("in{}_label", n));
    const std::string name = fmt::format("{} {}", of.empty() ? "hwmon" : of, label.empty() ? std::to_string(n) : label);
    if (fs::exists(power, error)) {
      rails.push_back({name, power, {}, {}});
      // A driver gives either form. INA3221's input 7 is a sum of the others and has no current.
    } else if (fs::exists(volts, error) && fs::exists(amperes, error)) {
      rails.push_back({name, {}, volts, amperes});
    }
  }
}

class Hwmon final : public Meter {
 public:
  explicit Hwmon(const fs::path& root)
      : folder_(root / "sys/class/hwmon"),
        rails_(Find(folder_)),
        sampled_(rails_.size(), [this](size_t rail, std::string& reason) { return Watts(rails_[rail], reason); }) {}

  bool Present() const override { return !rails_.empty(); }
  void Start() override {
    if (!rails_.empty()) sampled_.Start();
  }
  void Stop() override { sampled_.Stop(); }
  std::vector<Reading> Readings() const override {
    if (rails_.empty())
      return {Unavailable("board", "J", fmt::format("no sensor in {} tells power", folder_.string()))};
    std::vector<Reading> readings;
    for (size_t i = 0; i < rails_.size(); ++i) {
      std::string reason;
      const auto joules = sampled_.Joules(i, reason);
      const Rail& rail = rails_[i];
      if (!joules) {
        readings.push_back(Unavailable(rail.name, "J", reason));
        continue;
      }
      readings.push_back({rail.name, "J", joules,
                          rail.power.empty()
                              ? fmt::format("{} x {}", rail.volts.string(), rail.amperes.filename().string())
                              : rail.power.string(),
                          "", sampled_.Seconds(i)});
    }
    return readings;
  }

 private:
  static std::vector<Rail> Find(const fs::path& folder) {
    std::vector<fs::path> chips;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      chips.push_back(it->path());
    std::sort(chips.begin(), chips.end());
    std::vector<Rail> rails;
    for (const fs::path& chip : chips) AddRails(chip, rails);
    return rails;
  }
  static std::optional<double> Watts(const Rail& rail, std::string& reason) {
    if (!rail.power.empty()) {
      const auto microwatts = NumberIn(rail.power, reason);
      return microwatts ? std::optional(static_cast<double>(*microwatts) / 1e6) : std::nullopt;
    }
    const auto millivolts = NumberIn(rail.volts, reason);
    const auto milliamperes = millivolts ? NumberIn(rail.amperes, reason) : std::nullopt;
    return milliamperes ? std::optional(static_cast<double>(*millivolts) * static_cast<double>(*milliamperes) / 1e6)
                        : std::nullopt;
  }

  fs::path folder_;
  std::vector<Rail> rails_;
  SampledPower sampled_;
};

}  // namespace

std::unique_ptr<Meter> MakeHwmon(const fs::path& root) {
  return std::make_unique<Hwmon>(root);
}

}  // namespace bakeoff::meters
