//===- Service.h - The protocol's six calls ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the network side of the runtime.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVICE_H
#define LCP_RUNTIME_SERVING_SERVICE_H

#include "runtime/serving/ServedModel.h"

#include "open_inference.grpc.pb.h"

#include <atomic>
#include <map>

namespace lcp::rt {

class Service final : public inference::GRPCInferenceService::Service {
public:
  /// Fails if two models share a name, or if the inputs and outputs of all do
  /// not fit this machine.
  Status add(std::unique_ptr<Servable> model);
  void setReady(bool value) { ready = value; }

  grpc::Status ServerLive(grpc::ServerContext *,
                          const inference::ServerLiveRequest *,
                          inference::ServerLiveResponse *) override;
  grpc::Status ServerReady(grpc::ServerContext *,
                           const inference::ServerReadyRequest *,
                           inference::ServerReadyResponse *) override;
  grpc::Status ModelReady(grpc::ServerContext *,
                          const inference::ModelReadyRequest *,
                          inference::ModelReadyResponse *) override;
  grpc::Status ServerMetadata(grpc::ServerContext *,
                              const inference::ServerMetadataRequest *,
                              inference::ServerMetadataResponse *) override;
  grpc::Status ModelMetadata(grpc::ServerContext *,
                             const inference::ModelMetadataRequest *,
                             inference::ModelMetadataResponse *) override;
  grpc::Status ModelInfer(grpc::ServerContext *,
                          const inference::ModelInferRequest *,
                          inference::ModelInferResponse *) override;

private:
  /// An empty version is any version.
  Result<ServedModel *> find(const std::string &name,
                             const std::string &version) const;

  KeptValues kept;
  /// Of the models' inputs and outputs.
  uint64_t bufferBytes = 0;
  std::map<std::string, std::unique_ptr<ServedModel>> models;
  std::atomic<bool> ready{false};
  /// Running or waiting.
  std::atomic<int> inferences{0};
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVICE_H
