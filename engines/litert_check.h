// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Is this file a whole TFLite model? LiteRT follows the offsets in a file without looking, a cut-short one ends the
// process.
//
// The classes name the fields of TFLite's schema by their place in the vtable (4, 6, 8 ...): as much of it as a model's
// offsets hang from. The flatbuffers verifier does the bounds checks.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace bakeoff::tflite {

using flatbuffers::Offset;
using flatbuffers::Vector;
using flatbuffers::Verifier;

class Table : protected flatbuffers::Table {
 protected:
  template <typename T>
  bool Numbers(Verifier& v, flatbuffers::voffset_t field) const {
    return VerifyOffset(v, field) && v.VerifyVector(GetPointer<const Vector<T>*>(field));
  }
  template <typename T>
  bool Tables(Verifier& v, flatbuffers::voffset_t field) const {
    const auto* tables = GetPointer<const Vector<Offset<T>>*>(field);
    return VerifyOffset(v, field) && v.VerifyVector(tables) && v.VerifyVectorOfTables(tables);
  }
  bool Text(Verifier& v, flatbuffers::voffset_t field) const {
    return VerifyOffset(v, field) && v.VerifyString(GetPointer<const flatbuffers::String*>(field));
  }
  friend class flatbuffers::Verifier;
};

class Buffer : public Table {
 public:
  bool Verify(Verifier& v) const { return VerifyTableStart(v) && Numbers<uint8_t>(v, 4) && v.EndTable(); }
};
class OperatorCode : public Table {
 public:
  bool Verify(Verifier& v) const { return VerifyTableStart(v) && Text(v, 6) && v.EndTable(); }
};
class Operator : public Table {
 public:
  bool Verify(Verifier& v) const {
    return VerifyTableStart(v) && VerifyField<uint32_t>(v, 4, sizeof(uint32_t)) && Numbers<int32_t>(v, 6) &&
           Numbers<int32_t>(v, 8) && VerifyOffset(v, 12) && Numbers<uint8_t>(v, 14) && v.EndTable();
  }
};
class Tensor : public Table {
 public:
  bool Verify(Verifier& v) const {
    return VerifyTableStart(v) && Numbers<int32_t>(v, 4) && VerifyField<uint32_t>(v, 8, sizeof(uint32_t)) &&
           Text(v, 10) && VerifyOffset(v, 12) && v.EndTable();
  }
};
class SubGraph : public Table {
 public:
  bool Verify(Verifier& v) const {
    return VerifyTableStart(v) && Tables<Tensor>(v, 4) && Numbers<int32_t>(v, 6) && Numbers<int32_t>(v, 8) &&
           Tables<Operator>(v, 10) && Text(v, 12) && v.EndTable();
  }
};
class Model : public Table {
 public:
  bool Verify(Verifier& v) const {
    return VerifyTableStart(v) && VerifyField<uint32_t>(v, 4, sizeof(uint32_t)) && Tables<OperatorCode>(v, 6) &&
           Tables<SubGraph>(v, 8) && Tables<Buffer>(v, 12) && v.EndTable();
  }
};

// "" for a model whose offsets all stay inside it, else what is wrong, for a person.
inline std::string WhatIsWrong(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && bytes.empty()) return "it is empty or cannot be read";
  if (bytes.size() < 8 || std::memcmp(bytes.data() + 4, "TFL3", 4) != 0)
    return "it does not begin as a TFLite file does ('TFL3' at byte 4)";
  Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), 64, 1u << 24);
  if (!verifier.VerifyBuffer<Model>("TFL3"))
    return "it is damaged or cut short: an offset in it points outside the file";
  return "";
}

}  // namespace bakeoff::tflite
