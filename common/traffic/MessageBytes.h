//===- MessageBytes.h - Sizes of the messages of calls ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of the messages that runtime/cluster and runtime/serving make of a call, as
// protobuf writes them; a unit test holds the two together.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_TRAFFIC_MESSAGEBYTES_H
#define LCP_COMMON_TRAFFIC_MESSAGEBYTES_H

#include "common/traffic/Routes.h"

namespace lcp {

/// What is only known where it runs. Where nothing is said, lengths as they
/// are in a small network.
struct MessageLengths {
  /// "10.0.0.10:9000#10.0.0.10".
  size_t pushAddress = 24;
  /// A bundle's hash in hexadecimal digits.
  size_t version = 64;
  /// 20 digits, "-" and a number.
  size_t request = 22;
};

/// A ModelInferRequest.
uint64_t requestBytes(const TrafficModel &model, const RoutedCall &call,
                      const MessageLengths &lengths);

/// The ModelInferResponse to it.
uint64_t answerBytes(const TrafficModel &model, const RoutedCall &call,
                     const MessageLengths &lengths);

/// The PushRequest by which an output goes to `takers` inputs of another
/// worker.
uint64_t pushBytes(const TrafficModel &model, const RoutedCall &call,
                   const RoutedCall::Output &output, unsigned takers,
                   const MessageLengths &lengths);

} // namespace lcp

#endif // LCP_COMMON_TRAFFIC_MESSAGEBYTES_H
