// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The table of formats, and what a file is by its content; its name only settles what content cannot.
#include "core/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bakeoff/error.h"
#include "core/conversion_record.h"
#include "core/files.h"
#include "core/format_probe.h"
#include "core/model_folder.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

constexpr std::array kTable = {
    FormatRow{"onnx", "ONNX", ".onnx", "NCHW", OwnReader::kOnnx},
    FormatRow{"ort", "ONNX Runtime's own format", ".ort", "NCHW", OwnReader::kOrt},
    FormatRow{"openvino", "OpenVINO IR", ".xml", "NCHW", OwnReader::kNetXml},
    FormatRow{"savedmodel", "TensorFlow SavedModel folder", "", "NHWC", OwnReader::kSavedModel},
    FormatRow{"frozen", "TensorFlow frozen graph", ".pb", "NHWC", OwnReader::kFrozen},
    FormatRow{"tflite", "TensorFlow Lite", ".tflite", "NHWC", OwnReader::kFlatbuffer},
    FormatRow{"torchscript", "TorchScript", ".pt", "NCHW", OwnReader::kNone, false},
    FormatRow{"exported", "PyTorch exported program", ".pt2", "NCHW"},
    FormatRow{"keras", "Keras", ".keras", "NHWC"},
    FormatRow{"keras-h5", "Keras HDF5", ".h5", "NHWC"},
    FormatRow{"folder", "model folder with model.json", "", ""},
};

// Other endings in use. One ending may stand for several formats.
struct Ending {
  std::string_view ending, id;
};
constexpr std::array kMoreEndings = {
    Ending{".pb", "onnx"},        Ending{".pth", "torchscript"},
    Ending{".ts", "torchscript"}, Ending{".torchscript", "torchscript"},
    Ending{".hdf5", "keras-h5"},  Ending{".pt", "exported"},
};

std::string_view Title(std::string_view id) {
  const FormatRow* row = FindFormat(id);
  return row ? row->title : id;
}

bool EndingFits(std::string_view ending, std::string_view id) {
  const FormatRow* row = FindFormat(id);
  return (row && row->ending == ending) ||
         std::any_of(kMoreEndings.begin(), kMoreEndings.end(),
                     [&](const Ending& other) { return other.ending == ending && other.id == id; });
}

// What the ending promises, for messages; "" for an ending that promises nothing.
std::string_view Promised(std::string_view ending) {
  for (const FormatRow& row : kTable) {
    if (!ending.empty() && row.ending == ending) return row.id;
  }
  for (const Ending& other : kMoreEndings) {
    if (other.ending == ending) return other.id;
  }
  return "";
}

Error Invalid(const fs::path& path, const std::string& why) {
  return Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", path.string(), why));
}

std::string KnownFormats() {
  std::vector<std::string> known;
  for (const FormatRow& row : kTable)
    known.push_back(row.ending.empty() ? std::string(row.title) : fmt::format("{} ({})", row.title, row.ending));
  return Join(known, ", ");
}

FormatId InZip(const fs::path& path) {
  const auto names = ZipNames(path);
  if (!names)
    throw Invalid(path,
                  "a zip file (TorchScript, Keras) that is cut short: its directory is missing; copy it again from "
                  "where it came");
  const auto any = [&](auto fits) { return std::any_of(names->begin(), names->end(), fits); };
  if (any([](const std::string& name) {
        return name.find("serialized_exported_program") != std::string::npos || name.ends_with("archive_format") ||
               name.ends_with("models/model.json");
      }))
    return "exported";
  if (any([](const std::string& name) {
        return name.ends_with("/constants.pkl") || name.find("/code/") != std::string::npos;
      }))
    return "torchscript";
  if (any([](const std::string& name) { return name == "model.weights.h5" || name == "model.weights.json"; }))
    return "keras";
  if (any([](const std::string& name) { return name.ends_with("/data.pkl"); })) {
    throw Invalid(path,
                  "a PyTorch file of weights without their network; save the program with torch.jit.save, or make a "
                  "model of one of our networks: bakeoff train --arch NAME --init FILE --epochs 0 --out DIR");
  }
  throw Invalid(path, "a zip file that holds no model that is known");
}

// ModelProto: ir_version is field 1, graph 7, opset_import 8. GraphDef: node is field 1, versions 4. SavedModel: schema
// version 1, meta graphs 2.
FormatId InProtobuf(const fs::path& path) {
  const ProtoFields message = TopLevelFields(path);
  const auto has = [&](uint32_t number, uint32_t wire_type) {
    return std::any_of(message.fields.begin(), message.fields.end(),
                       [&](const ProtoField& f) { return f.number == number && f.wire_type == wire_type; });
  };
  const bool onnx = has(7, 2) && (has(1, 0) || has(8, 2));
  if (onnx && message.cut_short > 0)
    throw Invalid(
        path, fmt::format(
                  "an ONNX model that is cut short: {} bytes are missing at its end; copy it again from where it came",
                  message.cut_short));
  if (onnx) return "onnx";
  if (message.whole && has(1, 0) && has(2, 2) && path.filename() == "saved_model.pb") {
    throw Invalid(path, fmt::format("part of a SavedModel; give its folder: {}",
                                    path.has_parent_path() ? path.parent_path().string() : "."));
  }
  // A frozen graph has no mark of its own; its name must agree.
  const bool nodes = has(1, 2) && std::all_of(message.fields.begin(), message.fields.end(),
                                              [](const ProtoField& f) { return f.number <= 5 && f.wire_type <= 2; });
  if (nodes && (message.whole || message.fields.size() >= 4096) && path.extension() == ".pb") return "frozen";
  return "";
}

