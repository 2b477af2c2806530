// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Our side of bench/loader: src/data's loader behind the lines that peer.py answers.
#include "loader/ours.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "data/loader.h"

namespace bakeoff::bench {
namespace {

data::LoaderOptions OptionsOf(const Work& work) {
  data::LoaderOptions options{.split = data::Split::kNone, .batch = static_cast<size_t>(work.batch)};
  options.workers = work.workers;
  if (work.recipe == "train") options.shuffle = true, options.augment = data::Augment{.random_crop = true, .flip = 0.5};
  return options;
}

void Say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void Epoch(data::Loader& loader, uint64_t number) {
  const auto start = std::chrono::steady_clock::now();
  size_t pictures = 0;
  loader.StartEpoch(number);
  while (const data::Batch* batch = loader.Next()) pictures += batch->count;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  Say(fmt::format("{} {}", seconds.count(), pictures));
}

// The first pictures in order, without chance.
void Save(const data::Dataset& dataset, const data::Preprocess& pipeline, const std::string& file, size_t count) {
  data::Preprocessor preprocessor(pipeline);
  std::vector<float> values(pipeline.values());
  std::ofstream out(file, std::ios::binary);
  for (size_t i = 0; i < count; ++i) {
    preprocessor.ApplyToFile(dataset.Read(dataset.items.at(i)), values.data());
    out.write(reinterpret_cast<const char*>(values.data()),
              static_cast<std::streamsize>(values.size() * sizeof(float)));
  }
  out.close();
  Say(std::to_string(count));
}

}  // namespace

int Serve(const Work& work) {
  const auto dataset = std::make_shared<const data::Dataset>(data::OpenDataset(work.data));
  const data::Preprocess pipeline = data::Preprocess::ForSide(224);
  data::Loader loader(dataset, pipeline, OptionsOf(work));
  Say("ours");
  uint64_t epoch = 0;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string word, file;
    size_t count = 0;
    words >> word >> file >> count;
    if (word == "epoch") {
      Epoch(loader, epoch++);
    } else {
      Save(*dataset, pipeline, file, count);
    }
  }
  return 0;
}

}  // namespace bakeoff::bench
