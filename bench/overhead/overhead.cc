// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// bench/overhead: our p50 through the worker protocol against a bare loop on the runtime's own API, in fresh processes
// that alternate within one run; beside it the bare loop against itself, which shows what this machine can tell.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>

#include "bakeoff/error.h"
#include "bare.h"
#include "core/cpus.h"
#include "core/shapes.h"
#include "core/statistics.h"
#include "core/text.h"
#include "graph/models/models.h"
#include "graph/onnx.h"
#include "side/side.h"
#include "worker/host/handle.h"
#include "worker/host/process.h"

namespace bakeoff::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kFirstWarmup = 5;  // after loading
constexpr int kWarmup = 1;       // in each window: the process was idle while the others had their turn
constexpr std::chrono::nanoseconds kWindow = 200ms;
constexpr std::chrono::milliseconds kLimit{600'000};

struct Settings {
  int rounds = 12;
  int windows = 6;
  int runs = 0;     // in each window; 0: as many as take kWindow
  int threads = 0;  // 0: all allowed CPUs
  std::string network = "resnet50";
  bool steady_malloc = false;
  double band = 0;                            // 0: 2 % for a network of ResNet-50's size, else 5 %
  Shape shape{1, 3, 224, 224};                // of the input, for formats that do not tell it
  std::vector<std::string> engines;           // none: all that have a bare program
  std::map<std::string, std::string> models;  // format -> file, for engines that do not read ONNX
};

int64_t MedianOf(std::vector<int64_t> samples) {
  if (samples.empty()) throw Error(ErrorCode::kEngineFailed, "no samples");
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() - 1) / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

struct Subject {
  std::string name, worker, bare;
  FormatId format;
  std::string model;
};

// A loaded process that can be asked for some more samples.
using Source = std::function<std::vector<int64_t>(int warmup, int runs)>;

Source Ours(const Subject& subject, const Settings& settings) {
  const std::shared_ptr<worker::Worker> worker =
      worker::Worker::Start({.executable = subject.worker, .prefix = {}, .cpus = settings.threads});
  worker::LoadRequest request{.artifact = {.path = subject.model, .format = subject.format},
                              .threads = settings.threads};
  if (subject.format == "torchscript") request.artifact.inputs = {{"input", DType::kF32, settings.shape}};
  const auto loaded = worker->Load(request, kLimit);
  std::vector<worker::NamedTensor> inputs;
  for (size_t i = 0; i < loaded.inputs.size(); ++i) {
    worker::NamedTensor tensor{loaded.inputs[i].name, loaded.inputs[i].type, loaded.inputs[i].shape, {}};
    for (int64_t& extent : tensor.shape) extent = extent < 0 ? 1 : extent;
    const std::vector<float> values = SeededInput(i, static_cast<size_t>(ElementCount(tensor.shape)));
    tensor.data.resize(values.size() * sizeof(float));
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    inputs.push_back(std::move(tensor));
  }
  return [worker, inputs](int warmup, int runs) {
    const Json plan{
        {"scenario", "single-stream"}, {"count", runs}, {"warmup", {{"min_runs", warmup}, {"max_runs", warmup}}}};
    return worker->Measure(plan, inputs, kLimit).latency_ns;
  };
}

Source Bare(const Subject& subject, const Settings& settings) {
  const std::shared_ptr<worker::Process> process = worker::Process::Start(
      {.words = {subject.bare, subject.model, std::to_string(settings.threads), ShapeText(settings.shape)},
       .name = "bare"});
  const auto stream = std::make_shared<worker::FrameStream>(process->out(), process->in());
  const auto answer = [=] {
    auto frame = stream->Read(std::chrono::steady_clock::now() + kLimit);
    if (frame) return std::move(*frame);
    process->Stop(1s);
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("{} {}: {}", subject.bare, process->EndText(), worker::LastLines(process->Stderr())));
  };
  answer();  // it is ready
  return [stream, process, answer](int warmup, int runs) {
    stream->Write({{"warmup", warmup}, {"runs", runs}});
    const worker::NamedTensor samples = answer().tensors.at(0);
    std::vector<int64_t> values(samples.data.size() / sizeof(int64_t));
    std::memcpy(values.data(), samples.data.data(), samples.data.size());
    return values;
  };
}

// The median of paired ratios and its 99 % interval by order statistics: no assumption about how they are distributed.
struct Ratio {
  double median = 0;
  core::Interval interval;

