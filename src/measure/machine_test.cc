// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The fingerprint from a recorded tree, and the grade at its edges.
#include "measure/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cpus.h"
#include "core/test_folder.h"

namespace bakeoff::measure {
namespace {

TEST(Machine, ReadsWhatTheKernelTells) {
  const core::TestFolder root;
  root.Write(
      "proc/cpuinfo",
      "processor\t: 0\nmodel name\t: Example CPU @ 3 GHz\nmicrocode\t: 0x2b\nphysical id\t: 0\ncore id\t\t: "
      "0\nflags\t\t: fpu avx avx2 fma hypervisor\n\n"
      "processor\t: 1\nmodel name\t: Example CPU @ 3 GHz\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu avx avx2 "
      "fma hypervisor\n");
  root.Write("proc/meminfo", "MemTotal:        2048 kB\nMemAvailable:    1024 kB\n");
  root.Write("proc/stat", "cpu  100 20 30 400 5 6 7 32 9 9\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
  const std::string cache = "sys/devices/system/cpu/cpu" + std::to_string(core::AllowedCpus().front()) + "/cache/";
  for (const auto& [index, level, type, size] :
       {std::tuple("index0", "1", "Data", "48K"), std::tuple("index1", "1", "Instruction", "32K"),
        std::tuple("index2", "2", "Unified", "2048K")}) {
    root.Write(cache + index + "/level", level + std::string("\n"));
    root.Write(cache + index + "/type", type + std::string("\n"));
    root.Write(cache + index + "/size", size + std::string("\n"));
  }
  root.Write("proc/loadavg", "1.25 0.50 0.10 1/100 5\n");
  root.Write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Example OS 12\"\n");
  root.Write("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  root.Write("sys/devices/system/cpu/smt/active", "1\n");
  root.Write("sys/devices/system/node/node0/x", "");
  for (const int cpu : core::AllowedCpus())
    root.Write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor", "powersave\n");
  const Machine machine = ReadMachine(root.path());
  EXPECT_EQ(machine.cpu_model, "Example CPU @ 3 GHz");
  EXPECT_EQ(machine.microcode, "0x2b");
  EXPECT_EQ(machine.instruction_flags, "avx avx2 fma");
  EXPECT_EQ(machine.physical_cores, 1);
  EXPECT_EQ(machine.memory_bytes, 2048 * 1024);
  EXPECT_EQ(machine.load_average, 1.25);
  EXPECT_EQ(machine.caches, "L1d 48K, L1i 32K, L2 2048K");
  EXPECT_EQ(machine.cpu_ticks, 600);
  EXPECT_EQ(machine.steal_ticks, 32);
  EXPECT_EQ(machine.os, "Example OS 12");
  EXPECT_EQ(machine.turbo, true);
  EXPECT_EQ(machine.smt, true);
  EXPECT_EQ(machine.numa_nodes, 1);
  EXPECT_EQ(machine.governor, "powersave");
  EXPECT_EQ(machine.virtualisation, "hypervisor");
}

TEST(Machine, WhatIsNotToldIsNull) {
  const Json json = ToJson(ReadMachine("/nowhere"));
  for (const char* field : {"cpu_model", "memory_bytes", "load_average", "governor", "turbo", "smt"})
    EXPECT_TRUE(json[field].is_null()) << field;
}

TEST(Environment, StolenTimeIsADoubt) {
  const auto grade = [](int64_t stolen) {
    Machine before, after;
    before.allowed_cpus = after.allowed_cpus = 4;
    before.governor = after.governor = "performance";
    before.cpu_ticks = 1000;
    before.steal_ticks = 100;
    after.cpu_ticks = 2000;
    after.steal_ticks = 100 + stolen;
    return Grade(before, after, 1).grade;
  };
  EXPECT_EQ(grade(9), 'A');
  EXPECT_EQ(grade(10), 'C');
  EXPECT_EQ(grade(100), 'D');
}

Machine Quiet() {
  Machine machine;
  machine.allowed_cpus = 4;
  machine.governor = "performance";
  machine.turbo = false;
  machine.smt = false;
  machine.load_average = 0.1;
  return machine;
}

char GradeWith(void (*change)(Machine& before, Machine& after), int threads = 2) {
  Machine before = Quiet(), after = Quiet();
  change(before, after);
  const Environment environment = Grade(before, after, threads);
  for (const Doubt& doubt : environment.doubts) EXPECT_FALSE(doubt.remedy.empty()) << doubt.reason;
  EXPECT_EQ(environment.doubts.empty(), environment.grade == 'A');
  return environment.grade;
}

TEST(Environment, GradesBySeverity) {
  EXPECT_EQ(GradeWith([](Machine&, Machine&) {}), 'A');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.governor = "powersave"; }), 'B');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.turbo = true; }), 'B');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.virtualisation = "hypervisor"; }), 'C');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.quota.cpus = 1.5; }), 'C');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.load_average = 3; }), 'D');
  EXPECT_EQ(GradeWith([](Machine& before, Machine&) { before.load_average = 2; }), 'A');  // two CPUs are not asked for
  EXPECT_EQ(GradeWith([](Machine&, Machine& after) { after.load_average = 9; }), 'A');    // that is our own work
  EXPECT_EQ(GradeWith([](Machine& before, Machine& after) {
              before.quota.throttled_periods = 5;
              after.quota.throttled_periods = 6;
            }),
            'D');
  EXPECT_EQ(GradeWith([](Machine&, Machine&) {}, 5), 'D');
}

}  // namespace
}  // namespace bakeoff::measure
