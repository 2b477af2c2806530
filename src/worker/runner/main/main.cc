// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// main() of every worker whose engine is written in C++.
#include "bakeoff/engine.h"
#include "worker/runner/worker_main.h"

int main(int argc, char** argv) {
  return bakeoff::worker::WorkerMain(argc, argv, bakeoff::TheEngine());
}
