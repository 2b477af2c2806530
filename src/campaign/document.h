// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A YAML file as a plain tree in which every node knows its line.
#pragma once

#include <string>
#include <vector>

#include "bakeoff/error.h"

namespace bakeoff::campaign {

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;  // kScalar, as it is written
  int line = 0;      // from 1
  std::vector<Node> items;
  struct Member;
  std::vector<Member> members;  // in the order of the file

  const Node* Find(std::string_view name) const;  // of a map; nullptr where it is absent
};

struct Node::Member {
  std::string key;
  Node value;  // its line is that of the key
};

// Throws Error{kUsage} for what is no YAML, for a key that is given twice and for more than 1 MiB; `name` begins the
// message.
Node ReadDocument(const std::string& text, const std::string& name);

// An error at a place of the file: "demo.yaml, line 3: ...".
Error At(const std::string& name, int line, const std::string& text, ErrorCode code = ErrorCode::kUsage);

}  // namespace bakeoff::campaign