FormatId InFile(const fs::path& path) {
  const std::string start = ReadStart(path, 4096);
  if (start.empty()) throw Invalid(path, "an empty file");
  const auto mark = [&](size_t at, std::string_view text) {
    return start.size() >= at + text.size() && std::string_view(start).substr(at, text.size()) == text;
  };
  if (mark(4, "TFL3")) return "tflite";
  if (mark(4, "ORTM")) return "ort";
  if (mark(0, "\x89HDF\r\n\x1a\n")) return "keras-h5";
  if (mark(0, "PK\x03\x04")) return InZip(path);
  const std::string_view text = Trim(std::string_view(start).substr(mark(0, "\xEF\xBB\xBF") ? 3 : 0));
  if (text.starts_with("<")) {
    // Comments may stand before the root element.
    if (text.find("<net ") != std::string_view::npos || text.find("<net>") != std::string_view::npos) return "openvino";
    throw Invalid(path, "an XML file that is no OpenVINO IR (its root is not <net>)");
  }
  if (start.starts_with("version https://git-lfs"))
    throw Invalid(path, "a Git LFS pointer, not the model; run: git lfs pull");
  return InProtobuf(path);
}

FormatId InFolder(const fs::path& path) {
  if (fs::exists(path / "model.json")) return "folder";
  if (fs::exists(path / "saved_model.pb") || fs::exists(path / "saved_model.pbtxt")) return "savedmodel";
  throw Error(ErrorCode::kUsage, fmt::format("{}: a folder with neither model.json (model folder) nor saved_model.pb "
                                             "(SavedModel) in it; name a model",
                                             path.string()));
}

}  // namespace

std::span<const FormatRow> Formats() {
  return kTable;
}

const FormatRow* FindFormat(std::string_view id) {
  const auto row =
      std::find_if(kTable.begin(), kTable.end(), [&](const FormatRow& candidate) { return candidate.id == id; });
  return row == kTable.end() ? nullptr : &*row;
}

void NeedUtf8(const fs::path& path) {
  std::error_code ignored;
  const std::string whole = fs::absolute(path, ignored).string();
  if (IsUtf8(whole)) return;
  throw Error(ErrorCode::kUsage, fmt::format("{}: the name is no UTF-8 text, and that is how workers and results name "
                                             "files; rename it, or make a link with another name",
                                             Printable(IsUtf8(path.string()) ? whole : path.string())));
}

FormatId RecogniseFormat(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file or folder", path.string()));
  if (error)
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be read: {}", path.string(), error.message()));
  if (fs::is_directory(status)) return InFolder(path);
  if (!fs::is_regular_file(status))
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: neither a file nor a folder", path.string()));

  const std::string ending = Lower(path.extension().string());
  const std::string_view promised = Promised(ending);
  const FormatId id = InFile(path);
  if (id.empty()) {
    if (!promised.empty())
      throw Invalid(path, fmt::format("not {}, though its name says so: the content is damaged or something else",
                                      Title(promised)));
    if (ending == ".bin" && fs::exists(fs::path(path).replace_extension(".xml"))) {
      throw Invalid(path, fmt::format("the weights of an OpenVINO IR; give the .xml file beside it: {}",
                                      fs::path(path).replace_extension(".xml").string()));
    }
    throw Invalid(path, fmt::format("no model format that is known; known are: {}", KnownFormats()));
  }
  if (!promised.empty() && !EndingFits(ending, id)) {
    throw Invalid(path, fmt::format("its name says {}, its content is {}; rename it to end in {}", Title(promised),
                                    Title(id), FindFormat(id)->ending));
  }
  return id;
}

std::string ModelName(const std::string& path) {
  fs::path whole = fs::path(path).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();  // "folder/"
  const std::string file = whole.filename().string();
  return file.substr(0, file.find('.', 1));
}

Artifact OpenArtifact(const fs::path& path) {
  NeedUtf8(path);
  Artifact artifact;
  artifact.format = RecogniseFormat(path);
  artifact.path = path.string();
  // A model folder stands for the file in it, with what model.json says about that.
  if (artifact.format == "folder") return ReadModelFolder(path).model;
  AddConversionRecord(artifact);
  return artifact;
}

}  // namespace bakeoff::core
