// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One step after the other.
#include "campaign/campaign.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "campaign/came_out.h"
#include "campaign/child.h"
#include "campaign/contents.h"
#include "campaign/kept_files.h"
#include "campaign/paths.h"
#include "campaign/step_keys.h"
#include "core/file_lock.h"
#include "core/files.h"
#include "core/sha256.h"
#include "core/text.h"
#include "core/utc_time.h"
#include "store/store.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kStore = "results.db";
constexpr uint64_t kLeastFree = uint64_t{16} << 20;

size_t StageIndex(std::string_view stage) {
  return static_cast<size_t>(std::find(kStages.begin(), kStages.end(), stage) - kStages.begin());
}

// The names of campaigns in the store, and which of them are whole.
std::set<std::string> StoreNames(const fs::path& file) {
  std::set<std::string> names;
  std::error_code error;
  if (!fs::exists(file, error)) return names;
  const store::Store store(file, store::Store::Mode::kRead);
  for (const store::Campaign& campaign : store.Campaigns(0)) names.insert(campaign.name);
  return names;
}

bool StoreHas(const fs::path& file, int64_t campaign) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  try {
    const store::Store store(file, store::Store::Mode::kRead);
    return store.Find(campaign).state == store::CampaignState::kDone;
  } catch (const Error&) {
    return false;
  }
}

class Runner {
 public:
  Runner(const Plan& plan, const Request& request, const Listener& listener, std::optional<State> before)
      : plan_(plan),
        request_(request),
        listener_(listener),
        before_(std::move(before)),
        contents_(before_ ? before_->contents : Json()),
        keys_(plan, request.version, contents_),
        files_(plan.folder, [this](const std::string& text) { Note(text); }) {
    CheckStages();
  }

  Preview Look() {
    for (const Step& step : plan_.steps) NeedBefore(step);
    Preview preview;
    std::vector<const Step*> to_do;
    for (const Step& step : plan_.steps) {
      const bool compares = !step.of.empty();
      const bool waits =
          std::any_of(to_do.begin(), to_do.end(), [&](const Step* other) { return Feeds(*other, step); });
      const bool done = !Wanted(step) || (!waits && !Forced(step) && Current(step)) || compares;
      preview.done.push_back(done);
      preview.step_seconds.push_back(done || !step.skip.empty() ? 0 : SecondsOf(step));
      if (done || !step.skip.empty()) continue;
      to_do.push_back(&step);
      preview.seconds += preview.step_seconds.back();
      preview.bytes += step.bytes;
    }
    return preview;
  }

  State Run(const Spec& spec) {
    Recover();
    preview_ = Look();
    Begin(spec);
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      if (Interrupted()) break;
      if (!Wanted(step)) {
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
  void CheckStages() const {
    std::vector<std::string> known(kStages.begin(), kStages.end());
    for (const auto& [option, stage] : {std::pair{"--from", request_.from}, {"--only", request_.only}}) {
      if (stage.empty()) continue;
      core::NeedOneOf(option, stage, known);
      if (std::none_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& step) { return step.stage == stage; }))
        throw Error(ErrorCode::kUsage, fmt::format("{} {}: this campaign has no such stage", option, stage));
    }
  }

  bool Interrupted() const { return listener_.interrupted && listener_.interrupted(); }
  bool Wanted(const Step& step) const { return request_.only.empty() || step.stage == request_.only; }
  bool Forced(const Step& step) const {
    return !request_.from.empty() && StageIndex(step.stage) >= StageIndex(request_.from);
  }

  // Whether what one makes is an input of the other.
  static bool Feeds(const Step& one, const Step& other) {
    if (other.stage == "report") return true;
    for (const fs::path& output : one.outputs) {
      for (const auto* list : {&other.inputs, &other.optional}) {
        if (std::any_of(list->begin(), list->end(),
                        [&](const fs::path& input) { return Within(input, output) || Within(output, input); }))
          return true;
      }
    }
    return false;
  }

