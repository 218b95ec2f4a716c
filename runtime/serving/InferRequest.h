//===- InferRequest.h - What a call asks of a model -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_INFERREQUEST_H
#define LCP_RUNTIME_SERVING_INFERREQUEST_H

#include "runtime/rpc/Message.h"
#include "runtime/rpc/ModelSignature.h"
#include "runtime/serving/ShardTarget.h"

#include "open_inference.pb.h"

namespace lcp::rt {

/// A message of the protocol, raw contents apart: those stay where they came
/// in, since they may be large.
struct InferMessage {
  inference::ModelInferRequest header;
  std::vector<ByteSpan> raw;
};

/// `message` outlives the result.
Result<InferMessage> parseInferMessage(ByteSpan message);

/// What a worker pushes under a key.
struct AwaitedShard {
  std::string key;
  /// Once it has come: its bytes, and what they live by.
  ByteSpan contents;
  std::shared_ptr<const void> owner;
};

/// A request for one model, checked against its signature.
struct InferRequest {
  struct Input {
    /// Raw contents, or the image; empty if they come in one of the ways below.
    ByteSpan raw;
    /// `raw` is an image in this form, which the elements are made of.
    std::optional<ImageForm> form;
    std::unique_ptr<inference::InferTensorContents> typed;
    /// The contents are what was kept under this key, for the last time.
    std::string kept;
    bool last = false;
    /// The contents are pushed by other workers: whole if there is one, else
    /// the pieces that the signature has for the input.
    std::vector<AwaitedShard> awaited;
    /// What `raw` is alive by, if not by the message.
    std::shared_ptr<const void> owner;
  };
  /// One that is asked for.
  struct Output {
    /// Of the signature.
    size_t index;
    /// Not empty: keep it here under this key.
    std::string keepAs;
    /// Not empty: send it there.
    std::vector<ShardTarget> pushTo;
    /// And answer with it all the same.
    bool sendToo = false;

    /// Whether the answer has it.
    bool isSent() const {
      return sendToo || (keepAs.empty() && pushTo.empty());
    }
  };
  std::string id;
  /// The answer takes the form of the question.
  bool isRaw = false;
  /// The answer says when it was where.
  bool isTraced = false;
  /// In the signature's order.
  std::vector<Input> inputs;
  std::vector<Output> outputs;
};

/// Fails with InvalidArgument, in one line for whoever wrote the client.
Result<InferRequest> matchRequest(InferMessage message,
                                  const ModelSignature &signature);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_INFERREQUEST_H
