// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One step after the other.
#include "campaign/campaign.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "campaign/blame.h"
#include "campaign/came_out.h"
#include "campaign/child.h"
#include "campaign/measured.h"
#include "campaign/paths.h"
#include "campaign/standing.h"
#include "core/file_lock.h"
#include "core/files.h"
#include "core/sha256.h"
#include "core/utc_time.h"
#include "store/store.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kLeastFree = uint64_t{16} << 20;

class Runner {
 public:
  Runner(const Plan& plan, const Request& request, const Listener& listener, std::optional<State> before)
      : plan_(plan),
        request_(request),
        listener_(listener),
        standing_(
            plan, request, [this](const std::string& text) { Note(text); }, std::move(before)),
        contents_(standing_.contents()),
        keys_(standing_.keys()),
        files_(standing_.files()),
        blame_(plan, state_) {}

  State Run(const Spec& spec) {
    standing_.Recover();
    preview_ = standing_.Look();
    Begin(spec);
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      if (Interrupted()) break;
      if (!standing_.Wanted(step)) {
        Leave(step);
      } else if (!step.of.empty()) {
        Compare(step, i);
      } else {
        Do(step, i);
      }
    }
    Finish();
    return std::move(state_);
  }

 private:
  bool Interrupted() const { return listener_.interrupted && listener_.interrupted(); }
  void Begin(const Spec& spec) {
    const std::optional<State>& before = standing_.before();
    goes_on_ = before && (before->status == "running" || before->status == "stopped");
    state_ = {.name = spec.name,
              .title = spec.title,
              .created_at = before ? before->created_at : core::UtcNow(),
              .status = "running",
              .version = request_.version,
              .revision = request_.revision,
              .wall_ns = goes_on_ ? before->wall_ns : 0,
              .host_overhead_ns = goes_on_ ? before->host_overhead_ns : 0,
              .baseline = plan_.baseline,
              .no_baseline = plan_.no_baseline,
              .previous = before ? before->previous : Json(),
              .warnings = plan_.warnings};
    wall_before_ = state_.wall_ns;
    overhead_before_ = state_.host_overhead_ns;
    for (const Step& step : plan_.steps) {
      const Entry* earlier = standing_.Earlier(step.name);
      Entry entry = earlier ? *earlier : Entry();
      entry.before = entry.status;
      entry.status = StepStatus::kPending;
      entry.name = step.name;
      entry.stage = step.stage;
      entry.title = step.title;
      entry.role = step.role;
      if (entry.words.empty()) entry.words = step.words;
      // A comparison is there once there is something to compare.
      if (step.of.empty() || earlier) state_.steps.push_back(std::move(entry));
    }
    if (before) {
      for (const auto* entries : {&before->steps, &before->not_planned}) {
        for (const Entry& entry : *entries) {
          if (!Planned(entry.name)) state_.not_planned.push_back(entry);
        }
      }
    }
    Save();
    for (const char* folder : {"json", "log"}) fs::create_directories(plan_.folder / folder);
    core::WriteFileAtomically(plan_.folder / "campaign.yaml", spec.text);
  }

  bool Planned(const std::string& name) const {
    return std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& step) { return step.name == name; });
  }

  void Save() {
    const int64_t wall = std::chrono::nanoseconds(Clock::now() - began_).count();
    state_.wall_ns = wall_before_ + wall;
    state_.host_overhead_ns = overhead_before_ + std::max<int64_t>(0, wall - in_steps_ns_);
    state_.contents = contents_.ToJson();
    WriteState(plan_.folder, state_);
  }

  // Comparisons come and go with what there is to compare: they are not counted.
  std::string Place(size_t i) const {
    const auto [place, all] = PlaceOf(i);
    return fmt::format("step {} of {}", place, all);
  }
  std::string ShortPlace(size_t i) const {
    const auto [place, all] = PlaceOf(i);
    return fmt::format("{}/{}", place, all);
  }
  std::pair<size_t, size_t> PlaceOf(size_t i) const {
    size_t place = 0, all = 0;
    for (size_t k = 0; k < plan_.steps.size(); ++k) {
      if (!plan_.steps[k].of.empty() || !standing_.Wanted(plan_.steps[k])) continue;
      ++all;
      place += k <= i ? 1 : 0;
    }
    return {place, all};
  }

  std::string Left(size_t i) {
    double seconds = 0;
    for (size_t k = i; k < plan_.steps.size(); ++k) {
      const Step& step = plan_.steps[k];
      const Entry* entry = state_.Find(step.name);
      if (entry && entry->status == StepStatus::kPending) seconds += preview_.step_seconds[k];
    }
    return seconds < 90     ? fmt::format("about {:.0f} s left", seconds)
           : seconds < 5400 ? fmt::format("about {:.0f} min left", seconds / 60)
                            : fmt::format("about {:.1f} h left", seconds / 3600);
  }

  void Say(const std::string& text, bool step) const {
    if (listener_.progress) listener_.progress(text, step);
  }
  void Note(const std::string& text) const {
    if (listener_.note) listener_.note(text);
  }

  // From now on the report is of before. It is written down at once: who finds it so, after a kill or a call that does
  // not come to it, makes it anew.
  void Change() {
    standing_.Change();
    for (auto* entries : {&state_.steps, &state_.not_planned}) {
      for (Entry& entry : *entries) {
        if (entry.stage == "report") OfBefore(entry);
      }
    }
  }
  static void OfBefore(Entry& report) {
    StepStatus& was = report.status == StepStatus::kPending ? report.before : report.status;
    if (was != StepStatus::kOk && was != StepStatus::kReused) return;
    report.status = report.before = StepStatus::kPending;
    report.key.clear();
  }

  // Another stage than the one that is asked for: as it was.
  void Leave(const Step& step) {
    Entry* entry = state_.Find(step.name);
    if (!entry) return;
    if (step.stage == "report" && !standing_.Current(step)) OfBefore(*entry);
    if (entry->kept && standing_.Current(step)) return KeepAgain(step, *entry);
    entry->status = entry->before == StepStatus::kRunning ? StepStatus::kPending : entry->before;
  }

  void Skip(const Step& step, Entry& entry, std::string why, const std::string& said) {
    Remember(entry);
    keys_.NotMade(step);
    if (entry.before != StepStatus::kSkipped) Change();
    entry.status = StepStatus::kSkipped;
    entry.wall_ns.reset();
    entry.exit_code.reset();
    entry.key.clear();
    entry.error.emplace(ErrorCode::kUnavailable, std::move(why));
    Note(fmt::format("{}: skipped: {}", entry.title, said));
    Save();
  }

  void NeedRoom() const {
    std::error_code error;
    const auto space = fs::space(plan_.folder, error);
    if (error || space.available >= kLeastFree) return;
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: {} KiB are left on the disk: free some and run the same command again; what is done "
                            "so far is kept",
                            plan_.folder.string(), space.available >> 10));
  }

  void NoteResultTrouble(const Step& step) {
    if (const std::string trouble = standing_.ResultTrouble(step); !trouble.empty())
      Note(fmt::format("{}: {}; the step is done again", step.title, trouble));
  }

  // The step's words for this call: of a measurement also its name in the store, and whether it goes on with one.
  std::vector<std::string> Prepare(const Step& step, const std::string& key, Entry& entry) {
    const std::string& there = entry.kept && entry.key.empty() ? entry.kept->key : entry.key;
    const bool same = there == key && !key.empty();
    // Training goes on in its folder, `convert --all` keeps what is current; the others begin with nothing.
    const bool broken_off = same && (entry.before == StepStatus::kRunning);
    const bool forced = standing_.Forced(step) && !broken_off;
    if (!step.rows && (!same || forced || step.folders.empty())) files_.MakeRoom(step, entry);
    files_.MakeRoomForResult(step, entry);
    if (!forced) files_.TakeUp(step, key);
    std::vector<std::string> words = keys_.WordsOf(step);
    if (step.role.empty()) return words;
    // A store that was moved away has none of them.
    const fs::path store = StoreOf(plan_.folder);
    std::erase_if(entry.earlier, [&](int64_t campaign) { return !StoreHas(store, campaign); });
    // The same again, whose result was lost: what it is compared with stays.
    if (entry.kept && (entry.kept->key != key || forced)) {
      if (entry.campaign && StoreHas(store, *entry.campaign) &&
          (entry.earlier.empty() || entry.earlier.back() != *entry.campaign))
        entry.earlier.push_back(*entry.campaign);
    }
    const std::set<std::string> names = StoreNames(store);
    entry.fresh = forced || (broken_off && entry.fresh);
    const bool resumes = broken_off && !entry.store_name.empty() && names.contains(entry.store_name);
    if (!broken_off || entry.store_name.empty()) {
      entry.store_name = step.role;
      for (int n = 2; names.contains(entry.store_name); ++n) entry.store_name = fmt::format("{}-{}", step.role, n);
    }
    const auto name = std::find(words.begin(), words.end(), "--name");
    *std::next(name) = entry.store_name;
    if (entry.fresh) std::erase(words, "--reuse");
    entry.words = words;
    if (resumes) words.emplace_back("--resume");
    return words;
  }

  void Do(const Step& step, size_t i) {
    Entry& entry = *state_.Find(step.name);
    if (!step.skip.empty()) return Skip(step, entry, step.skip, step.skip);
    if (const auto missing = keys_.Missing(step); !missing.empty()) {
      Blame::Words words = blame_.Of(step, missing[0]);
      return Skip(step, entry, std::move(words.why), words.said);
    }
    if (!standing_.Forced(step) && standing_.Current(step)) {
      if (entry.kept) return KeepAgain(step, entry);
      Keep(entry);
      return Save();
    }
    NeedRoom();
    if (!standing_.Forced(step)) NoteResultTrouble(step);
    Remember(entry);
    Save();
    const std::string key = keys_.Of(step, keys_.WordsOf(step));
    const std::vector<std::string> words = Prepare(step, key, entry);
    if (step.stage == "report") Gather();
    Execute(step, i, key, words, entry);
  }

  // What this campaign did before it was broken off is its own work, and counts among its times.
  void Keep(Entry& entry) const {
    entry.status = goes_on_ && entry.before == StepStatus::kOk ? StepStatus::kOk : StepStatus::kReused;
  }

  // What an attempt failed to replace is what the file asks for again.
  void KeepAgain(const Step& step, Entry& entry) {
    files_.PutBackResult(step);
    const std::shared_ptr<const Entry> kept = entry.kept;
    entry = *kept;
    entry.title = step.title;
    entry.status = StepStatus::kReused;
    Change();
    Save();
  }

  // Before anything becomes of it: an attempt that comes to nothing takes nothing with it. A report is of what there
  // is.
  void Remember(Entry& entry) {
    if (entry.stage == "report" || (entry.before != StepStatus::kOk && entry.before != StepStatus::kReused)) return;
    Entry kept = entry;
    kept.status = kept.before;
    // The file may call by another name what it asks for now.
    if (const Entry* earlier = standing_.Earlier(entry.name)) kept.title = earlier->title;
    entry.kept = std::make_shared<const Entry>(std::move(kept));
    entry.before = StepStatus::kPending;
    entry.key.clear();
  }

  void Execute(const Step& step, size_t i, const std::string& key, const std::vector<std::string>& words,
               Entry& entry) {
    if (step.role.empty()) entry.words = words;
    // The part of a step that was broken off and now goes on.
    const int64_t earlier_ns =
        goes_on_ && entry.key == key && entry.before == StepStatus::kRunning ? entry.wall_ns.value_or(0) : 0;
    entry.key = key;
    entry.status = StepStatus::kRunning;
    entry.started_at = core::UtcNow();
    entry.error.reset();
    entry.wall_ns.reset();
    entry.exit_code.reset();
    entry.came_out.clear();
    entry.rows.clear();
    entry.outputs.clear();
    entry.json = step.json.empty() ? "" : fs::path(step.json).lexically_relative(plan_.folder).string();
    entry.log = LogName(step.name);
    Change();
    Save();
    std::error_code error;
    if (!step.json.empty()) fs::remove(step.json, error);
    // `convert` makes files, not folders; of a model that was trained the folder is there.
    if (step.stage == "convert") {
      for (const fs::path& output : step.outputs) fs::create_directories(output.parent_path(), error);
    }
    const std::string title = fmt::format("[{}] {}, {}", step.stage, Place(i), step.title);
    entry.status = StepStatus::kPending;  // for what is left, itself included
    const std::string left = Left(i);
    entry.status = StepStatus::kRunning;
    Say(fmt::format("{} ({})", title, left), true);
    const Ended ended = RunChild({.program = request_.program,
                                  .words = words,
                                  .log = plan_.folder / entry.log,
                                  // On a terminal there is one line for all of it.
                                  .heard =
                                      [&](const std::string& line) {
                                        Say(request_.live ? fmt::format("[{} {}] {}", step.stage, ShortPlace(i), line)
                                                          : fmt::format("{}: {}", title, line),
                                            false);
                                      },
                                  .interrupted = listener_.interrupted,
                                  .often = request_.live});
    in_steps_ns_ += ended.wall_ns;
    if (Interrupted()) {
      // The signal ends the child as well: it is not to blame, and the step goes on with the next call.
      state_.status = "stopped";
      entry.wall_ns = earlier_ns + ended.wall_ns;
      return Save();
    }
    entry.wall_ns = earlier_ns + ended.wall_ns;
    entry.exit_code = ended.exit_code;
    Judge(step, ended, entry);
    if (!entry.done()) return ComeToNothing(step, entry);
    if (const auto kept = entry.kept) {
      entry.kept.reset();
      files_.LetGo(step, *kept);
    }
    Save();
  }

  void ComeToNothing(const Step& step, Entry& entry) {
    keys_.NotMade(step);
    if (!entry.kept || !files_.Aside(step)) return Save();
    const std::string key = std::exchange(entry.key, "");
    Save();
    files_.PutBack(step, key);
  }

  // What came of it.
  void Judge(const Step& step, const Ended& ended, Entry& entry) {
    const Json result = step.json.empty() ? Json() : ReadResult(step.json);
    const bool cut_short =
        result.is_object() && (result.value("interrupted", Json()) == true || result.value("stopped", Json()) == true);
    const bool whole = !result.is_null() && !cut_short && ended.exit_code >= 0 && ended.exit_code != 2;
    const bool ok = step.rows ? whole : ended.exit_code == 0;
    entry.status = ok ? StepStatus::kOk : StepStatus::kFailed;
    entry.came_out = CameOut(step.stage, step.name, result);
    if (!ok) {
      const ErrorCode code = ended.exit_code == 2   ? ErrorCode::kUsage
                             : ended.exit_code == 1 ? ErrorCode::kMismatch
                             : ended.exit_code == 3 ? ErrorCode::kEngineFailed
                                                    : ErrorCode::kInternal;
      std::string text = ended.complaint;
      if (const auto rows = result.find("rows"); step.stage == "convert" && rows != result.end() && !rows->empty()) {
        const Json& failed = rows->back().value("error", Json());
        if (failed.is_object()) text = failed.value("text", text);
      }
      text = InWordsOfTheFile(request_.options, step, text);
      entry.error.emplace(code, text);
      Note(fmt::format("{}: failed: {} (all of it: {})", step.title, Shortened(text),
                       (plan_.folder / entry.log).string()));
      return;
    }
    if (step.rows && step.of.empty()) entry.rows = WorstRow(step.stage, result);
    if (!step.role.empty() && result.contains("campaign") && result["campaign"].is_number_integer())
      entry.campaign = result["campaign"].get<int64_t>();
    if (!step.role.empty()) {
      const bool again = entry.kept && entry.kept->key == entry.key && !entry.fresh;
      entry.fresh = false;
      std::string models;
      for (const fs::path& input : step.inputs) models += contents_.Of(input) + "\n";
      models = core::Sha256Hex(models);
      if (!again) entry.model_changed = !entry.models.empty() && entry.models != models;
      entry.models = std::move(models);
    }
    for (const fs::path& output : step.outputs) {
      const bool ours = Within(output, plan_.folder);
      // A format that could not be made is no output.
      if (const std::string sha256 = contents_.Of(output); !sha256.empty())
        entry.outputs[ours ? output.lexically_relative(plan_.folder).string() : output.string()] = sha256;
    }
  }

  // What the measurement found before, against what it found now.
  void Compare(const Step& planned, size_t i) {
    const Entry* measured = state_.Find(planned.of);
    if (!measured || !measured->done() || measured->earlier.empty() || !measured->campaign) return;
    Step step = planned;
    // Copies: an entry that is put in between the others moves them.
    const int64_t old_campaign = measured->earlier.back(), new_campaign = *measured->campaign;
    const bool model_changed = measured->model_changed;
    step.words = {"compare",
                  std::to_string(old_campaign),
                  std::to_string(new_campaign),
                  "--changes",
                  "--store",
                  StoreOf(plan_.folder).string(),
                  "--json",
                  step.json};
    Entry* entry = state_.Find(step.name);
    if (!entry) {
      const auto after = std::find_if(state_.steps.begin(), state_.steps.end(),
                                      [&](const Entry& each) { return each.name == step.of; });
      entry =
          &*state_.steps.insert(std::next(after), Entry{.name = step.name, .stage = step.stage, .title = step.title});
    }
    const std::string key = keys_.Of(step, step.words);
    if (entry->key == key && standing_.Current(step)) {
      Keep(*entry);
    } else {
      NeedRoom();
      NoteResultTrouble(step);
      Execute(step, i, key, step.words, *entry);
    }
    if (!entry->done()) return;
    Json row = {{"step", step.of},
                {"old", old_campaign},
                {"new", new_campaign},
                {"model_changed", model_changed},
                {"json", fs::path(step.json).lexically_relative(plan_.folder).string()},
                {"verdicts", entry->came_out}};
    compared_.push_back(std::move(row));
  }

  // Before the report, which shows them.
  void Gather() {
    if (!compared_.empty()) state_.previous = {{"json", compared_[0]["json"]}, {"steps", compared_}};
    std::set<std::string> told;
    for (const Entry& entry : state_.steps) {
      if (entry.json.empty() || !entry.done()) continue;
      const auto step = std::find_if(plan_.steps.begin(), plan_.steps.end(),
                                     [&](const Step& each) { return each.name == entry.name; });
      for (std::string& warning : WarningsOf(entry.stage, entry.name, ReadResult(plan_.folder / entry.json), told)) {
        if (step != plan_.steps.end()) warning = InWordsOfTheFile(request_.options, *step, warning);
        if (std::find(state_.warnings.begin(), state_.warnings.end(), warning) == state_.warnings.end())
          state_.warnings.push_back(std::move(warning));
      }
    }
    const bool failed = std::any_of(state_.steps.begin(), state_.steps.end(),
                                    [](const Entry& entry) { return entry.status == StepStatus::kFailed; });
    state_.status = failed ? "failed" : "done";
  }

  void Finish() {
    Gather();
    if (Interrupted()) state_.status = "stopped";
    Save();
  }

  const Plan& plan_;
  const Request& request_;
  const Listener& listener_;
  Standing standing_;
  Contents& contents_;
  StepKeys& keys_;
  const KeptFiles& files_;
  State state_;
  Blame blame_;
  Preview preview_;  // of this call, before it began
  Json compared_ = Json::array();
  Clock::time_point began_ = Clock::now();
  int64_t wall_before_ = 0, overhead_before_ = 0, in_steps_ns_ = 0;
  bool goes_on_ = false;  // with what an earlier call was stopped in
};

