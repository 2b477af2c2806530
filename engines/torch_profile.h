// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// LibTorch's RecordFunction callbacks: the operators that a program calls on this thread.
#pragma once

#include <ATen/record_function.h>

#include "bakeoff/engine.h"

namespace bakeoff {

// While it lives, operators called on this thread are added to `profile`; null: it does nothing. Operators that others
// call are part of these.
class TorchRecording {
 public:
  explicit TorchRecording(Profile* profile);
  ~TorchRecording();
  TorchRecording(const TorchRecording&) = delete;
  TorchRecording& operator=(const TorchRecording&) = delete;

 private:
  at::CallbackHandle handle_ = at::INVALID_CALLBACK_HANDLE;
};

}  // namespace bakeoff
