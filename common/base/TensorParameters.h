//===- TensorParameters.h - Parameters of our protocol ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names that requests carry (runtime/rpc), and that predictions of their size
// count (common/traffic).
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_TENSORPARAMETERS_H
#define LCP_COMMON_BASE_TENSORPARAMETERS_H

namespace lcp {

/// Parameters of tensors by which a coordinator keeps values on a worker. On a
/// requested output, a string: keep the value under this key and the request's
/// id, and send it without contents.
constexpr const char *keepParameter = "lcp_keep";
/// On an input, a string: the contents are what was kept under this key.
constexpr const char *keptParameter = "lcp_kept";
/// Beside it, a boolean: nobody will ask for that value again.
constexpr const char *keptLastParameter = "lcp_kept_last";

/// Parameters by which values go from worker to worker. On a requested output,
/// a string: push the value to these workers (ShardTarget.h), and send it
/// without contents. The answer comes when they have it.
constexpr const char *pushToParameter = "lcp_push_to";
/// Beside it, a boolean: send the value back as well.
constexpr const char *sendTooParameter = "lcp_send_too";
/// On an input, a string: the contents are what a worker pushes here under this
/// key and the request's id. As many keys, with spaces between, as the input is
/// merged of (ModelSignature::pieces): they are merged here.
constexpr const char *awaitedParameter = "lcp_awaited";

} // namespace lcp

#endif // LCP_COMMON_BASE_TENSORPARAMETERS_H