  explicit Ratio(const std::vector<double>& ratios) {
    std::vector<int64_t> billionths;
    for (const double ratio : ratios) billionths.push_back(std::llround(ratio * 1e9));
    const auto found = core::Samples(billionths).IntervalOf(core::kP50, 0.99);
    if (!found) throw Error(ErrorCode::kInternal, fmt::format("{} ratios support no 99 % interval", ratios.size()));
    interval = {found->low / 1e9, found->high / 1e9};
    median = core::Median(ratios).value_or(0);
  }
  bool Inside(double band) const { return interval.low >= 1 - band && interval.high <= 1 + band; }
  bool Meets(double band) const { return interval.low <= 1 + band && interval.high >= 1 - band; }
  std::string Text() const { return fmt::format("{:.4f} [{:.4f}, {:.4f}]", median, interval.low, interval.high); }
};

// False where the ratio lies outside the band and the machine was calm enough to say so.
bool Compare(const Subject& subject, const Settings& settings, std::mt19937& random) {
  std::vector<double> ratios, itself;
  std::vector<int64_t> ours_ns, bare_ns;
  int runs = settings.runs;
  for (int round = 0; round < settings.rounds; ++round) {
    struct Turn {
      Source (*start)(const Subject&, const Settings&);
      Source source;
      std::vector<int64_t> samples;
    };
    Turn ours{Ours, {}, {}}, bare{Bare, {}, {}}, again{Bare, {}, {}};
    std::vector<Turn*> turns{&ours, &bare, &again};
    // Which starts first is drawn, too: what the first one leaves in the page cache and in free memory, the last one
    // finds.
    std::shuffle(turns.begin(), turns.end(), random);
    for (Turn* turn : turns) turn->source = turn->start(subject, settings);
    for (Turn* turn : turns) {
      const int64_t once = turn->source(kFirstWarmup, 1).at(0);
      if (runs == 0) runs = static_cast<int>(std::clamp<int64_t>(kWindow.count() / std::max<int64_t>(once, 1), 3, 100));
    }
    for (int window = 0; window < settings.windows; ++window) {
      std::shuffle(turns.begin(), turns.end(), random);
      for (Turn* turn : turns) {
        const auto samples = turn->source(kWarmup, runs);
        turn->samples.insert(turn->samples.end(), samples.begin(), samples.end());
      }
    }
    const int64_t bare_p50 = MedianOf(bare.samples);
    ours_ns.push_back(MedianOf(ours.samples));
    bare_ns.push_back(bare_p50);
    ratios.push_back(static_cast<double>(ours_ns.back()) / static_cast<double>(bare_p50));
    itself.push_back(static_cast<double>(MedianOf(again.samples)) / static_cast<double>(bare_p50));
    fmt::print(stderr, "\r{}: round {}/{}: {:.4f}   ", subject.name, round + 1, settings.rounds, ratios.back());
  }
  const Ratio ratio(ratios), noise(itself);
  const bool calm = noise.Inside(settings.band);
  const std::string band = fmt::format("[{:.2f}, {:.2f}]", 1 - settings.band, 1 + settings.band);
  const std::string verdict = !calm ? "inconclusive: the bare loop differs from itself by more than the band"
                              : ratio.Inside(settings.band) ? "within " + band
                              : ratio.Meets(settings.band)  ? "meets " + band + ", and reaches beyond it"
                                                            : "OUTSIDE " + band;
  fmt::print(stderr, "\r{:60}\r", "");
  fmt::print("{}: p50 ours {:.3f} ms, bare {:.3f} ms\n  ours / bare {}\n  bare / bare {}\n  {}\n", subject.name,
             static_cast<double>(MedianOf(ours_ns)) / 1e6, static_cast<double>(MedianOf(bare_ns)) / 1e6, ratio.Text(),
             noise.Text(), verdict);
  return !calm || ratio.Meets(settings.band);
}

Settings SettingsFrom(int argc, char** argv) {
  Settings settings;
  const auto fail = [&](const std::string& what) {
    return Error(
        ErrorCode::kUsage,
        fmt::format("{}\nusage: {} [--rounds N] [--windows N] [--runs N] [--threads N] [--network NAME] [--band F] "
                    "[--malloc default|steady] [--engines a,b] [--shape 1x3x224x224] [--model FORMAT=FILE]...",
                    what, argv[0]));
  };
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    const auto number = [&](int low) {
      const auto parsed = core::ParseInt(value);
      if (!parsed || *parsed < low || *parsed > 100000)
        throw fail(fmt::format("{} needs a whole number from {}, not '{}'", option, low, value));
      return static_cast<int>(*parsed);
    };
    if (option == "--rounds") {
      settings.rounds = number(8);  // 7 pairs support no 99 % interval
    } else if (option == "--windows") {
      settings.windows = number(1);
    } else if (option == "--runs") {
      settings.runs = number(1);
    } else if (option == "--threads") {
      settings.threads = number(1);
    } else if (option == "--network") {
      settings.network = value;
    } else if (const double band = core::ParseReal(value).value_or(0); option == "--band" && band > 0) {
      settings.band = band;
    } else if (option == "--malloc" && (value == "default" || value == "steady")) {
      settings.steady_malloc = value == "steady";
    } else if (option == "--shape") {
      settings.shape = core::ParseShape("--shape", value);
    } else if (option == "--engines") {
      settings.engines = core::Split(value, ',');
    } else if (const size_t equals = value.find('='); option == "--model" && equals != std::string::npos) {
      settings.models[value.substr(0, equals)] = value.substr(equals + 1);
    } else {
      throw fail(fmt::format("'{} {}'", option, value));
    }
  }
  return settings;
}

