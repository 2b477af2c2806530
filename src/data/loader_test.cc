// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of the loader: the same batches whatever the workers, cache and place of restart; errors, stopping, counters.
#include "data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <new>
#include <set>
#include <thread>

#include "bakeoff/error.h"
#include "data/archive_maker.h"

namespace bakeoff::data {
namespace {

using testing::HasSubstr;

constexpr size_t kPictures = 45;

class LoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < kPictures; ++i) {
      Image image;
      image.Resize(20 + static_cast<int>(i), 30);
      Rng rng({i});
      for (uint8_t& sample : image.rgb) sample = static_cast<uint8_t>(rng.Below(256));
      char name[32];
      std::snprintf(name, sizeof(name), "%c/%02d.jpg", i % 2 ? 'a' : 'b', static_cast<int>(i));
      folder_.Write(name, EncodeJpeg(image, 80));
    }
    Open();
  }

  void Open() {
    Dataset dataset = OpenDataset(folder_ / "");
    for (Item& item : dataset.items) item.split = Split::kTrain;
    dataset_ = std::make_shared<const Dataset>(std::move(dataset));
  }

  LoaderOptions Options(int workers) const {
    return {.batch = 8,
            .shuffle = true,
            .seed = 3,
            .augment = Augment{.random_crop = true, .flip = 0.5, .brightness = 0.2},
            .workers = workers};
  }

  // All that an epoch gives, as one list of numbers.
  static std::vector<float> Epoch(Loader& loader, uint64_t epoch, size_t first = 0) {
    std::vector<float> all;
    loader.StartEpoch(epoch, first);
    while (const Batch* batch = loader.Next()) {
      for (size_t i = 0; i < batch->count; ++i) {
        all.push_back(static_cast<float>(batch->items[i]));
        all.push_back(static_cast<float>(batch->labels[i]));
        all.push_back(batch->weights[i]);
      }
      all.insert(all.end(), batch->values.begin(),
                 batch->values.begin() + static_cast<ptrdiff_t>(batch->count * 3 * 16 * 16));
    }
    return all;
  }

  TestFolder folder_;
  std::shared_ptr<const Dataset> dataset_;
  Preprocess pipeline_ = Preprocess::ForSide(16);
};

