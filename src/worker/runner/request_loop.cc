// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Requests in, replies and errors out; each reply says how much memory it took at most.
#include "worker/runner/request_loop.h"

#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "core/error_json.h"
#include "worker/runner/process_facts.h"

namespace bakeoff::worker {

void AnswerRequests(Connection& connection, ErrorCode unexpected, const AnswerRequest& answer,
                    const std::function<void()>& end) {
  while (true) {
    Frame frame = connection.Next();
    const Json id = frame.head.value("id", Json());
    if (!id.is_number_integer()) {
      throw Error(ErrorCode::kEngineFailed, "the host sent a request without an id");
    }
    const Json op = frame.head.value("op", Json());
    const bool can_reset = ResetPeakMemory();
    Json error;
    try {
      if (op == "bye") {
        end();
        connection.Send({{"id", id}, {"ok", Json::object()}});
        return;
      }
      Reply reply = answer(op.is_string() ? op.get<std::string>() : "", id.get<int64_t>(), frame);
      // An answer that knows a better moment has told its peak itself.
      if (!can_reset) reply.ok.erase("memory");
      if (const auto peak = can_reset ? PeakMemoryBytes() : std::nullopt; peak && !reply.ok.contains("memory"))
        reply.ok["memory"] = {{"peak_rss_bytes", *peak}};
      const Json head{{"id", id}, {"ok", std::move(reply.ok)}};
      if (reply.placed.empty()) {
        connection.Send(head, reply.names, reply.views);
      } else {
        connection.Send(head, reply.placed);
      }
      continue;
    } catch (const Error& thrown) {
      error = core::ErrorJson(thrown);
    } catch (const std::bad_alloc&) {
      error = core::ErrorJson(Error(unexpected, "it ran out of memory"));
    } catch (const std::exception& thrown) {
      error = core::ErrorJson(Error(unexpected, thrown.what()));
    } catch (...) {
      error = core::ErrorJson(Error(unexpected, "the runtime threw something that is no std::exception"));
    }
    connection.Send({{"id", id}, {"error", std::move(error)}});
  }
}

}  // namespace bakeoff::worker
