// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// For tests: the Error that a call is expected to throw.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "bakeoff/error.h"

namespace bakeoff::core {

// Fails the test, and gives an internal Error, where nothing was thrown.
template <typename F>
Error Catch(F call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return {ErrorCode::kInternal, ""};
}

// Its text, for a call that must be refused with this code.
template <typename F>
std::string TextOf(F call, ErrorCode code) {
  const Error error = Catch(call);
  EXPECT_EQ(CodeName(error.code()), CodeName(code)) << error.text();
  return error.text();
}

}  // namespace bakeoff::core
