// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenVINO's models and messages, read the same way by the engine and the hop.
#include "openvino_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "core/onnx_skim.h"
#include "core/text.h"

namespace bakeoff {

ov::Core& OpenVinoCore() {
  static ov::Core* core = new ov::Core;  // never destroyed: its plugins' threads may outlive main()
  return *core;
}

// "2026.4.1-22982-cbb7dbe2f55-releases/2026/4" -> "2026.4.1"
std::string OpenVinoVersion() {
  const std::string build = ov::get_openvino_version().buildNumber;
  return build.substr(0, build.find('-'));
}

// Exceptions read "Exception from src/...:97:\nCheck 'x' failed at src/...:40:\nwhat happened\n": the last part is the
// telling one. A check may also stand at the end of a line that names the node.
std::string OpenVinoWords(std::string_view text) {
  std::vector<std::string> telling;
  for (std::string line : core::Split(text, '\n')) {
    static const char* const kNoise[] = {
        "Exception from ", "FrontEnd API failed", "Model wasn't fully", "Summary:", "-- ", "While validating node "};
    if (std::any_of(std::begin(kNoise), std::end(kNoise), [&](auto* n) { return line.starts_with(n); })) continue;
    const size_t check = line.find("Check '");
    if (check != line.npos && line.find("' failed at ", check) != line.npos) line.resize(check);
    line.resize(line.find_last_not_of(": ") + 1);
    if (line.empty() || std::find(telling.begin(), telling.end(), line) != telling.end()) continue;
    telling.push_back(line);
  }
  return core::Brief(telling.empty() ? std::string(text) : core::Join(telling, "; "));
}

std::string_view Between(std::string_view text, std::string_view before, std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return text.substr(0, text.find(after));
}

Error OpenVinoReadError(const std::exception& error, const Artifact& artifact) {
  const std::string_view text = error.what();
  const std::string file = std::filesystem::path(artifact.path).filename();
  const auto make = [&](ErrorCode code, const std::string& said) {
    return Error(code, fmt::format("{}: {}", file, said));
  };
  if (text.find("Could not open the file") != text.npos)
    return make(ErrorCode::kNotFound, "no such file: " + artifact.path);
  const core::OnnxFacts facts = artifact.format == "onnx" ? core::SkimOnnx(artifact.path) : core::OnnxFacts{};
  const auto missing =
      artifact.format == "onnx" ? core::MissingExternalFiles(artifact.path) : std::vector<std::string>{};
  if (!missing.empty())
    return make(ErrorCode::kNotFound,
                fmt::format("its weights are in files that do not lie beside it: {}; bring them too",
                            core::Join(missing, ", ")));
  // "No conversion rule found for operations: com.foo.Bar, Frobnicate-17"
  std::vector<std::string> lacking;
  for (const std::string& found : core::Split(Between(text, "No conversion rule found for operations: ", "\n"), ',')) {
    const std::string versioned = found.substr(found.rfind('.') + 1);
    const std::string nodes = core::WhichNodes(facts, versioned.substr(0, versioned.find('-')));
    lacking.push_back(found + (nodes.empty() ? "" : " of " + nodes));
  }
  if (!lacking.empty()) {
    return make(ErrorCode::kUnsupported,
                fmt::format("OpenVINO has no {} {}", lacking.size() == 1 ? "operator" : "operators",
                            core::Join(lacking, ", ")));
  }
  // "No translator found for Foo node."
  if (const std::string_view op = Between(text, "No translator found for ", " node"); !op.empty())
    return make(ErrorCode::kUnsupported, fmt::format("OpenVINO has no operator {}: {}", op, OpenVinoWords(text)));
  if (text.find("Unable to read the model") != text.npos) {
    return make(ErrorCode::kInvalidModel,
                fmt::format("OpenVINO sees no {} model in it; is it damaged, or of another format?", artifact.format));
  }
  return make(ErrorCode::kInvalidModel, OpenVinoWords(text));
}

namespace {

DType TypeOf(const ov::element::Type& type, const char* kind, const std::string& name) {
  static const std::map<std::string, DType> kTypes{
      {"f32", DType::kF32}, {"f16", DType::kF16},     {"bf16", DType::kBF16}, {"f64", DType::kF64},
      {"i8", DType::kI8},   {"u8", DType::kU8},       {"i16", DType::kI16},   {"i32", DType::kI32},
      {"i64", DType::kI64}, {"boolean", DType::kBool}};
  const auto found = kTypes.find(type.get_type_name());
  if (found != kTypes.end()) return found->second;
  throw Error(ErrorCode::kUnsupported, fmt::format("{} '{}' has elements of type {}, which Bakeoff cannot pass", kind,
                                                   name, type.get_type_name()));
}

// A tensor may have several names (those of operators that were merged into one); the file's own is the node's, with
// "/sink_port_0" behind it for outputs.
std::string NameOf(const ov::Output<const ov::Node>& port) {
  std::string name = port.get_node()->get_friendly_name();
  if (const size_t sink = name.find("/sink_port_"); sink != std::string::npos) name.resize(sink);
  const auto& names = port.get_names();
  return names.empty() || names.contains(name) ? name : port.get_any_name();
}

}  // namespace

TensorSpec OpenVinoSpec(const ov::Output<const ov::Node>& port, const char* kind) {
  TensorSpec spec{NameOf(port), DType::kF32, {}};
  spec.type = TypeOf(port.get_element_type(), kind, spec.name);
  const ov::PartialShape shape = port.get_partial_shape();
  if (shape.rank().is_dynamic()) return spec;
  for (const auto& extent : shape) spec.shape.push_back(extent.is_static() ? extent.get_length() : kFree);
  return spec;
}

}  // namespace bakeoff
