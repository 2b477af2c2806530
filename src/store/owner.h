// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Who is working on something: a process, told apart from later ones that get the same number.
#pragma once

#include <string>
#include <string_view>

namespace bakeoff::store {

// Of this machine, as gethostname() tells it; "unknown" where it tells nothing.
std::string HostName();

// "host boot-id pid start-time" of this process.
std::string OwnName();

// Whether that process lives, as far as this machine can tell: false for a process of this machine that has ended or of
// a former boot, true for one of another machine, of which nothing is known.
bool MayLive(std::string_view owner);

// "process 123 of this machine", for messages.
std::string Describe(std::string_view owner);

}  // namespace bakeoff::store
