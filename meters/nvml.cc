// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy of NVIDIA's GPUs through NVML (NVML API reference), loaded at run time: millijoules since the driver was
// loaded, of Volta and later; of older ones the power, looked at again and again.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "energy_sources.h"
#include "sampled_power.h"

namespace bakeoff::meters {
namespace {

constexpr int kSuccess = 0, kNotSupported = 3;
using Device = void*;

// The few functions of NVML that are needed, as its documentation declares them.
struct Api {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_text)(int) = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*device)(unsigned, Device*) = nullptr;
  int (*energy_mj)(Device, unsigned long long*) = nullptr;
  int (*power_mw)(Device, unsigned*) = nullptr;
};

class Nvml final : public Meter {
 public:
  explicit Nvml(const std::string& library) {
    library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_) {
      none_ = fmt::format("{} is not on this machine (no NVIDIA driver)", library);
      return;
    }
    const bool whole = Take("nvmlInit_v2", api_.init) && Take("nvmlShutdown", api_.shutdown) &&
                       Take("nvmlErrorString", api_.error_text) && Take("nvmlDeviceGetCount_v2", api_.count) &&
                       Take("nvmlDeviceGetHandleByIndex_v2", api_.device) &&
                       Take("nvmlDeviceGetTotalEnergyConsumption", api_.energy_mj) &&
                       Take("nvmlDeviceGetPowerUsage", api_.power_mw);
    if (!whole) return;
    if (const int code = api_.init(); code != kSuccess) {
      none_ = fmt::format("NVML does not start: {}", api_.error_text(code));
      return;
    }
    running_ = true;
    unsigned count = 0;
    if (const int code = api_.count(&count); code != kSuccess)
      none_ = fmt::format("NVML tells no GPUs: {}", api_.error_text(code));
    for (unsigned i = 0; i < count; ++i) gpus_.push_back(Find(i));
    if (gpus_.empty() && none_.empty()) none_ = "NVML knows no GPU here";
    sampled_ = std::make_unique<SampledPower>(
        gpus_.size(), [this](size_t gpu, std::string& reason) { return Watts(gpus_[gpu], reason); });
  }
  ~Nvml() override {
    sampled_.reset();
    if (running_) api_.shutdown();
    if (library_) dlclose(library_);
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool Present() const override { return !gpus_.empty(); }
  void Start() override {
    if (gpus_.empty()) return;
    for (Gpu& gpu : gpus_) gpu.trouble.clear();
    Look(&Gpu::before_mj);
    begin_ = std::chrono::steady_clock::now();
    if (SomeSampled()) sampled_->Start();
  }
  void Stop() override {
    if (gpus_.empty()) return;
    sampled_->Stop();
    Look(&Gpu::after_mj);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  std::vector<Reading> Readings() const override {
    if (gpus_.empty()) return {Unavailable("gpu", "J", none_)};
    std::vector<Reading> readings;
    for (size_t i = 0; i < gpus_.size(); ++i) readings.push_back(ReadingOf(i));
    return readings;
  }

 private:
  struct Gpu {
    Device device = nullptr;  // none: `absent` says why
    std::string absent;
    bool by_power = false;  // it has no counter
    unsigned long long before_mj = 0, after_mj = 0;
    std::string trouble;  // of this window
  };

  template <typename Function>
  bool Take(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (!function) none_ = fmt::format("the driver's NVML has no {}", name);
    return function != nullptr;
  }
  Gpu Find(unsigned index) const {
    Gpu gpu;
    if (const int code = api_.device(index, &gpu.device); code != kSuccess) {
      gpu.device = nullptr;
      gpu.absent = api_.error_text(code);
      return gpu;
    }
    unsigned long long unused = 0;
    gpu.by_power = api_.energy_mj(gpu.device, &unused) == kNotSupported;
    return gpu;
  }
  bool SomeSampled() const {
    return std::any_of(gpus_.begin(), gpus_.end(), [](const Gpu& gpu) { return gpu.device && gpu.by_power; });
  }
  std::optional<double> Watts(const Gpu& gpu, std::string& reason) const {
    if (!gpu.device || !gpu.by_power) return 0;  // nobody asks for its joules
    unsigned milliwatts = 0;
    const int code = api_.power_mw(gpu.device, &milliwatts);
    if (code == kSuccess) return milliwatts / 1e3;
    reason = fmt::format("it has no energy counter, and its power cannot be read: {}", api_.error_text(code));
    return std::nullopt;
  }
  void Look(unsigned long long Gpu::* place) {
    for (Gpu& gpu : gpus_) {
      if (!gpu.device || gpu.by_power) continue;
      if (const int code = api_.energy_mj(gpu.device, &(gpu.*place)); code != kSuccess)
        gpu.trouble = api_.error_text(code);
    }
  }
  Reading ReadingOf(size_t index) const {
    const Gpu& gpu = gpus_[index];
    const std::string name = fmt::format("gpu {}", index);
    if (!gpu.device) return Unavailable(name, "J", gpu.absent);
    if (gpu.by_power) {
      std::string reason;
      const auto joules = sampled_->Joules(index, reason);
      if (!joules) return Unavailable(name, "J", reason);
      return {name, "J", joules, "nvmlDeviceGetPowerUsage, every 50 ms", "", sampled_->Seconds(index)};
    }
    if (!gpu.trouble.empty()) return Unavailable(name, "J", gpu.trouble);
    // 64 bits of millijoules never wrap: less than before means that they began anew.
    if (gpu.after_mj < gpu.before_mj)
      return Unavailable(name, "J", "the counter went back: the driver was loaded anew");
    // The counter is renewed every 20 to 100 ms: a window without a step measured nothing (zeus met this too).
    if (gpu.after_mj == gpu.before_mj)
      return Unavailable(name, "J", "the counter did not move: the window is too short for it");
    return {
        name, "J",     static_cast<double>(gpu.after_mj - gpu.before_mj) / 1e3, "nvmlDeviceGetTotalEnergyConsumption",
        "",   seconds_};
  }

  void* library_ = nullptr;
  bool running_ = false;
  Api api_;
  std::string none_;
  std::chrono::steady_clock::time_point begin_;
  double seconds_ = 0;
  std::vector<Gpu> gpus_;
  std::unique_ptr<SampledPower> sampled_;
};

}  // namespace

std::unique_ptr<Meter> MakeNvml(const std::string& library) {
  return std::make_unique<Nvml>(library);
}

}  // namespace bakeoff::meters
