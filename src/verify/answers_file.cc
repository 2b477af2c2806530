// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Answers written, read and compared.
#include "verify/answers_file.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::verify {
namespace {

constexpr int kSchema = 1;

// The field's text; null counts as an answer that is none.
std::string Text(const Json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void WriteAnswers(const std::filesystem::path& path, const AnswersFile& file) {
  core::WriteFileInPieces(path, [&](const core::WritePiece& write) {
    const auto line = [&](const Json& json) {
      write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    };
    line({{"schema", kSchema},
          {"model", file.model},
          {"engine", file.engine},
          {"data", file.data},
          {"split", file.split},
          {"pictures", file.answers.size()}});
    for (const PictureAnswer& row : file.answers) {
      const bool told = std::isfinite(row.confidence);
      line({{"path", row.path},
            {"label", row.label},
            {"answer", row.answer.empty() ? Json() : Json(row.answer)},
            {"confidence", told ? Json(row.confidence) : Json()}});
    }
  });
}

AnswersFile ReadAnswers(const std::filesystem::path& path) {
  const std::string text = core::ReadFile(path);
  const auto wrong = [&](size_t line, std::string_view what) {
    return Error(ErrorCode::kUsage, fmt::format("{}:{}: {}; `bakeoff eval --answers {}` writes such a file",
                                                path.string(), line, what, path.filename().string()));
  };
  AnswersFile file;
  size_t number = 0, promised = 0;
  for (const std::string& row : core::Split(text, '\n')) {
    ++number;
    if (core::Trim(row).empty()) continue;
    const Json line = Json::parse(row, nullptr, false);
    if (!line.is_object()) throw wrong(number, "no JSON object");
    if (number == 1) {
      const auto schema = line.find("schema"), pictures = line.find("pictures");
      if (schema == line.end() || *schema != kSchema || pictures == line.end() || !pictures->is_number_unsigned())
        throw wrong(number, "no file of answers, or one of a newer version");
      file.model = Text(line, "model");
      file.engine = Text(line, "engine");
      file.data = Text(line, "data");
      file.split = Text(line, "split");
      promised = pictures->get<size_t>();
      continue;
    }
    PictureAnswer answer{.path = Text(line, "path"), .label = Text(line, "label"), .answer = Text(line, "answer")};
    if (answer.path.empty() || answer.label.empty()) throw wrong(number, "no \"path\" or no \"label\"");
    const auto confidence = line.find("confidence");
    answer.confidence = confidence != line.end() && confidence->is_number() ? confidence->get<double>() : std::nan("");
    file.answers.push_back(std::move(answer));
  }
  if (number == 0 || text.empty()) throw wrong(1, "an empty file");
  if (file.answers.size() != promised)
    throw wrong(number, fmt::format("{} pictures instead of {}: the file is cut short", file.answers.size(), promised));
  return file;
}

AnswersCompared CompareAnswers(const std::vector<PictureAnswer>& answers, const AnswersFile& earlier) {
  std::map<std::string_view, const PictureAnswer*> others;
  for (const PictureAnswer& other : earlier.answers) others[other.path] = &other;
  AnswersCompared compared;
  for (const PictureAnswer& row : answers) {
    const auto found = others.find(row.path);
    if (found == others.end()) {
      ++compared.unpaired;
      continue;
    }
    const PictureAnswer& other = *found->second;
    if (other.label != row.label)
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: its label is '{}' now and '{}' in the other answers: they are of other data",
                              row.path, row.label, other.label));
    core::PairedCounts& counts = compared.counts;
    ++(row.right() ? (other.right() ? counts.both_right : counts.only_first)
                   : (other.right() ? counts.only_second : counts.both_wrong));
    compared.same_answer += row.answer == other.answer ? 1 : 0;
    others.erase(found);
  }
  compared.unpaired += static_cast<int64_t>(others.size());
  if (compared.counts.examples() == 0)
    throw Error(ErrorCode::kUsage, fmt::format("none of these {} pictures is among the other's {}: they are of other "
                                               "data ({}, {})",
                                               answers.size(), earlier.answers.size(), earlier.data, earlier.split));
  return compared;
}

Json ToJson(const AnswersCompared& compared) {
  const core::PairedCounts& counts = compared.counts;
  const core::Interval interval = core::PairedDifference(counts);
  return {{"pictures", counts.examples()},
          {"both_right", counts.both_right},
          {"only_this", counts.only_first},
          {"only_other", counts.only_second},
          {"both_wrong", counts.both_wrong},
          {"same_answer", compared.same_answer},
          {"unpaired", compared.unpaired},
          {"difference",
           static_cast<double>(counts.only_first - counts.only_second) / static_cast<double>(counts.examples())},
          {"low", interval.low},
          {"high", interval.high},
          {"p_value", core::McNemar(counts)},
          {"verdict", core::PairedVerdict(counts)}};
}

}  // namespace bakeoff::verify
