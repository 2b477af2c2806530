// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How the process keeps memory between steps.
#pragma once

namespace bakeoff::train {

// A step frees hundreds of MiB of activations that the next one wants again. By default the C library gives large
// blocks back to the kernel, which then clears every page anew. For main(), before the first tensor: freed memory
// stays.
void KeepMemory();

}  // namespace bakeoff::train
