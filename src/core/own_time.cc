// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// In order of begin, with a stack of those that are still going on.
#include "core/own_time.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

namespace bakeoff::core {

void TakeInnerTimesOff(std::span<OperatorRun> operators) {
  struct Piece {
    OperatorRun* op;
    int64_t begin, end;
  };
  std::vector<Piece> pieces;
  for (OperatorRun& op : operators) pieces.push_back({&op, op.begin_ns, op.begin_ns + op.time_ns});
  // Of two that begin together the longer one is the outer one.
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return std::tuple(a.op->run, a.op->thread, a.begin, -a.end) < std::tuple(b.op->run, b.op->thread, b.begin, -b.end);
  });
  std::vector<Piece> open;
  for (const Piece& piece : pieces) {
    while (!open.empty() && (open.back().op->run != piece.op->run || open.back().op->thread != piece.op->thread ||
                             open.back().end <= piece.begin))
      open.pop_back();
    if (!open.empty() && piece.end <= open.back().end) open.back().op->time_ns -= piece.end - piece.begin;
    open.push_back(piece);
  }
}

}  // namespace bakeoff::core
