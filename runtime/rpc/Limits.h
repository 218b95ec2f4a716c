//===- Limits.h - How large a message may be --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_LIMITS_H
#define LCP_RUNTIME_RPC_LIMITS_H

#include "common/base/Tensor.h"

namespace lcp::rt {

/// Threads of a server, and how many inferences may run or wait at a time: the
/// rest is for health and metadata, which are to be answered whatever happens.
constexpr int serverThreads = 16, inferencesAtATime = 12;

/// Inferences that a peer has under way at a time where branches run elsewhere:
/// one is computed on the workers while the next is sent, the last is merged
/// and another waits for the slowest worker. A worker has room for their
/// messages and for what they keep there, and for one more that just ended.
constexpr unsigned inferencesOfAPeer = 4;

/// What Device/Probe takes and gives at most, in bytes of padding.
constexpr uint32_t largestProbe = 4 << 20;

/// Calls of one peer that a server takes at a time. Most of them wait: the
/// stages of an inference are called at once, and each for what the one before
/// it computes.
constexpr unsigned largestCallsPerConnection = 256;

/// The most bytes a correct message with these tensors takes, raw or typed,
/// with room for names and a few parameters. Fails if that is more than the
/// 2 GiB a protobuf message can have.
Result<int> messageLimit(Span<const TensorSpec> tensors);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_LIMITS_H
