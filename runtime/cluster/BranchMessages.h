//===- BranchMessages.h - Calls of branches as messages ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/cluster: the generated message classes stop here.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_BRANCHMESSAGES_H
#define LCP_RUNTIME_CLUSTER_BRANCHMESSAGES_H

#include "runtime/cluster/Transport.h"
#include "runtime/rpc/Message.h"

#include "open_inference.pb.h"

namespace lcp::rt {

/// Of a worker, the parameter lcp_push_to without the key.
using PushAddress = std::function<std::string(size_t worker)>;

/// A ModelInferRequest to a worker that takes `accepted`, which is empty for
/// one of which nothing is known. Workers that get the same tensor share its
/// bytes, which are put in the message here rather than by protobuf.
/// `addressOf` says where its outputs are pushed.
Message encodeCall(const BranchCall &call, const AcceptedImages &accepted,
                   const PushAddress &addressOf);

/// Reads the answer to `call`: fails with Corrupt if it is not what the model's
/// outputs are. The result's spans lie in `response`, which outlives them.
Result<BranchAnswer> decodeAnswer(ByteSpan message, const BranchCall &call,
                                  inference::ModelInferResponse &response);

/// A ModelMetadataRequest.
Message encodeCheck(const ModelSignature &model);

/// Fails if the answer to it does not describe this very model; `worker` is who
/// gave it.
Result<AcceptedImages> decodeCheck(ByteSpan message,
                                   const ModelSignature &model,
                                   const std::string &worker);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_BRANCHMESSAGES_H
