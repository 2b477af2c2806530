// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// main() of every worker that converts.
#include "bakeoff/converter.h"
#include "worker/runner/hop_main.h"

int main(int argc, char** argv) {
  return bakeoff::worker::HopMain(argc, argv, bakeoff::TheHop());
}
