// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading XML in one pass over the text.
#include "graph/files/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::graph {
namespace {

constexpr int kDeepest = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  XmlElement Document() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    SkipOutside();
    XmlElement root = Element(0);
    SkipOutside();
    if (at_ != text_.size()) Fail("something follows the root element");
    return root;
  }

 private:
  [[noreturn]] void Fail(std::string_view why) const {
    throw Error(ErrorCode::kInvalidModel, fmt::format("line {}: {}", Line(), why));
  }
  // Elements are met in order, so that counting goes on from the last place.
  size_t Line() const {
    const size_t end = std::min(at_, text_.size());
    line_ += static_cast<size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                            text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    counted_ = end;
    return line_;
  }
  bool At(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }
  static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  void SkipBehind(std::string_view mark) {
    const size_t end = text_.find(mark, at_);
    if (end == std::string_view::npos) Fail(fmt::format("the file ends before '{}'", mark));
    at_ = end + mark.size();
  }
  // A comment or a processing instruction; false where none starts here.
  bool SkipAside() {
    if (At("<!--")) {
      SkipBehind("-->");
    } else if (At("<?")) {
      SkipBehind("?>");
    } else {
      return false;
    }
    return true;
  }
  void SkipOutside() {
    do SkipSpace();
    while (SkipAside());
  }
  std::string Name() {
    const size_t end = std::min(text_.find_first_of(" \t\r\n/>=<\"'", at_), text_.size());
    if (end == at_) Fail("a name is missing");
    return std::string(text_.substr(std::exchange(at_, end), end - at_));
  }

  std::string Plain(std::string_view raw) const {
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    std::string plain;
    for (size_t i = 0; i < raw.size();) {
      const auto* known =
          std::ranges::find_if(kEntities, [&](const auto& entity) { return raw.substr(i).starts_with(entity.first); });
      if (known == std::end(kEntities)) {
        plain += raw[i++];  // numbered characters stay as they are written
      } else {
        plain += known->second;
        i += known->first.size();
      }
    }
    return plain;
  }

  void Attribute(XmlElement& element) {
    const std::string name = Name();
    SkipSpace();
    if (!At("=")) Fail(fmt::format("attribute '{}' has no value", name));
    ++at_;
    SkipSpace();
    if (!At("\"") && !At("'")) Fail(fmt::format("the value of attribute '{}' has no quotes", name));
    const char quote = text_[at_++];
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) Fail(fmt::format("the value of attribute '{}' does not end", name));
    const std::string value = Plain(text_.substr(at_, end - at_));
    at_ = end + 1;
    if (!element.attributes.emplace(name, value).second) Fail(fmt::format("attribute '{}' stands twice", name));
  }

  XmlElement Element(int depth) {
    if (depth > kDeepest) Fail(fmt::format("elements are nested more than {} deep", kDeepest));
    if (!At("<") || At("<!")) Fail("an element is expected");
    XmlElement element;
    element.line = Line();
    ++at_;
    element.name = Name();
    while (true) {
      SkipSpace();
      if (at_ >= text_.size()) Fail(fmt::format("the file ends inside the tag <{}>", element.name));
      if (At("/>")) {
        at_ += 2;
        return element;
      }
      if (At(">")) break;
      Attribute(element);
    }
    ++at_;
    Content(element, depth);
    return element;
  }

  void Content(XmlElement& element, int depth) {
    std::string text;
    while (true) {
      const size_t tag = text_.find('<', at_);
      if (tag == std::string_view::npos) Fail(fmt::format("the file ends inside <{}>", element.name));
      text += text_.substr(at_, tag - at_);
      at_ = tag;
      if (SkipAside()) continue;
      if (!At("</")) {
        element.children.push_back(Element(depth + 1));
        continue;
      }
      at_ += 2;
      if (Name() != element.name) Fail(fmt::format("<{}> is closed by another name", element.name));
      SkipSpace();
      if (!At(">")) Fail(fmt::format("the closing tag of <{}> is not finished", element.name));
      ++at_;
      element.text = Plain(core::Trim(text));
      return;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  mutable size_t counted_ = 0, line_ = 1;
};

}  // namespace

std::string_view XmlElement::Get(std::string_view attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? std::string_view() : found->second;
}

const XmlElement* XmlElement::Child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

XmlElement ParseXml(std::string_view text) {
  return Parser(text).Document();
}

}  // namespace bakeoff::graph
