// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shapes from one model to another: by name where names agree, by place where they do not, by meaning of axes always.
#include "verify/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/onnx_ports.h"
#include "core/shapes.h"

namespace bakeoff::verify {
namespace {

struct Readable {
  std::vector<TensorSpec> inputs;
  core::AxisNames axes;
};

// Inputs that the host can read by itself; nullopt where an engine must be asked.
std::optional<Readable> ReadByHost(const Artifact& artifact) {
  if (!artifact.inputs.empty()) return Readable{artifact.inputs, {}};
  if (artifact.format != "onnx") return std::nullopt;
  try {
    core::OnnxPorts ports = core::ReadOnnxPorts(artifact.path);
    // An unknown rank reads like a scalar: nothing is to be concluded from either.
    if (ports.inputs.empty() ||
        std::any_of(ports.inputs.begin(), ports.inputs.end(), [](const auto& spec) { return spec.shape.empty(); }))
      return std::nullopt;
    return Readable{std::move(ports.inputs), std::move(ports.axes)};
  } catch (const Error&) {
    return std::nullopt;  // the engines say it, with all that they know
  }
}

bool HasInnerFree(const TensorSpec& spec) {
  return spec.shape.size() > 1 && std::count(spec.shape.begin() + 1, spec.shape.end(), kFree) > 0;
}

// Place of `name` among `specs`, or of the same place in `others` under another name; -1: nowhere.
int PlaceOf(const std::string& name, const std::vector<TensorSpec>& specs, const std::vector<TensorSpec>* others) {
  const auto place = [&](const std::vector<TensorSpec>& in) {
    const auto found = std::find_if(in.begin(), in.end(), [&](const TensorSpec& spec) { return spec.name == name; });
    return found == in.end() ? -1 : static_cast<int>(found - in.begin());
  };
  if (name.empty()) return specs.size() == 1 ? 0 : -1;
  if (const int at = place(specs); at >= 0) return at;
  return others && others->size() == specs.size() ? place(*others) : -1;
}

// Engines differ in what they make of an input without a shape: one takes it for a scalar, another for nothing.
void RefuseUnknownRank(const Artifact& artifact) {
  if (artifact.format != "onnx" || !artifact.inputs.empty()) return;
  std::vector<std::string> rankless;
  try {
    rankless = core::ReadOnnxPorts(artifact.path).rankless;
  } catch (const Error&) {
    return;  // the engines say it, with all that they know
  }
  if (!rankless.empty())
    throw Error(ErrorCode::kUsage,
                fmt::format("{}: input '{}' has no shape in the model, not even a number of axes, and "
                            "engines differ in what they make of that; write its shape into the model",
                            artifact.path, rankless.front()));
}

}  // namespace

Network::Network(std::vector<Artifact> models, const std::map<std::string, Shape>& said, const InputChoices& choices)
    : models_(std::move(models)), choices_(choices), readable_(models_.size(), false) {
  for (size_t i = 0; i < models_.size(); ++i) {
    auto told = ReadByHost(models_[i]);
    readable_[i] = told.has_value();
    if (told) told_[i] = {std::move(told->inputs), std::move(told->axes), {}};
  }
  choices_.ranges = SaidOf(choices.ranges, models_);
  choices_.files = SaidOf(choices.files, models_);
  choices_.pictures = SaidOf(choices.pictures, models_);
  TakeSaid(said);
  TakeShapesOfFiles();
}

// What was said of another model of the network is in its axes and under its name.
void Network::TakeSaid(const std::map<std::string, Shape>& said) {
  said_ = SaidOf(said, models_);
  for (const auto& [name, shape] : said) {
    const auto mine = NameFor(name, models_);
    if (!mine || mine->model <= 0) continue;
    const auto index = static_cast<size_t>(mine->model);
    const auto first = told_.find(0), theirs = told_.find(index);
    std::string own = mine->input;
    if (first != told_.end() && theirs != told_.end()) {
      const int place = PlaceOf(own, first->second.specs, &theirs->second.specs);
      if (place >= 0) own = first->second.specs[static_cast<size_t>(place)].name;
    }
    said_.erase(mine->input);
    said_[own] = InAxesOf(0, own, shape, index, mine->input);
  }
}

void Network::TakeShapesOfFiles() {
  const auto first = told_.find(0);
  if (first == told_.end()) return;
  const auto& specs = first->second.specs;
  for (const TensorSpec& spec : specs) {
    const auto of = [&](const auto& by_name) {
      const auto found = by_name.find(spec.name);
      return found != by_name.end() || specs.size() > 1 ? found : by_name.find("");
    };
    const auto file = of(choices_.files);
    if (file == choices_.files.end() || file->second.shape.size() != spec.shape.size()) continue;
    const auto said = of(said_);
    Shape shape = said == said_.end() ? Shape(spec.shape.size(), kFree) : said->second;
    if (shape.size() != spec.shape.size()) continue;
    bool taken = false;
    for (size_t axis = 1; axis < shape.size(); ++axis) {
      if (shape[axis] != kFree || spec.shape[axis] != kFree) continue;
      shape[axis] = file->second.shape[axis];
      taken = true;
    }
    if (taken) said_[said == said_.end() ? spec.name : said->first] = std::move(shape);
  }
}

size_t Network::IndexOf(const Artifact& artifact) const {
  const auto found =
      std::find_if(models_.begin(), models_.end(), [&](const Artifact& model) { return SameModel(model, artifact); });
  if (found == models_.end()) throw Error(ErrorCode::kInternal, artifact.path + " is no model of this network");
  return static_cast<size_t>(found - models_.begin());
}

// --shape beside a batch: the first extent is left to the batch.
std::map<std::string, Shape> Network::Said(int64_t batch) const {
  auto shapes = said_;
  for (auto& [name, shape] : shapes) {
    if (batch > 0 && !shape.empty()) shape[0] = kFree;
  }
  return shapes;
}

Shape Network::InAxesOf(size_t index, const std::string& name, const Shape& shape, size_t from,
                        const std::string& from_name) const {
  const Layout mine = LayoutOf(models_[index], name, shape.size());
  const Layout theirs = LayoutOf(models_[from], from_name, shape.size());
  // Where nobody says what the axes of one of them mean, they are taken as they are.
  if (index == from || mine.axes.empty() || theirs.axes.empty()) return shape;
  const Shape canonical = Permuted(shape, CanonicalAxes(theirs, shape.size()));
  return Permuted(canonical, Inverse(CanonicalAxes(mine, shape.size())));
}

// What the user said, in this model's axes, under the model's names as far as they are known.
std::map<std::string, Shape> Network::NamedSaid(size_t index, int64_t batch) const {
  const auto mine = told_.find(index);
  const auto first = told_.find(0);
  std::map<std::string, Shape> shapes;
  for (const auto& [name, shape] : Said(batch)) {
    std::string own = name, theirs = name;
    if (mine != told_.end()) {
      const int place = PlaceOf(name, mine->second.specs, first == told_.end() ? nullptr : &first->second.specs);
      if (place >= 0) own = mine->second.specs[static_cast<size_t>(place)].name;
    }
    if (first != told_.end()) {
      const int place = PlaceOf(name, first->second.specs, nullptr);
      if (place >= 0) theirs = first->second.specs[static_cast<size_t>(place)].name;
    }
    shapes[own] = InAxesOf(index, own, shape, 0, theirs);
  }
  return shapes;
}

// Inputs of the first other model that tells all its shapes, in the axes of model `index`: a free batch stays free.
std::optional<std::pair<size_t, std::vector<TensorSpec>>> Network::Sibling(size_t index, int64_t batch) const {
  for (const auto& [other, told] : told_) {
    if (other == index) continue;
    std::map<std::string, Shape> shapes;
    if (const auto known = told.shapes.find(batch); known != told.shapes.end()) {
      shapes = known->second;
    } else {
      try {
        shapes = core::CompleteShapes(told.specs, NamedSaid(other, batch), batch);
      } catch (const Error&) {
        continue;  // it does not tell enough
      }
    }
    std::vector<TensorSpec> specs;
    for (const TensorSpec& spec : told.specs) {
      Shape shape = shapes.at(spec.name);
      if (!shape.empty() && spec.shape[0] == kFree) shape[0] = kFree;
      specs.push_back({spec.name, spec.type, InAxesOf(index, spec.name, shape, other, spec.name)});
    }
    return std::pair(other, std::move(specs));
  }
  return std::nullopt;
}

Network::Way Network::OfReadable(size_t index, int64_t batch) const {
  Way way{models_[index], NamedSaid(index, batch), ""};
  const auto& specs = told_.at(index).specs;
  const auto lacks = [&](const TensorSpec& spec) { return HasInnerFree(spec) && !way.shapes.contains(spec.name); };
  if (std::none_of(specs.begin(), specs.end(), lacks)) return way;
  const auto sibling = Sibling(index, batch);
  if (!sibling) return way;
  for (const TensorSpec& spec : specs) {
    const int place = PlaceOf(spec.name, sibling->second, &specs);
    if (!lacks(spec) || place < 0) continue;
    Shape shape = sibling->second[static_cast<size_t>(place)].shape;
    if (shape.size() != spec.shape.size()) continue;
    if (batch > 0) shape[0] = kFree;
    way.shapes[spec.name] = std::move(shape);
    way.from = models_[sibling->first].path;
  }
  return way;
}

std::vector<Network::Way> Network::Ways(size_t index, int64_t batch) const {
  if (readable_[index]) return {OfReadable(index, batch)};
  std::vector<Way> ways{{models_[index], NamedSaid(index, batch), ""}};
  const auto& given = ways[0].shapes;
  // One shape: the model may call its only input otherwise.
  if (given.size() == 1 && !given.begin()->first.empty())
    ways.push_back({models_[index], {{"", given.begin()->second}}, ""});
  const auto sibling = Sibling(index, batch);
  if (!sibling) return ways;
  const std::string& from = models_[sibling->first].path;
  // As the host's description, for engines whose format tells nothing; as shapes, for models with free extents.
  Way described{models_[index], {}, from};
  described.artifact.inputs = sibling->second;
  ways.push_back(described);
  Way shaped{models_[index], {}, from};
  for (const TensorSpec& spec : sibling->second)
    shaped.shapes[sibling->second.size() == 1 ? "" : spec.name] = spec.shape;
  ways.push_back(std::move(shaped));
  return ways;
}

Opened Network::Open(const std::string& engine, bool plain, const Start& start, worker::LoadRequest request,
                     std::chrono::milliseconds limit) {
  const size_t index = IndexOf(request.artifact);
  const auto key = std::tuple(index, engine, request.batch);
  const auto known = working_.find(key);
  std::vector<Way> ways;
  if (plain) {
    ways.push_back({request.artifact, Said(request.batch), ""});
  } else if (known != working_.end()) {
    ways.push_back(known->second);
  } else {
    ways = Ways(index, request.batch);
  }
  if (plain && request.artifact.inputs.empty() && readable_[index])
    ways.front().artifact.inputs = told_.at(index).specs;
  std::optional<Error> refusal;
  // The model's file, or its whole folder: what the caller chose for this engine.
  const std::string path = request.artifact.path;
  const FormatId format = request.artifact.format;
  for (const Way& way : ways) {
    request.artifact = way.artifact;
    request.artifact.path = path;
    request.artifact.format = format;
    request.shapes = way.shapes;
    Opened opened{.session = start(), .reply = {}, .inputs = {}, .shapes_from = way.from};
    try {
      opened.reply = opened.session->Load(request, limit);
      const auto shapes = core::CompleteShapes(opened.reply.inputs, request.shapes, request.batch);
      opened.inputs = PortsOf(models_[index], opened.reply.inputs, shapes);
      // An engine that compiles for its shapes tells none as free: what was asked for, or the file, knows better.
      const auto file = told_.find(index);
      const bool by_file = readable_[index] && file->second.specs.size() == opened.inputs.size();
      const auto& specs = by_file ? file->second.specs : opened.reply.inputs;
      const bool said = std::any_of(request.shapes.begin(), request.shapes.end(), [](const auto& shape) {
        return !shape.second.empty() && shape.second[0] != kFree;
      });
      opened.batch = request.batch > 0 ? request.batch : BatchOf(opened.inputs, specs, opened.reply.outputs, said);
      if (!plain) {
        Told& told = told_[index];
        if (told.specs.empty()) told.specs = opened.reply.inputs;
        if (told.specs.size() == opened.reply.inputs.size()) told.shapes.try_emplace(request.batch, shapes);
        working_.insert_or_assign(key, way);
      }
      return opened;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) throw;
      if (!refusal) refusal = error;
    }
  }
  throw refusal.value_or(Error(ErrorCode::kInternal, "a model with no way to load it"));
}

