// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A shared library with NVML's functions, for tests: what it answers is what the test put into its Driver.
#include "nvml_stand_in/driver.h"

namespace {

bakeoff::meters::Driver g_driver;

// Handles are numbers from 1, as pointers.
int NumberOf(void* device) {
  return static_cast<int>(reinterpret_cast<intptr_t>(device)) - 1;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

bakeoff::meters::Driver* bakeoff_stand_in_driver() {
  return &g_driver;
}

int nvmlInit_v2() {
  if (g_driver.init_code != 0) return g_driver.init_code;
  ++g_driver.open;
  return 0;
}
int nvmlShutdown() {
  --g_driver.open;
  return 0;
}
const char* nvmlErrorString(int code) {
  return code == 3 ? "Not Supported" : code == 9 ? "Driver Not Loaded" : code == 15 ? "GPU is lost" : "Unknown Error";
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(g_driver.gpus.size());
  return g_driver.count_code;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(static_cast<intptr_t>(index) + 1);
  return g_driver.gpus[index].handle_code;
}
#ifndef STAND_IN_WITHOUT_ENERGY
int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  const auto& gpu = g_driver.gpus[static_cast<size_t>(NumberOf(device))];
  // An error leaves the place untouched, as the real one does.
  if (gpu.energy_code == 0) *millijoules = gpu.energy_mj;
  return gpu.energy_code;
}
#endif
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  const auto& gpu = g_driver.gpus[static_cast<size_t>(NumberOf(device))];
  if (gpu.power_code == 0) *milliwatts = gpu.power_mw;
  return gpu.power_code;
}

}  // extern "C"
#pragma GCC visibility pop