  Entry* Earlier(std::string_view step) { return before_ ? before_->Find(step) : nullptr; }

  // The last time that it was done.
  const Entry* LastDone(std::string_view step) {
    const Entry* earlier = Earlier(step);
    return !earlier || earlier->done() ? earlier : earlier->kept.get();
  }

  double SecondsOf(const Step& step) {
    const Entry* done = LastDone(step.name);
    return done && done->wall_ns ? static_cast<double>(*done->wall_ns) / 1e9 : step.seconds;
  }

  // Whether an attempt was cut short that can go on.
  bool BrokenOff(const Entry& entry, const std::string& key) const {
    return entry.status == StepStatus::kRunning && entry.key == key && !key.empty();
  }

  bool Current(const Step& step) {
    const Entry* done = LastDone(step.name);
    if (!done || !step.skip.empty() || !keys_.Missing(step).empty()) return false;
    if (step.stage == "report" && !nothing_done_) return false;
    std::error_code error;
    const bool kept = done != Earlier(step.name);
    if (!step.json.empty() && !fs::exists(step.json, error) && !(kept && files_.ResultAside(step))) return false;
    if (!step.role.empty() && !(done->campaign && StoreHas(plan_.folder / kStore, *done->campaign))) return false;
    const std::string key = keys_.Of(step, keys_.WordsOf(step));
    if (kept && BrokenOff(*Earlier(step.name), key)) return false;
    return done->key == key && keys_.OutputsAreThere(*done);
  }

  // A call that was killed may have left aside what a step made before. It belongs there while the attempt goes on.
  void Recover() {
    for (const Step& step : plan_.steps) {
      Entry* entry = Earlier(step.name);
      if (!entry || !entry->kept || !files_.Aside(step)) continue;
      if (keys_.Missing(step).empty() && BrokenOff(*entry, keys_.Of(step, keys_.WordsOf(step)))) continue;
      const std::string key = std::exchange(entry->key, "");
      if (entry->status == StepStatus::kRunning) entry->status = StepStatus::kPending;
      WriteState(plan_.folder, *before_);
      files_.PutBack(step, key);
    }
  }