std::optional<Ports> Network::Lead(int64_t batch) const {
  for (const auto& [index, told] : told_) {
    const auto known = told.shapes.find(batch);
    try {
      const auto shapes =
          known != told.shapes.end() ? known->second : core::CompleteShapes(told.specs, NamedSaid(index, batch), batch);
      return PortsOf(models_[index], told.specs, shapes);
    } catch (const std::exception&) {
      continue;  // it does not tell enough, or calls its inputs otherwise in another engine
    }
  }
  return std::nullopt;
}

bool Network::HasInput(const std::string& name) const {
  return std::any_of(told_.begin(), told_.end(), [&](const auto& told) {
    return std::any_of(told.second.specs.begin(), told.second.specs.end(),
                       [&](const TensorSpec& spec) { return spec.name == name; });
  });
}

void Network::Check(int64_t batch) const {
  for (size_t i = 0; i < models_.size(); ++i) {
    if (!readable_[i]) continue;
    const auto& specs = told_.at(i).specs;
    try {
      core::CheckShapes(specs, core::CompleteShapes(specs, OfReadable(i, batch).shapes, batch, told_.at(i).axes));
    } catch (const Error& error) {
      // A free extent may still be told by a model that only an engine can read.
      const bool may_borrow = std::count(readable_.begin(), readable_.end(), false) > 0 && said_.empty();
      if (error.code() == ErrorCode::kUsage && !may_borrow) throw error.With(models_[i].path);
    }
  }
}

void CheckRequest(const std::vector<Artifact>& models, const std::map<std::string, Shape>& said,
                  const InputChoices& given, int64_t batch) {
  for (const Artifact& model : models) RefuseUnknownRank(model);
  const Network network(models, said, given);
  network.Check(batch);
  const InputChoices& choices = network.choices();
  if (!network.ReadsAll() || choices.SaysNothing()) return;
  const auto lead = network.Lead(batch);
  if (!lead) return;
  // A name may be one that only another model of the network has: that model's row will tell.
  const auto elsewhere = [&](const auto& said_of) {
    return std::any_of(said_of.begin(), said_of.end(), [&](const auto& pair) {
      return models.size() > 1 && !pair.first.empty() && network.HasInput(pair.first) &&
             std::none_of(lead->begin(), lead->end(), [&](const Port& port) { return port.name == pair.first; });
    });
  };
  if (!elsewhere(choices.files) && !elsewhere(choices.ranges) && !elsewhere(choices.pictures))
    MakeInputs(*lead, *lead, choices);
}

}  // namespace bakeoff::verify
