// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy of NVIDIA's GPUs through NVML (NVML API reference), loaded at run time: millijoules since the driver was
// loaded, of Volta and later.
#include <dlfcn.h>
#include <fmt/format.h>

#include <chrono>

#include "energy_sources.h"

namespace bakeoff::meters {
namespace {

constexpr int kSuccess = 0;
using Device = void*;

// The few functions of NVML that are needed, as its documentation declares them.
struct Api {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_text)(int) = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*device)(unsigned, Device*) = nullptr;
  int (*energy_mj)(Device, unsigned long long*) = nullptr;
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
                       Take("nvmlDeviceGetTotalEnergyConsumption", api_.energy_mj);
    if (!whole) return;
    if (const int code = api_.init(); code != kSuccess) {
      none_ = fmt::format("NVML does not start: {}", api_.error_text(code));
      return;
    }
    running_ = true;
    unsigned count = 0;
    if (const int code = api_.count(&count); code != kSuccess)
      none_ = fmt::format("NVML tells no GPUs: {}", api_.error_text(code));
    for (unsigned i = 0; i < count; ++i) {
      Gpu gpu;
      if (const int code = api_.device(i, &gpu.device); code != kSuccess) gpu.reason = api_.error_text(code);
      gpus_.push_back(gpu);
    }
    if (gpus_.empty() && none_.empty()) none_ = "NVML knows no GPU here";
  }
  ~Nvml() override {
    if (running_) api_.shutdown();
    if (library_) dlclose(library_);
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool Present() const override { return !gpus_.empty(); }
  void Start() override {
    Look(&Gpu::before_mj);
    begin_ = std::chrono::steady_clock::now();
  }
  void Stop() override {
    Look(&Gpu::after_mj);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  std::vector<Reading> Readings() const override {
    if (gpus_.empty()) return {Unavailable("gpu", "J", none_)};
    std::vector<Reading> readings;
    for (size_t i = 0; i < gpus_.size(); ++i) {
      const Gpu& gpu = gpus_[i];
      const std::string name = fmt::format("gpu {}", i);
      if (!gpu.reason.empty()) {
        readings.push_back(Unavailable(name, "J", gpu.reason));
      } else if (gpu.after_mj <= gpu.before_mj) {
        // The counter is renewed every 20 to 100 ms: a window without a step measured nothing (zeus met this too).
        readings.push_back(Unavailable(name, "J", "the counter did not move: the window is too short for it"));
      } else {
        readings.push_back({name, "J", static_cast<double>(gpu.after_mj - gpu.before_mj) / 1e3,
                            "nvmlDeviceGetTotalEnergyConsumption", "", seconds_});
      }
    }
    return readings;
  }

 private:
  struct Gpu {
    Device device = nullptr;
    unsigned long long before_mj = 0, after_mj = 0;
    std::string reason;
  };

  template <typename Function>
  bool Take(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (!function) none_ = fmt::format("the driver's NVML has no {}", name);
    return function != nullptr;
  }
  void Look(unsigned long long Gpu::* place) {
    for (Gpu& gpu : gpus_) {
      if (!gpu.device) continue;
      if (const int code = api_.energy_mj(gpu.device, &(gpu.*place)); code != kSuccess)
        gpu.reason = api_.error_text(code);
    }
  }

  void* library_ = nullptr;
  bool running_ = false;
  Api api_;
  std::string none_;
  std::chrono::steady_clock::time_point begin_;
  double seconds_ = 0;
  std::vector<Gpu> gpus_;
};

}  // namespace

std::unique_ptr<Meter> MakeNvml(const std::string& library) {
  return std::make_unique<Nvml>(library);
}

}  // namespace bakeoff::meters
