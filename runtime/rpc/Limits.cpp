//===- Limits.cpp - How large a message may be ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Limits.h"

#include "common/base/Arithmetic.h"

#include <climits>

using namespace lcp;
using namespace lcp::rt;

/// A negative integer is a varint of ten bytes; a float is always four.
static uint64_t largestEncodedElement(ElementType type) {
  return type == ElementType::F32 ? sizeof(float) : 10;
}

Result<int> lcp::rt::messageLimit(Span<const TensorSpec> tensors) {
  constexpr uint64_t roomForMessage = 16 << 10, roomForTensor = 1 << 10;
  std::optional<uint64_t> limit = roomForMessage;
  for (const TensorSpec &spec : tensors) {
    LCP_ASSIGN_OR_RETURN(uint64_t count, elementCount(spec.shape));
    std::optional<uint64_t> bytes =
        checkedMul(count, largestEncodedElement(spec.type));
    if (bytes)
      bytes = checkedAdd(*bytes, roomForTensor + spec.name.size());
    limit = bytes && limit ? checkedAdd(*limit, *bytes) : std::nullopt;
  }
  if (!limit || *limit > INT_MAX)
    return Status(StatusCode::Unsupported,
                  "the tensors do not fit one message of 2 GiB; split further "
                  "or run in one process");
  return int(*limit);
}
