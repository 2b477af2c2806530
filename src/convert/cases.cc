// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which shapes a proof tries.
#include <algorithm>

#include "convert/prove.h"
#include "verify/layout.h"

namespace bakeoff::convert {
namespace {

// Height and width. Every common network takes them: multiples of 32, above the 75 that the pickiest needs; the second
// is not square, so that swapped axes show, and of another area, so that wrongly frozen reshapes show.
struct Size {
  int64_t height, width;
};
constexpr Size kFirst{224, 224}, kSecond{192, 256};
// Of other free extents, such as lengths of sequences.
constexpr int64_t kFirstLength = 16, kSecondLength = 24;

struct Case {
  int64_t batch;
  bool second;
};

// -1 where both sides leave it open.
Shape Common(const Artifact& source, const Artifact& target, size_t index, const ProofRequest& request) {
  const TensorSpec& from = source.inputs[index];
  const TensorSpec& to = target.inputs[index];
  const auto canonical = [](const Artifact& artifact, const TensorSpec& spec, const Shape& shape) {
    return verify::Permuted(shape,
                            verify::CanonicalAxes(verify::LayoutOf(artifact, spec.name, shape.size()), shape.size()));
  };
  Shape shape = canonical(source, from, from.shape);
  const Shape other = canonical(target, to, to.shape);
  if (shape.size() != other.size()) return shape;  // the engines will say so
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == kFree) shape[axis] = other[axis];
  }
  for (const std::string& name : {from.name, to.name, std::string()}) {
    if (name.empty() && source.inputs.size() != 1) continue;
    const auto said = request.shapes.find(name);
    if (said == request.shapes.end() || said->second.size() != shape.size()) continue;
    const Shape wanted = canonical(source, from, said->second);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] == kFree) shape[axis] = wanted[axis];
    }
    break;
  }
  return shape;
}

bool IsPicture(const Artifact& artifact, const TensorSpec& spec) {
  return verify::LayoutOf(artifact, spec.name, spec.shape.size()).axes.size() == 4;
}

}  // namespace

std::vector<std::vector<Shape>> CasesFor(const ProofRequest& request) {
  std::vector<std::vector<Shape>> cases;
  bool batch_free = false, size_free = false;
  std::vector<Shape> common;
  for (size_t i = 0; i < request.source.inputs.size(); ++i) {
    common.push_back(Common(request.source, request.target, i, request));
    for (size_t axis = 0; axis < common[i].size(); ++axis) {
      if (common[i][axis] == kFree) (axis == 0 ? batch_free : size_free) = true;
    }
  }
  std::vector<Case> wanted{{1, false}};
  if (batch_free) wanted.push_back({3, false});
  if (size_free) wanted.push_back({batch_free ? 3 : 1, true});
  for (const Case& one : wanted) {
    std::vector<Shape> shapes = common;
    for (size_t i = 0; i < shapes.size(); ++i) {
      const bool picture = IsPicture(request.source, request.source.inputs[i]);
      const Size size = one.second ? kSecond : kFirst;
      for (size_t axis = 0; axis < shapes[i].size(); ++axis) {
        int64_t& extent = shapes[i][axis];
        if (extent != kFree) continue;
        extent = axis == 0              ? one.batch
                 : picture && axis == 2 ? size.height
                 : picture && axis == 3 ? size.width
                 : one.second           ? kSecondLength
                                        : kFirstLength;
      }
    }
    if (std::find(cases.begin(), cases.end(), shapes) == cases.end()) cases.push_back(std::move(shapes));
  }
  return cases;
}

}  // namespace bakeoff::convert
