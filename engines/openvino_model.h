// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the OpenVINO engine and the hop to OpenVINO IR both need: its models' inputs and outputs, and its words.
#pragma once

#include <openvino/openvino.hpp>
#include <string>
#include <string_view>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"

namespace bakeoff {

ov::Core& OpenVinoCore();
std::string OpenVinoVersion();  // "2026.4.1"

// The telling part of an exception's text.
std::string OpenVinoWords(std::string_view text);
// Why the model could not be read, naming file, operators and nodes.
Error OpenVinoReadError(const std::exception& error, const Artifact& artifact);

// What lies between two texts; to the end where the second is missing.
std::string_view Between(std::string_view text, std::string_view before, std::string_view after);

// kind: "input" or "output", for the message. Throws Error{kUnsupported} for element types that Bakeoff cannot pass.
TensorSpec OpenVinoSpec(const ov::Output<const ov::Node>& port, const char* kind);

}  // namespace bakeoff
