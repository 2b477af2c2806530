// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A reader for the XML that model files are written in: elements, attributes and text, no document types.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::graph {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string, std::less<>> attributes;
  std::string text;  // between its tags, without that of its children, trimmed
  std::vector<XmlElement> children;
  size_t line = 0;  // where it starts

  std::string_view Get(std::string_view attribute) const;      // "" where it is absent
  const XmlElement* Child(std::string_view child_name) const;  // the first; nullptr where there is none
};

// Throws Error{kInvalidModel} with the line. Nesting deeper than 64 is refused, so is a document type declaration.
XmlElement ParseXml(std::string_view text);

}  // namespace bakeoff::graph
