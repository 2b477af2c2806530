// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What --init names: weights, and what they say about the network that they are of.
#pragma once

#include <filesystem>
#include <string>

#include "bakeoff/json.h"
#include "train/weights.h"
#include "train/zoo/zoo.h"

namespace bakeoff::train {

struct Start {
  std::filesystem::path file;
  StateDict state;
  Json form = Json::object();  // "arch", "image_size", "width", "small_stem", "classes": as far as they are told

  // Reads a weights file (ReadWeights()), a model folder (its weights; of a training that was not finished: its best
  // checkpoint) or one of our checkpoints (the averaged weights where there are any). Throws Error: kNotFound,
  // kInvalidModel naming the file and what is wrong with it.
  static Start Read(const std::string& path);

  // `given` (fields of TrainOptions) with the fields that follow from the weights; the user's own choice stays.
  Json WithForm(Json given) const;
  // Puts the weights into the network. Returns whether the head was kept: one of another class count is left as it is,
  // where `replace_head`. Throws Error{kInvalidModel} listing what does not fit.
  bool LoadInto(zoo::Classifier& network, bool replace_head) const;
  // By the head's bias. Throws Error{kInvalidModel} where there is none.
  int64_t ClassesOf(const zoo::Classifier& network) const;

 private:
  StateDict NamedAs(const zoo::Classifier& network) const;
};

}  // namespace bakeoff::train
