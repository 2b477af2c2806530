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
        node.members.push_back({key.Scalar(), Read(pair.second, at)});
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

// Quoted texts of a file, found without a parser: by the time that it fails, it has lost where a text began.
class Quotes {
 public:
  explicit Quotes(const std::string& text) {
    for (at_ = 0; at_ < text.size(); ++at_) {
      const char c = text[at_];
      if (quote_ != 0) {
        Inside(text, c);
      } else if (c == '\n') {
        NextLine(text);
      } else {
        Outside(text, c);
      }
    }
    if (quote_ != 0) never_ends_ = began_;
  }

  // The line on which the first begins that does not end on it; 0 for none.
  int spans_lines() const { return spans_; }
  // The line on which one begins that ends nowhere; 0 for none.
  int never_ends() const { return never_ends_; }

 private:
  void Inside(const std::string& text, char c) {
    const char next = at_ + 1 < text.size() ? text[at_ + 1] : '\0';
    if (c == '\n') {
      ++line_;
      if (spans_ == 0) spans_ = began_;
    } else if ((c == '\\' && quote_ == '"' && next != '\n') || (c == '\'' && quote_ == c && next == c)) {
      ++at_;
    } else if (c == quote_) {
      quote_ = 0;
      may_begin_ = false;
    }
  }

  void NextLine(const std::string& text) {
    ++line_;
    may_begin_ = true;
    const auto indent = [&](size_t from) { return text.find_first_not_of(' ', from) - from; };
    const size_t own = indent(line_begin_);
    line_begin_ = at_ + 1;
    if (!block_) return;
    block_ = false;
    // The text below `|` and `>` is as it stands.
    while (line_begin_ < text.size() && (indent(line_begin_) > own || text[line_begin_] == '\n')) {
      const size_t end = text.find('\n', line_begin_);
      if (end == std::string::npos) {
        at_ = text.size();
        return;
      }
      ++line_;
      line_begin_ = end + 1;
      at_ = end;
    }
  }

  void Outside(const std::string& text, char c) {
    const char before = at_ > 0 ? text[at_ - 1] : '\n';
    if (c == '#' && (before == ' ' || before == '\t' || before == '\n')) {
      at_ = std::min(text.find('\n', at_), text.size()) - 1;
    } else if (c == ' ' || c == '\t') {
      may_begin_ = may_begin_ || before == ':';
    } else if ((c == '"' || c == '\'') && may_begin_) {
      quote_ = c;
      began_ = line_;
    } else if (c == '[' || c == '{') {
      depth_ += may_begin_ ? 1 : 0;
    } else if (c == ',' && depth_ > 0) {
      may_begin_ = true;
    } else {
      depth_ -= (c == ']' || c == '}') && depth_ > 0 ? 1 : 0;
      block_ = block_ || ((c == '|' || c == '>') && may_begin_ && depth_ == 0);
      // After the dash of a list's item a text begins.
      may_begin_ = may_begin_ && c == '-' && text.substr(at_ + 1, 1) == " ";
    }
  }

  size_t at_ = 0, line_begin_ = 0;
  int line_ = 1, began_ = 0, spans_ = 0, never_ends_ = 0, depth_ = 0;
  char quote_ = 0;
  bool may_begin_ = true, block_ = false;
};

Error Unclosed(const std::string& name, int line) {
  return At(name, line, "the quote that begins here is not closed on its line; close it, or leave the quotes out");
}

}  // namespace

const Node* Node::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& each) { return each.key == name; });
  return found == members.end() ? nullptr : &found->value;
}

Error At(const std::string& name, int line, const std::string& text, ErrorCode code) {
  return {code, fmt::format("{}, line {}: {}", name, std::max(1, line), text)};
}

Node ReadDocument(const std::string& text, const std::string& name) {
  if (text.size() > kMostBytes) throw Error(ErrorCode::kUsage, fmt::format("{}: too large for a campaign", name));
  const Quotes quotes(text);
  if (quotes.never_ends() > 0) throw Unclosed(name, quotes.never_ends());
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
    if (quotes.spans_lines() > 0 && quotes.spans_lines() <= line) throw Unclosed(name, quotes.spans_lines());
    throw At(name, line, error.msg);
  }
}

}  // namespace bakeoff::campaign
