//===- WorkerErrors.cpp - What went wrong with a worker -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/WorkerErrors.h"

#include "runtime/rpc/GrpcStatus.h"

using namespace lcp;
using namespace lcp::rt;

/// A connection's failure: gRPC's words for it are a chain of layers, of which
/// the innermost tells the cause. Words that are not known here stay as they
/// are. Whose TLS is missing is guessed for first calls only: `met` workers
/// spoke to us before.
static std::string explainConnection(const std::string &words, bool tls,
                                     bool met) {
  auto says = [&](const char *part) {
    return words.find(part) != std::string::npos;
  };
  if (says("Connection refused"))
    return "nobody listens at that address; start lcp-run --serve there";
  if (says("Peer name"))
    return "its certificate is for another address: subjectAltName must be the "
           "one in the cluster file";
  if (says("certificate verify failed"))
    return "its certificate was not signed by our ca.pem";
  if (says("wrong version number"))
    return "it does not use TLS, and we do";
  if (says("Socket closed") || says("Connection reset") || says("recvmsg") ||
      says("Endpoint read failed")) {
    if (met)
      return "it closed the connection";
    return tls ? "it closed the connection: does its ca.pem stand for our "
                 "certificate?"
               : "it closed the connection: is --tls=DIR missing here?";
  }
  size_t innermost = words.rfind("last error: ");
  return innermost == std::string::npos ? words : words.substr(innermost + 12);
}

Status lcp::rt::describeAbsence(const std::string &address, bool tls,
                                const grpc::Status &failure) {
  std::string why =
      failure.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED
          ? "no answer before the deadline; is it switched on, on the network, "
            "behind a firewall? (--deadline-ms sets how long to wait)"
          : explainConnection(fromGrpc(failure).message(), tls, /*met=*/false);
  return Status(StatusCode::Unavailable,
                "worker " + address + " cannot be reached: " + why);
}

Status lcp::rt::describeFailure(const std::string &address, bool tls,
                                const std::string &model,
                                const grpc::Status &failure) {
  std::string worker = "worker " + address + ": ";
  Status status = fromGrpc(failure);
  switch (failure.error_code()) {
  case grpc::StatusCode::UNAVAILABLE:
    return Status(status.code(),
                  worker + "gone before or while it ran " + model + " (" +
                      explainConnection(status.message(), tls, /*met=*/true) +
                      ")");
  case grpc::StatusCode::DEADLINE_EXCEEDED:
    return Status(status.code(),
                  worker + "no answer for " + model +
                      " before the deadline (--deadline-ms sets it)");
  case grpc::StatusCode::CANCELLED:
    return Status(status.code(), worker + "stopped while it ran " + model);
  case grpc::StatusCode::UNIMPLEMENTED:
    return Status(status.code(),
                  worker + "does not speak the Open Inference Protocol");
  default:
    return std::move(status).withContext("worker " + address + ", " + model);
  }
}