std::optional<State> Before(const Plan& plan) {
  std::error_code error;
  auto state = ReadState(plan.folder);
  if (state && state->name != plan.name)
    throw Error(ErrorCode::kUsage, fmt::format("{}: holds the campaign '{}', and this one is '{}'; give another folder "
                                               "with --out",
                                               plan.folder.string(), state->name, plan.name));
  if (!state && fs::exists(plan.folder, error)) {
    // A call that was killed at once leaves its lock, and perhaps half a state under a hidden name.
    const bool ours = std::all_of(fs::directory_iterator(plan.folder, error), fs::directory_iterator(),
                                  [](const auto& each) { return each.path().filename().string().starts_with("."); });
    if (error || !ours)
      throw Error(ErrorCode::kUsage, fmt::format("{}: is there and is no campaign's folder; give another with --out",
                                                 plan.folder.string()));
  }
  // A damaged store would end the campaign at its first measurement.
  if (fs::exists(StoreOf(plan.folder), error)) store::OpenOfCampaign(StoreOf(plan.folder));
  return state;
}

}  // namespace

Preview Look(const Plan& plan, const Request& request) {
  return Standing(plan, request, {}, Before(plan)).Look();
}

State Run(const Spec& spec, const Plan& plan, const Request& request, const Listener& listener) {
  Before(plan);
  std::error_code error;
  fs::create_directories(plan.folder, error);
  if (error)
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be made: {}", plan.folder.string(), error.message()));
  const core::LockedFile lock = core::LockFile(plan.folder / ".campaign.lock", LOCK_EX | LOCK_NB);
  if (lock.state == core::LockedFile::State::kHeld)
    throw Error(
        ErrorCode::kUnavailable,
        fmt::format("{}: another `bakeoff run` is at work in it; wait for it, or give another folder with --out",
                    plan.folder.string()));
  if (lock.state != core::LockedFile::State::kLocked)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: cannot be locked: {}", plan.folder.string(), std::strerror(lock.error)));
  return Runner(plan, request, listener, Before(plan)).Run(spec);
}

int ExitCode(const State& state) {
  if (state.status == "stopped" || state.status == "running") return 130;
  bool differ = false;
  for (const Entry& entry : state.steps) {
    if (entry.status == StepStatus::kFailed || (entry.done() && entry.rows == "failed"))
      return ExitCodeFor(ErrorCode::kEngineFailed);
    differ = differ || (entry.done() && entry.rows == "mismatch");
  }
  return differ ? ExitCodeFor(ErrorCode::kMismatch) : 0;
}

}  // namespace bakeoff::campaign
