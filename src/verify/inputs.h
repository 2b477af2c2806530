// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The inputs that every engine gets: the same canonical bytes, in each model's own order of axes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/npy.h"
#include "verify/pictures.h"
#include "verify/signature.h"
#include "worker/wire.h"

namespace bakeoff::verify {

struct Range {
  double low = 0;
  double high = 0;
};

// What the user said about inputs. Names are those of the first model's inputs, or of the model in question. A name ""
// means the only input.
struct InputChoices {
  uint64_t seed = 0;
  std::map<std::string, Range> ranges;
  std::map<std::string, core::Array> files;
  std::map<std::string, Pictures> pictures;
  size_t first_picture = 0;  // with which the batch begins

  bool SaysNothing() const { return ranges.empty() && files.empty() && pictures.empty(); }
  // Batches that it takes to show every picture; 0 without pictures.
  size_t PictureBatches(size_t batch) const;
};

// "0..30521", "-1..1". Throws Error{kUsage} naming the input and the text.
Range ParseRange(std::string_view name, std::string_view text);

struct InputSet {
  std::vector<worker::NamedTensor> delivered;  // in the model's order and layouts
  std::string canonical_sha256;    // over type, canonical shape and bytes of each input, in the reference's order
  std::string delivered_sha256;    // over name, type, shape and bytes as delivered
  std::vector<std::string> notes;  // conversions that somebody should know of
};

// Without a file: seeded random values. Floats are normal (mean 0, deviation 1: what normalised pictures look like) or
// uniform in their range; integers are uniform in their range, by default 0..1 for i32 and i64 (safe for indices and
// masks) and the whole type for the shorter ones. The value of an element depends on the seed, the input's place and
// the element's place in canonical order only: a larger batch begins with the smaller one. `reference` are the first
// model's inputs (`mine` itself if there is no other). Throws Error: kMismatch (inputs that do not correspond), kUsage
// (a choice that names no input, a range outside the type, a file whose type or shape does not fit).
InputSet MakeInputs(const Ports& mine, const Ports& reference, const InputChoices& choices);

// How long it takes to read and pre-process `count` pictures for these inputs, one after the other in this thread;
// nullopt where no input takes pictures. Throws as MakeInputs().
std::optional<int64_t> PictureTime(const Ports& mine, const Ports& reference, const InputChoices& choices,
                                   int64_t count);

}  // namespace bakeoff::verify