TEST_F(LoaderTest, WorkersAndCacheDoNotChangeAnything) {
  Loader alone(dataset_, pipeline_, Options(0));
  const std::vector<float> first = Epoch(alone, 0), second = Epoch(alone, 1);
  EXPECT_NE(first, second);
  for (const int workers : {0, 1, 2, 5}) {
    for (const size_t cache : {size_t{0}, size_t{60'000}, size_t{1} << 26}) {
      LoaderOptions options = Options(workers);
      options.cache = std::make_shared<PictureCache>(kPictures, cache);
      Loader loader(dataset_, pipeline_, options);
      EXPECT_EQ(Epoch(loader, 0), first) << workers << " workers, cache " << cache;
      EXPECT_EQ(Epoch(loader, 1), second) << workers << " workers, cache " << cache;
      EXPECT_LE(loader.stats().cache_bytes, cache);
      const uint64_t hits = loader.stats().cache_hits;
      EXPECT_TRUE(cache == 0 ? hits == 0 : cache == 60'000 ? hits > 0 && hits < kPictures : hits == kPictures) << hits;
    }
  }
}

TEST_F(LoaderTest, LoadersShareOneLimit) {
  Dataset parts = *dataset_;
  for (size_t i = 0; i < 10; ++i) parts.items[i].split = Split::kVal;
  const auto dataset = std::make_shared<const Dataset>(parts);
  const auto run = [&](const std::shared_ptr<PictureCache>& cache, Split split, int workers) {
    LoaderOptions options = Options(workers);
    options.split = split, options.cache = cache;
    Loader loader(dataset, pipeline_, options);
    Epoch(loader, 0), Epoch(loader, 1);
    return loader.stats();
  };
  const auto whole = std::make_shared<PictureCache>(kPictures, size_t{1} << 26);
  const LoaderStats train = run(whole, Split::kTrain, 2), val = run(whole, Split::kVal, 2);
  EXPECT_EQ(train.decoded, kPictures - 10);
  EXPECT_EQ(train.cache_hits, kPictures - 10);
  EXPECT_EQ(val.decoded, 10u);
  EXPECT_GT(val.cache_bytes, train.cache_bytes);
  // What the first part took, the second lacks.
  const size_t limit = train.cache_bytes + (val.cache_bytes - train.cache_bytes) / 2;
  const auto tight = std::make_shared<PictureCache>(kPictures, limit);
  EXPECT_EQ(run(tight, Split::kTrain, 0).decoded, kPictures - 10);
  const LoaderStats rest = run(tight, Split::kVal, 0);
  EXPECT_GT(rest.decoded, 10u);
  EXPECT_GT(rest.cache_hits, 0u);
  EXPECT_LE(rest.cache_bytes, limit);
  // Without one, every picture is decoded each time.
  EXPECT_EQ(run(nullptr, Split::kVal, 1).decoded, 20u);
}

TEST_F(LoaderTest, GoesOnInTheMiddleOfAnEpoch) {
  for (const int workers : {0, 3}) {
    Loader loader(dataset_, pipeline_, Options(workers));
    const std::vector<float> whole = Epoch(loader, 7), rest = Epoch(loader, 7, 4);
    ASSERT_LT(rest.size(), whole.size());
    EXPECT_TRUE(std::equal(rest.rbegin(), rest.rend(), whole.rbegin()));
    EXPECT_EQ(rest.size() * kPictures, whole.size() * (kPictures - 32));
  }
}

TEST_F(LoaderTest, EveryPictureOncePerEpochRepeatsCounted) {
  Dataset changed = *dataset_;
  changed.items[4].repeat = 3, changed.items[5].split = Split::kUnused, changed.items[6].split = Split::kVal,
  changed.items[7].weight = 2.5;
  LoaderOptions options = Options(2);
  Loader loader(std::make_shared<const Dataset>(changed), pipeline_, options);
  std::multiset<size_t> seen;
  loader.StartEpoch(0);
  while (const Batch* batch = loader.Next()) {
    seen.insert(batch->items.begin(), batch->items.end());
    for (size_t i = 0; i < batch->count; ++i) EXPECT_EQ(batch->weights[i], batch->items[i] == 7 ? 2.5f : 1.0f);
  }
  EXPECT_EQ(seen.size(), kPictures);
  EXPECT_EQ(seen.count(4), 3u);
  EXPECT_EQ(seen.count(5) + seen.count(6), 0u);
  options.drop_last = true;
  Loader dropping(dataset_, pipeline_, options);
  EXPECT_EQ(dropping.batches_per_epoch(), 5u);
  EXPECT_EQ(dropping.pictures_per_epoch(), 40u);
}

TEST_F(LoaderTest, ABrokenFileIsThrownAtItsPlaceAndNamedFails) {
  folder_.Write("a/41.jpg", "junk");
  Open();
  for (const int workers : {0, 4}) {
    LoaderOptions options{.batch = 8, .workers = workers};
    Loader loader(dataset_, pipeline_, options);
    loader.StartEpoch(0);
    // a/41.jpg is item 20 of 45: the batches before it arrive whole.
    EXPECT_NE(loader.Next(), nullptr);
    EXPECT_NE(loader.Next(), nullptr);
    std::string failure;
    try {
      loader.Next();
    } catch (const Error& error) {
      failure = error.text();
    }
    EXPECT_THAT(failure, HasSubstr("a/41.jpg: not a JPEG")) << workers;
    EXPECT_EQ(loader.Next(), nullptr);
    loader.StartEpoch(0);
    EXPECT_NE(loader.Next(), nullptr);
  }
}

// The data set's files, with something done at each read.
class Watched final : public Container {
 public:
  Watched(std::shared_ptr<const Container> files, std::function<void(size_t entry)> at_read)
      : files_(std::move(files)), at_read_(std::move(at_read)) {
    entries_ = files_->entries();
  }
  Bytes Read(size_t entry, uint64_t offset, uint64_t size) const override {
    at_read_(entry);
    return files_->Read(entry, offset, size);
  }

 private:
  std::shared_ptr<const Container> files_;
  std::function<void(size_t)> at_read_;
};

std::shared_ptr<const Dataset> Watch(const Dataset& dataset, std::function<void(size_t)> at_read) {
  auto watched = std::make_shared<Dataset>(dataset);
  watched->container = std::make_shared<Watched>(dataset.container, std::move(at_read));
  return watched;
}

TEST_F(LoaderTest, ReadsNoFurtherAheadThanItMay) {
  std::atomic<size_t> reads = 0;
  const auto watched = Watch(*dataset_, [&](size_t) { ++reads; });
  LoaderOptions options{.batch = 4, .workers = 5, .ahead = 3};
  Loader loader(watched, pipeline_, options);
  loader.StartEpoch(0);
  // The batch in the consumer's hands counts: the fourth is begun when the first is given back.
  for (size_t taken = 0; taken < 4; ++taken) {
    const size_t allowed = 4 * (3 + (taken == 0 ? 0 : taken - 1));
    for (int i = 0; i < 2000 && reads < allowed; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(reads, allowed) << taken << " taken";
    EXPECT_NE(loader.Next(), nullptr);
  }
}

TEST_F(LoaderTest, AFileThatVanishesIsNamedFails) {
  std::filesystem::remove(folder_ / "a/41.jpg");
  for (const int workers : {0, 3}) {
    LoaderOptions options{.batch = 8, .workers = workers};
    Loader loader(dataset_, pipeline_, options);
    std::string failure;
    try {
      Epoch(loader, 0);
    } catch (const Error& error) {
      failure = error.text();
    }
    EXPECT_THAT(failure, HasSubstr("a/41.jpg: No such file")) << workers;
    options.keep_broken = true;
    Loader keeping(dataset_, pipeline_, options);
    size_t pictures = 0, broken = 0;
    keeping.StartEpoch(0);
    while (const Batch* batch = keeping.Next()) {
      pictures += batch->count;
      for (const std::string& reason : batch->broken) broken += !reason.empty();
    }
    EXPECT_EQ(pictures, kPictures);
    EXPECT_EQ(broken, 1u);
  }
}

TEST_F(LoaderTest, WhateverAWorkerThrowsArrivesInNextFails) {
  const auto watched = Watch(*dataset_, [](size_t entry) {
    if (entry == 20) throw std::bad_alloc();
  });
  for (const int workers : {0, 1, 4}) {
    Loader loader(watched, pipeline_, {.batch = 8, .workers = workers, .keep_broken = true});
    EXPECT_THROW(Epoch(loader, 0), std::bad_alloc) << workers;
    EXPECT_EQ(loader.Next(), nullptr);
    EXPECT_THROW(Epoch(loader, 1), std::bad_alloc) << workers;
  }
}

TEST_F(LoaderTest, WaitingIsTheConsumersOrTheWorkers) {
  using std::chrono::milliseconds;
  const auto slow = Watch(*dataset_, [](size_t) { std::this_thread::sleep_for(milliseconds(4)); });
  Loader starved(slow, pipeline_, Options(1));
  Epoch(starved, 0);
  const LoaderStats waited = starved.stats();
  EXPECT_GE(waited.wait_ns, int64_t{kPictures} * 4'000'000 * 9 / 10);
  EXPECT_LT(waited.worker_cpu_ns, waited.wait_ns);  // asleep is not at work
  EXPECT_GT(waited.worker_cpu_ns, 0);
  LoaderOptions options = Options(1);
  options.ahead = 2;
  Loader idle(dataset_, pipeline_, options);
  idle.StartEpoch(0);
  while (idle.Next() != nullptr) std::this_thread::sleep_for(milliseconds(60));
  EXPECT_GT(idle.stats().worker_idle_ns, 60'000'000);
}

TEST_F(LoaderTest, StopsAtAnyMoment) {
  for (int i = 0; i < 30; ++i) {
    Loader loader(dataset_, pipeline_, Options(3));
    loader.StartEpoch(0);
    for (int n = 0; n < i % 5; ++n) loader.Next();
    if (i % 2) loader.StartEpoch(1);
    EXPECT_TRUE(i % 3 != 0 || loader.Next() != nullptr);
  }
}

TEST_F(LoaderTest, CountersAddUp) {
  Loader loader(dataset_, pipeline_, Options(2));
  Epoch(loader, 0);
  const LoaderStats stats = loader.stats();
  EXPECT_EQ(stats.pictures, kPictures);
  EXPECT_EQ(stats.batches, 6u);
  EXPECT_GT(stats.worker_cpu_ns, 0);
  EXPECT_GT(stats.wait_ns, 0);
  EXPECT_GE(stats.worker_idle_ns, 0);
}

TEST_F(LoaderTest, NothingToLoadFails) {
  LoaderOptions options = Options(1);
  options.split = Split::kTest;
  EXPECT_THROW(Loader(dataset_, pipeline_, options), Error);
  Preprocess open = pipeline_;
  open.mode = Preprocess::Mode::kShortSide, open.crop_width = 0;
  EXPECT_THROW(Loader(dataset_, open, Options(1)), Error);
}

}  // namespace
}  // namespace bakeoff::data
