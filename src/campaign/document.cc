// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The only file that knows yaml-cpp.
#include "campaign/document.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

namespace bakeoff::campaign {
namespace {

constexpr size_t kMostBytes = 1 << 20;
// Aliases may repeat a part any number of times: a file of a few lines must not become a tree of millions.
constexpr size_t kMostNodes = 100'000;

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Node Read(const YAML::Node& from, int line) {
    if (++nodes_ > kMostNodes)
      throw At(name_, line, fmt::format("more than {} values, by aliases of aliases perhaps", kMostNodes));
    Node node;
    node.line = line;
    if (from.IsScalar()) {
      node.kind = Node::Kind::kScalar;
      node.text = from.Scalar();
    } else if (from.IsSequence()) {
      node.kind = Node::Kind::kList;
      for (const YAML::Node& item : from) node.items.push_back(Read(item, LineOf(item, line)));
    } else if (from.IsMap()) {
      node.kind = Node::Kind::kMap;
      for (const auto& pair : from) {
        const YAML::Node& key = pair.first;
        const int at = LineOf(key, line);
        if (!key.IsScalar()) throw At(name_, at, "a key is a word, not a list or a map");
        if (node.Find(key.Scalar())) throw At(name_, at, fmt::format("'{}' is given twice", key.Scalar()));
        node.members.emplace_back(key.Scalar(), Read(pair.second, at));
      }
    }
    return node;
  }

 private:
  static int LineOf(const YAML::Node& node, int otherwise) {
    return node.Mark().is_null() ? otherwise : node.Mark().line + 1;
  }

  const std::string& name_;
  size_t nodes_ = 0;
};

// Whether the line, from 1, has a tab before its first other letter.
bool IndentedByTab(const std::string& text, int line) {
  std::istringstream lines(text);
  std::string one;
  for (int i = 0; i < line; ++i) {
    if (!std::getline(lines, one)) return false;
  }
  return line > 0 && one.substr(0, one.find_first_not_of(" \t")).find('\t') != std::string::npos;
}

}  // namespace

const Node* Node::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& each) { return each.first == name; });
  return found == members.end() ? nullptr : &found->second;
}

Error At(const std::string& name, int line, const std::string& text, ErrorCode code) {
  return {code, fmt::format("{}, line {}: {}", name, std::max(1, line), text)};
}

Node ReadDocument(const std::string& text, const std::string& name) {
  if (text.size() > kMostBytes) throw Error(ErrorCode::kUsage, fmt::format("{}: too large for a campaign", name));
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw Error(ErrorCode::kUsage, fmt::format("{}: holds several documents; give one", name));
    if (documents.empty()) return {};
    return Reader(name).Read(documents[0], 1);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 1 : error.mark.line + 1;
    for (const int tabbed : {line, line - 1}) {
      if (IndentedByTab(text, tabbed))
        throw At(name, tabbed, "the line is indented with a tab, which YAML does not allow; use spaces");
    }
    throw At(name, line, error.msg);
  }
}

}  // namespace bakeoff::campaign