// Engines with a worker and a bare program in this folder, with a model that they read; others are named with the
// reason.
std::vector<Subject> Subjects(const fs::path& folder, const Settings& settings) {
  constexpr std::string_view kPrefix = "bakeoff-bench-bare-";
  std::vector<Subject> subjects;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename();
    if (!file.starts_with(kPrefix)) continue;
    Subject subject{file.substr(kPrefix.size()), folder / ("bakeoff-engine-" + file.substr(kPrefix.size())),
                    entry.path(), "", ""};
    const auto& wanted = settings.engines;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), subject.name) == wanted.end()) continue;
    for (const FormatId& format : worker::Worker::Start({.executable = subject.worker})->Describe(60s).reads) {
      if (const auto model = settings.models.find(format); model != settings.models.end() && subject.model.empty()) {
        subject.format = format;
        subject.model = model->second;
      }
    }
    if (subject.model.empty()) {
      fmt::print("{}: left out, no model in a format that it reads (--model FORMAT=FILE)\n", subject.name);
    } else {
      subjects.push_back(std::move(subject));
    }
  }
  std::sort(subjects.begin(), subjects.end(), [](const Subject& a, const Subject& b) { return a.name < b.name; });
  return subjects;
}

// Both sides inherit these. By default glibc gives freed memory back to the kernel by thresholds that move with what
// was freed before, and whether each run faults its pages in anew is then decided once per process, by chance:
// torch-eager takes 16.5 or 19.5 ms, and the bare loop differs from itself. With these nothing is given back.
void SteadyMalloc() {
  setenv("MALLOC_MMAP_THRESHOLD_", "33554432", 1);
  setenv("MALLOC_TRIM_THRESHOLD_", "2147483648", 1);
  setenv("MALLOC_TOP_PAD_", "67108864", 1);
}

int Main(int argc, char** argv) {
  Settings settings = SettingsFrom(argc, argv);
  if (settings.steady_malloc) SteadyMalloc();
  if (settings.threads == 0) settings.threads = static_cast<int>(core::AllowedCpus().size());
  if (settings.band == 0) settings.band = settings.network == "resnet50" ? 0.02 : 0.05;
  const fs::path scratch = fs::temp_directory_path() / fmt::format("bakeoff-overhead-{}", getpid());
  fs::create_directories(scratch);
  if (!settings.models.contains("onnx")) {
    settings.models["onnx"] = scratch / (settings.network + ".onnx");
    graph::WriteOnnx(graph::MakeModel({.name = settings.network}), settings.models["onnx"]);
  }
  const uint32_t seed = std::random_device{}();
  std::mt19937 random(seed);
  fmt::print(
      "{}, batch 1, {} threads{}; {} rounds of fresh processes, in each {} alternating windows of {}; seed {}; load "
      "average {:.1f}\n"
      "medians of paired ratios, 99 % intervals by order statistics\n\n",
      settings.network, settings.threads, settings.steady_malloc ? ", steady malloc on both sides" : "",
      settings.rounds, settings.windows, settings.runs == 0 ? "about 200 ms" : fmt::format("{} runs", settings.runs),
      seed, LoadAverage());
  bool good = true;
  const auto subjects = Subjects(fs::read_symlink("/proc/self/exe").parent_path(), settings);
  for (const Subject& subject : subjects) good = Compare(subject, settings, random) && good;
  if (subjects.empty()) fmt::print("no engine with a bare program was built\n");
  fs::remove_all(scratch);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bakeoff::bench

int main(int argc, char** argv) {
  try {
    return bakeoff::bench::Main(argc, argv);
  } catch (const bakeoff::Error& error) {
    fmt::print(stderr, "{}\n", error.text());
    return bakeoff::ExitCodeFor(error.code());
  }
}
