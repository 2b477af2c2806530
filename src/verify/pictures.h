// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A folder of pictures as the values of an input, through the model's pre-processing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/preprocess.h"
#include "verify/signature.h"

namespace bakeoff::verify {

struct Pictures {
  std::string folder;
  std::vector<std::string> files;            // sorted, those of folders below it as well
  std::optional<data::Preprocess> pipeline;  // of model.json; nullopt: the usual one is assumed
};

// Throws Error{kUsage} where the folder holds no picture.
Pictures ReadPictures(const std::string& folder, std::optional<data::Preprocess> pipeline);

// Refuses an input that takes no pictures. `what` begins the message: "--input x=folder". Throws Error{kUsage}.
void CheckPicturePort(const std::string& what, const Port& port);

// The pipeline for an input of that height and width: the declared one, or the usual one. Throws Error{kUsage}, which
// begins with `what`, for a declared one of another size.
data::Preprocess PipelineFor(const std::string& what, const std::optional<data::Preprocess>& declared, int height,
                             int width);

// The batch that begins with picture `first`, in canonical order (N C H W) and the port's type; after the last picture
// comes the first. Throws Error{kUsage} for an input that takes no picture, naming it, for a declared pipeline of
// another size, and for a picture that cannot be read, naming it.
std::vector<std::byte> PictureBatch(const Pictures& pictures, const Port& port, size_t first);

}  // namespace bakeoff::verify