  void Begin(const Spec& spec) {
    goes_on_ = before_ && (before_->status == "running" || before_->status == "stopped");
    state_ = {.name = spec.name,
              .title = spec.title,
              .created_at = before_ ? before_->created_at : core::UtcNow(),
              .status = "running",
              .version = request_.version,
              .revision = request_.revision,
              .wall_ns = goes_on_ ? before_->wall_ns : 0,
              .host_overhead_ns = goes_on_ ? before_->host_overhead_ns : 0,
              .baseline = plan_.baseline,
              .previous = before_ ? before_->previous : Json(),
              .warnings = plan_.warnings};
    wall_before_ = state_.wall_ns;
    overhead_before_ = state_.host_overhead_ns;
    for (const Step& step : plan_.steps) {
      const Entry* earlier = Earlier(step.name);
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
    Save();
    for (const char* folder : {"json", "log"}) fs::create_directories(plan_.folder / folder);
    core::WriteFileAtomically(plan_.folder / "campaign.yaml", spec.text);
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
      if (!plan_.steps[k].of.empty() || !Wanted(plan_.steps[k])) continue;
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

  // Another stage than the one that is asked for: as it was.
  void Leave(const Step& step) {
    Entry* entry = state_.Find(step.name);
    if (!entry) return;
    if (entry->kept && Current(step)) return KeepAgain(step, *entry);
    entry->status = entry->before == StepStatus::kRunning ? StepStatus::kPending : entry->before;
  }

  // With --only, a step before the stage must be what the file says.
  void NeedBefore(const Step& step) {
    // A report is of what there is, failures included.
    if (Wanted(step) || StageIndex(step.stage) > StageIndex(request_.only) || request_.only == "report") return;
    if (!step.of.empty() || !FeedsWanted(step) || Current(step)) return;
    throw Error(ErrorCode::kUsage,
                fmt::format("--only {}: the step {} before it is not done, or the campaign file or what it uses has "
                            "changed since; run it first: leave --only out, or give --only {}",
                            request_.only, step.name, step.stage));
  }

  bool FeedsWanted(const Step& step) const {
    return std::any_of(plan_.steps.begin(), plan_.steps.end(),
                       [&](const Step& other) { return Wanted(other) && Feeds(step, other); });
  }

  void Skip(const Step& step, Entry& entry, std::string why, const std::string& said) {
    Remember(entry);
    keys_.NotMade(step);
    nothing_done_ = nothing_done_ && entry.before == StepStatus::kSkipped;
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

  std::string TitleOf(const std::string& step) {
    const Entry* entry = state_.Find(step);
    return entry ? entry->title : step;
  }

  // The first line of what it said, up to `end`; a list below it begins with a colon, which would say nothing here.
  static std::string ReasonOf(const Entry& entry, size_t end) {
    std::string_view text = entry.error->text();
    text = text.substr(0, std::min(text.find('\n'), end));
    while (text.ends_with(':') || text.ends_with(' ')) text.remove_suffix(1);
    return core::Brief(text);
  }

  // Why a step is skipped: the first step on the way to the file that did not do its work, and its own reason.
  std::string WhyMissing(const Step& skipped, const fs::path& path) {
    std::error_code error;
    const std::string missing =
        fmt::format("{} {}", path.string(), fs::exists(path, error) ? "was not made anew" : "is not there");
    for (const Step& step : plan_.steps) {
      if (std::none_of(step.outputs.begin(), step.outputs.end(),
                       [&](const fs::path& out) { return Within(path, out); }))
        continue;
      const auto earlier = culprits_.find(step.name);
      const std::string& culprit = earlier == culprits_.end() ? step.name : earlier->second;
      culprits_[skipped.name] = culprit;
      const Entry* entry = state_.Find(culprit);
      if (!entry || !entry->error) return fmt::format("{}: '{}' did not make it", missing, TitleOf(culprit));
      return fmt::format("{}, because '{}' {}: {}", missing, TitleOf(culprit),
                         entry->status == StepStatus::kSkipped ? "was skipped" : "failed",
                         ReasonOf(*entry, std::string::npos));
    }
    return missing;
  }

  std::string Briefly(const std::string& culprit) {
    const Entry* entry = state_.Find(culprit);
    const std::string did = fmt::format("'{}' did not do its work", TitleOf(culprit));
    return entry && entry->error ? fmt::format("{} ({})", did, ReasonOf(*entry, entry->error->text().find("; "))) : did;
  }

  // What one step failed to make may be missed by twenty: its reason is said once.
  void SkipFor(const Step& step, const fs::path& path, Entry& entry) {
    std::string why = WhyMissing(step, path);
    const auto culprit = culprits_.find(step.name);
    std::string said =
        culprit == culprits_.end() || blamed_.insert(culprit->second).second ? why : Briefly(culprit->second);
    Skip(step, entry, std::move(why), said);
  }

  // The step's words for this call: of a measurement also its name in the store, and whether it goes on with one.
  std::vector<std::string> Prepare(const Step& step, const std::string& key, Entry& entry) {
    const std::string& there = entry.kept && entry.key.empty() ? entry.kept->key : entry.key;
    const bool same = there == key && !key.empty();
    // Training goes on in its folder, `convert --all` keeps what is current; the others begin with nothing.
    const bool broken_off = same && (entry.before == StepStatus::kRunning);
    const bool forced = Forced(step) && !broken_off;
    if (!step.rows && (!same || forced || step.folders.empty())) files_.MakeRoom(step, entry);
    files_.MakeRoomForResult(step, entry);
    if (!forced) files_.TakeUp(step, key);
    std::vector<std::string> words = keys_.WordsOf(step);
    if (step.role.empty()) return words;
    // A store that was moved away has none of them.
    const fs::path store = plan_.folder / kStore;
    std::erase_if(entry.earlier, [&](int64_t campaign) { return !StoreHas(store, campaign); });
    if (entry.kept) {
      if (entry.campaign && StoreHas(store, *entry.campaign) &&
          (entry.earlier.empty() || entry.earlier.back() != *entry.campaign))
        entry.earlier.push_back(*entry.campaign);
    }
    const std::set<std::string> names = StoreNames(plan_.folder / kStore);
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
    if (const auto missing = keys_.Missing(step); !missing.empty()) return SkipFor(step, missing[0], entry);
    if (!Forced(step) && Current(step)) {
      if (entry.kept) return KeepAgain(step, entry);
      Keep(entry);
      return Save();
    }
    NeedRoom();
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
    nothing_done_ = false;
    Save();
  }

  // Before anything becomes of it: an attempt that comes to nothing takes nothing with it. A report is of what there
  // is.
  static void Remember(Entry& entry) {
    if (entry.stage == "report" || (entry.before != StepStatus::kOk && entry.before != StepStatus::kReused)) return;
    Entry kept = entry;
    kept.status = kept.before;
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
    entry.log = fmt::format("log/{}.log", step.name);
    nothing_done_ = false;
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
      entry.fresh = false;
      std::string models;
      for (const fs::path& input : step.inputs) models += contents_.Of(input) + "\n";
      models = core::Sha256Hex(models);
      entry.model_changed = !entry.models.empty() && entry.models != models;
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
    const int64_t old_campaign = measured->earlier.back(), new_campaign = *measured->campaign;
    step.words = {"compare", std::to_string(old_campaign),     std::to_string(new_campaign),
                  "--store", (plan_.folder / kStore).string(), "--json",
                  step.json};
    Entry* entry = state_.Find(step.name);
    if (!entry) {
      const auto after = std::find_if(state_.steps.begin(), state_.steps.end(),
                                      [&](const Entry& each) { return each.name == step.of; });
      entry =
          &*state_.steps.insert(std::next(after), Entry{.name = step.name, .stage = step.stage, .title = step.title});
    }
    const std::string key = keys_.Of(step, step.words);
    if (entry->key == key && Current(step)) {
      Keep(*entry);
    } else {
      NeedRoom();
      Execute(step, i, key, step.words, *entry);
    }
    if (!entry->done()) return;
    Json row = {{"step", step.of},
                {"old", old_campaign},
                {"new", new_campaign},
                {"model_changed", measured->model_changed},
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
  std::optional<State> before_;
  Contents contents_;
  StepKeys keys_;
  KeptFiles files_;
  State state_;
  Preview preview_;  // of this call, before it began
  Json compared_ = Json::array();
  std::map<std::string, std::string> culprits_;  // of steps that were skipped for want of a file: who did not make it
  std::set<std::string> blamed_;                 // of those, whose reason was said
  Clock::time_point began_ = Clock::now();
  int64_t wall_before_ = 0, overhead_before_ = 0, in_steps_ns_ = 0;
  bool nothing_done_ = true;
  bool goes_on_ = false;  // with what an earlier call was stopped in
};

// A damaged store would end the campaign at its first measurement.
void NeedStore(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return;
  try {
    const store::Store store(file, store::Store::Mode::kRead);
    store.Campaigns(1);
  } catch (const Error& failed) {
    throw Error(failed.code(),
                fmt::format("{}: the campaign's measurements cannot be read ({}); move the file away, and the same "
                            "command measures again: everything else is kept",
                            file.string(), failed.text().substr(0, failed.text().find("; "))));
  }
}

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
  NeedStore(plan.folder / kStore);
  return state;
}

}  // namespace

Preview Look(const Plan& plan, const Request& request) {
  return Runner(plan, request, {}, Before(plan)).Look();
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
