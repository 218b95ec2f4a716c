//===- Parameters.h - The protocol's parameters of ours ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_PARAMETERS_H
#define LCP_RUNTIME_RPC_PARAMETERS_H

#include <cstdint>

namespace lcp::rt {

/// Of what is ours in the protocol: counts up when those who know the one
/// before would get something wrong.
constexpr uint32_t protocolVersion = 1;

/// Parameters of tensors by which a coordinator keeps values on a worker. On a
/// requested output, a string: keep the value under this key and the request's
/// id, and send it without contents.
constexpr const char *keepParameter = "lcp_keep";
/// On an input, a string: the contents are what was kept under this key.
constexpr const char *keptParameter = "lcp_kept";
/// Beside it, a boolean: nobody will ask for that value again.
constexpr const char *keptLastParameter = "lcp_kept_last";

/// Parameters by which values go from worker to worker. On a requested output,
/// a string: push the value to these workers, see ShardTarget.h, and send it
/// without contents. The answer comes when they have it.
constexpr const char *pushToParameter = "lcp_push_to";
/// Beside it, a boolean: send the value back as well.
constexpr const char *sendTooParameter = "lcp_send_too";
/// On an input, a string: the contents are what a worker pushes here under this
/// key and the request's id. As many keys, with spaces between, as the input is
/// merged of (ModelSignature::pieces): they are merged here.
constexpr const char *awaitedParameter = "lcp_awaited";

/// On a request, a boolean: say when it was where. On its answer, a string: see
/// Stations.h.
constexpr const char *traceParameter = "lcp_trace";

/// On an input in a model's metadata, a string: the other datatypes that it may
/// come in, "UINT8,BYTES", see ImageCodec.h. Absent if there are none.
constexpr const char *imageFormsParameter = "lcp_image_forms";

/// On an answer, a string: the devices whose branches it is without, with
/// commas between. Absent if there are none.
constexpr const char *missingParameter = "lcp_missing";

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_PARAMETERS_H
