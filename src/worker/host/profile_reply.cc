// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Field by field, and number by number.
#include "worker/host/profile_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "bakeoff/error.h"
#include "worker/json_field.h"

namespace bakeoff::worker {
namespace {

template <typename T>
void Take(const Json& json, const char* field, T& value) {
  TakeField(json, "its reply to 'profile'", field, value, true);
}

Error Bad(const char* what) {
  return Error(ErrorCode::kEngineFailed, fmt::format("its reply to 'profile' {}", what));
}

}  // namespace

ProfileReply ProfileFromFrame(const Frame& frame) {
  const Json told = frame.head.value("ok", Json::object()).value("profile", Json());
  if (!told.is_object()) throw Bad("has no 'profile'");
  ProfileReply reply;
  Take(told, "source", reply.source);
  Take(told, "inferences", reply.inferences);
  Json walls = Json::array();
  Take(told, "wall_ns", walls);
  for (const Json& wall : walls) {
    if (!wall.is_number_integer() || wall.get<int64_t>() < 0) throw Bad("has a wall time that cannot be");
    reply.wall_ns.push_back(wall.get<int64_t>());
  }
  if (static_cast<int64_t>(reply.wall_ns.size()) != reply.inferences) throw Bad("has not one wall time per inference");
  Json operators = Json::array();
  Take(told, "operators", operators);
  for (const Json& row : operators) {
    if (!row.is_object()) throw Bad("has an operator that is no object");
    ProfileReply::Operator op;
    Take(row, "name", op.name);
    Take(row, "type", op.type);
    Take(row, "precision", op.precision);
    Take(row, "provider", op.provider);
    reply.operators.push_back(std::move(op));
  }
  const auto events = std::find_if(frame.tensors.begin(), frame.tensors.end(),
                                   [](const NamedTensor& tensor) { return tensor.name == "events"; });
  using Numbers = std::array<int64_t, 5>;
  if (events == frame.tensors.end() || events->type != DType::kI64 || events->shape.size() != 2 ||
      events->shape[1] != static_cast<int64_t>(Numbers().size()))
    throw Bad("has no tensor 'events' that is i64[n,5]");
  for (size_t at = 0; at + sizeof(Numbers) <= events->data.size(); at += sizeof(Numbers)) {
    Numbers numbers;
    std::memcpy(numbers.data(), events->data.data() + at, sizeof(numbers));
    const ProfileReply::Event event{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
    if (event.op < 0 || event.op >= static_cast<int64_t>(reply.operators.size()) || event.run < 1 ||
        event.run > reply.inferences || event.time_ns < 0 || event.begin_ns < -1)
      throw Bad("has an event that cannot be");
    reply.events.push_back(event);
  }
  return reply;
}

}  // namespace bakeoff::worker
