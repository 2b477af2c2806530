// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The loader: a ring of batches; workers take pictures in order, each writes its own place, the consumer takes whole
// batches in order.
#include "data/loader.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "bakeoff/error.h"
#include "data/rng.h"

namespace bakeoff::data {
namespace {

using Clock = std::chrono::steady_clock;

int64_t ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t NsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
}

struct Slot {
  Batch batch;
  size_t left = 0;  // pictures still to be made
  std::exception_ptr failure;
  size_t failed_at = SIZE_MAX;  // place within the batch: the first in the order is thrown, whichever worker was faster
};

}  // namespace

struct Loader::Impl {
  Impl(std::shared_ptr<const Dataset> d, const Preprocess& p, const LoaderOptions& o)
      : dataset(std::move(d)), pipeline(p), options(o), values(p.values()) {
    if (options.batch == 0 || options.batch > 1 << 20)
      throw Error(ErrorCode::kUsage, "the batch must be from 1 to 1048576");
    for (size_t i = 0; i < dataset->items.size(); ++i) {
      const Item& item = dataset->items[i];
      const bool wanted = options.split == Split::kNone ? item.split != Split::kUnused : item.split == options.split;
      for (int r = 0; wanted && r < item.repeat; ++r) places.push_back({i, static_cast<uint64_t>(r)});
    }
    if (places.empty()) {
      throw Error(ErrorCode::kUsage, fmt::format("{}: no pictures in the {} part", dataset->source,
                                                 options.split == Split::kNone ? "data" : SplitName(options.split)));
    }
    count = options.drop_last ? places.size() / options.batch * options.batch : places.size();
    if (count == 0)
      throw Error(ErrorCode::kUsage,
                  fmt::format("{} pictures make no whole batch of {}", places.size(), options.batch));
    batches = (count + options.batch - 1) / options.batch;
    slots.resize(options.workers > 0 ? std::max<size_t>(2, options.ahead) : 1);
  }

  struct Place {
    size_t item;
    uint64_t repeat;
  };

  void Make(const Place& place, Preprocessor& preprocessor, Image& scratch, float* out) {
    const Item& item = dataset->items[place.item];
    Rng rng({options.seed, epoch, place.item, place.repeat});
    const auto from_picture = [&](const Image& picture) {
      if (options.augment) {
        preprocessor.ApplyRandom(picture, *options.augment, rng, out);
      } else {
        preprocessor.Apply(picture, out);
      }
    };
    PictureCache* const cache = options.cache.get();
    if (const auto kept = cache ? cache->Find(place.item) : nullptr) {
      cache_hits.fetch_add(1, std::memory_order_relaxed);
      return from_picture(*kept);
    }
    const Bytes bytes = dataset->Read(item);
    try {
      // Filling the cache needs the whole picture; without it only the part that is used is decoded.
      const bool keep = cache && cache->Open();
      if (dataset->cifar || keep) {
        dataset->Decode(bytes, scratch, options.limits);
        if (keep) cache->Keep(place.item, scratch);
        from_picture(scratch);
      } else if (options.augment) {
        preprocessor.ApplyRandomToFile(bytes, *options.augment, rng, out, options.limits);
      } else {
        preprocessor.ApplyToFile(bytes, out, options.limits);
      }
      decoded.fetch_add(1, std::memory_order_relaxed);
    } catch (const Error& error) {
      throw error.With(item.path);
    }
  }

  // The first `places` of the order belong to batch 0, and so on. `slot` is the batch's.
  void Fill(size_t n, Slot& slot, Preprocessor& preprocessor, Image& scratch) {
    const Place& place = places[order[n]];
    const size_t at = n % options.batch;
    slot.batch.labels[at] = dataset->items[place.item].label;
    slot.batch.weights[at] = static_cast<float>(dataset->items[place.item].weight);
    slot.batch.items[at] = place.item;
    float* const out = slot.batch.values.data() + at * values;
    slot.batch.broken[at].clear();
    try {
      Make(place, preprocessor, scratch, out);
    } catch (const Error& error) {
      if (!options.keep_broken) throw;
      const std::string name = dataset->items[place.item].path + ": ";  // told beside the reason
      slot.batch.broken[at] = error.text().starts_with(name) ? error.text().substr(name.size()) : error.text();
      std::fill_n(out, values, 0.0f);
    }
  }

  void Prepare(size_t batch) {
    Slot& slot = slots[batch % slots.size()];
    const size_t size = std::min(options.batch, count - batch * options.batch);
    slot.batch.count = slot.left = size;
    slot.batch.values.resize(std::max(slot.batch.values.size(), size * values));
    slot.batch.labels.resize(size), slot.batch.weights.resize(size), slot.batch.items.resize(size);
    slot.batch.broken.resize(size);
    slot.failure = nullptr, slot.failed_at = SIZE_MAX;
  }

