// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The fixture models of tests/fixtures: what they answer, computed with plain loops, and the same as ONNX files.
#pragma once

#include <filesystem>
#include <vector>

#include "worker/wire.h"

namespace bakeoff::contract {

// net: image -> logits. Takes the image as N x 3 x 12 x 20 or N x 12 x 20 x 3, whatever its shape says.
std::vector<worker::NamedTensor> NetAnswer(const std::vector<worker::NamedTensor>& inputs);
// pair: f32 a, i32 b -> f32 sum, i32 product = 3 b; the inputs and outputs are told apart by their types.
std::vector<worker::NamedTensor> PairAnswer(const std::vector<worker::NamedTensor>& inputs);
std::vector<worker::NamedTensor> Echo(const std::vector<worker::NamedTensor>& inputs);

void WriteNet(const std::filesystem::path& path, bool external_data = false);
void WritePair(const std::filesystem::path& path);
// One node 'odd_one' with an operator that nobody has.
void WriteStranger(const std::filesystem::path& path);

}  // namespace bakeoff::contract
