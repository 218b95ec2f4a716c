//===- SplitMessage.h - Large fields apart from the rest --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SPLITMESSAGE_H
#define LCP_RUNTIME_SERVING_SPLITMESSAGE_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// A protobuf message whose field of tensors' bytes is not copied: protobuf's
/// own parser would allocate and copy each of them on the thread that answers
/// everybody.
struct SplitMessage {
  /// The bytes of every occurrence of the field, in order; they lie in the
  /// message.
  std::vector<ByteSpan> fields;
  /// The message without them.
  std::string rest;
};

/// Takes field `number`, a bytes field, out of a message. Fails with
/// InvalidArgument if the message is not protobuf, or has more than 4,096 of
/// the field.
Result<SplitMessage> splitMessage(ByteSpan message, int number);

/// Writes a bytes field's tag and length.
void appendFieldHead(std::string &message, int number, uint64_t size);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SPLITMESSAGE_H