  void Work() {
    Preprocessor preprocessor(pipeline);
    Image scratch;
    int64_t cpu = ThreadCpuNs();
    std::unique_lock lock(mutex);
    while (true) {
      const auto idle = Clock::now();
      const bool had_to_wait = !stop && !CanTake();
      work_ready.wait(lock, [&] { return stop || CanTake(); });
      if (had_to_wait) idle_ns += NsSince(idle);
      if (stop) break;
      const size_t n = next_picture++;
      Slot& slot = slots[n / options.batch % slots.size()];
      lock.unlock();
      std::exception_ptr failure;
      try {
        Fill(n, slot, preprocessor, scratch);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      const int64_t now = ThreadCpuNs();
      cpu_ns += now - cpu, cpu = now;
      if (failure && n % options.batch < slot.failed_at) slot.failure = failure, slot.failed_at = n % options.batch;
      if (--slot.left == 0) batch_ready.notify_one();
    }
  }

  // A picture is free to be made when its batch has a slot: the consumer holds `taken`, the ring goes `slots` beyond
  // the last one given back.
  bool CanTake() const { return next_picture < count && next_picture / options.batch < released + slots.size(); }

  void Stop() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    work_ready.notify_all();
    threads.clear();
    stop = false;
  }

  void Start(uint64_t number, size_t first_batch) {
    Stop();
    epoch = number;
    order.resize(places.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (options.shuffle) {
      Rng rng({options.seed, epoch, 0x5f7fu});
      Shuffle(order, rng);
    }
    released = next_batch = std::min(first_batch, batches);
    next_picture = next_batch * options.batch;
    holding = false;
    for (size_t b = next_batch; b < std::min(batches, next_batch + slots.size()); ++b) Prepare(b);
    for (int w = 0; w < options.workers; ++w) threads.emplace_back([this] { Work(); });
  }

  // Gives the batch that the consumer held back to the ring.
  void Release() {
    if (!holding) return;
    holding = false;
    if (released + slots.size() < batches) Prepare(released + slots.size());
    ++released;
  }

  const Batch* NextWithWorkers() {
    const auto start = Clock::now();
    std::unique_lock lock(mutex);
    Release();
    work_ready.notify_all();
    if (next_batch >= batches) return nullptr;
    Slot& slot = slots[next_batch % slots.size()];
    batch_ready.wait(lock, [&] { return slot.left == 0; });
    wait_ns += NsSince(start);
    if (slot.failure) Fail(slot, lock);
    return Give(slot);
  }

  [[noreturn]] void Fail(const Slot& slot, std::unique_lock<std::mutex>& lock) {
    const std::exception_ptr failure = slot.failure;
    next_batch = batches;
    lock.unlock();
    Stop();
    std::rethrow_exception(failure);
  }

  const Batch* NextAlone() {
    if (next_batch >= batches) return nullptr;
    const auto start = Clock::now();
    const int64_t cpu = ThreadCpuNs();
    if (!own) own = std::make_unique<Preprocessor>(pipeline);
    Prepare(next_batch);
    Slot& slot = slots[next_batch % slots.size()];
    try {
      for (size_t i = 0; i < slot.batch.count; ++i) Fill(next_batch * options.batch + i, slot, *own, own_scratch);
    } catch (...) {
      next_batch = batches;
      throw;
    }
    wait_ns += NsSince(start), cpu_ns += ThreadCpuNs() - cpu;
    return Give(slot);
  }

  const Batch* Give(Slot& slot) {
    ++next_batch, ++given;
    pictures += slot.batch.count;
    holding = true;
    return &slot.batch;
  }

  const std::shared_ptr<const Dataset> dataset;
  const Preprocess pipeline;
  const LoaderOptions options;
  const size_t values;
  std::vector<Place> places;
  std::vector<size_t> order;
  size_t count = 0, batches = 0;
  uint64_t epoch = 0;
  std::atomic<uint64_t> decoded = 0, cache_hits = 0;

  mutable std::mutex mutex;  // guards everything below
  std::condition_variable work_ready, batch_ready;
  std::vector<Slot> slots;
  size_t next_picture = 0;       // the next that a worker takes
  size_t next_batch = SIZE_MAX;  // the next that the consumer gets; none before StartEpoch()
  size_t released = 0;           // batches that the consumer is done with
  bool holding = false, stop = false;
  uint64_t given = 0, pictures = 0;
  int64_t wait_ns = 0, cpu_ns = 0, idle_ns = 0;
  std::unique_ptr<Preprocessor> own;
  Image own_scratch;
  std::vector<std::jthread> threads;
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, const Preprocess& pipeline, const LoaderOptions& options)
    : impl_(std::make_unique<Impl>(std::move(dataset), pipeline, options)) {}

Loader::~Loader() {
  impl_->Stop();
}

void Loader::StartEpoch(uint64_t epoch, size_t first_batch) {
  impl_->Start(epoch, first_batch);
}

const Batch* Loader::Next() {
  return impl_->options.workers > 0 ? impl_->NextWithWorkers() : impl_->NextAlone();
}

size_t Loader::batches_per_epoch() const {
  return impl_->batches;
}
size_t Loader::pictures_per_epoch() const {
  return impl_->count;
}

LoaderStats Loader::stats() const {
  const std::lock_guard lock(impl_->mutex);
  return {.batches = impl_->given,
          .pictures = impl_->pictures,
          .wait_ns = impl_->wait_ns,
          .worker_cpu_ns = impl_->cpu_ns,
          .worker_idle_ns = impl_->idle_ns,
          .decoded = impl_->decoded.load(),
          .cache_hits = impl_->cache_hits.load(),
          .cache_bytes = impl_->options.cache ? impl_->options.cache->used() : 0};
}

}  // namespace bakeoff::data
