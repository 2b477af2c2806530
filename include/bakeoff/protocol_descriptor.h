// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The one hook that the test engine `fake` needs to break the wire protocol on purpose. No other engine uses it.
#pragma once

namespace bakeoff {

// The descriptor on which the worker library writes its frames; -1 when there is no conversation (--describe).
int ProtocolDescriptor();

}  // namespace bakeoff
