//===- Service.h - The protocol's six calls ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/cluster.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_SERVICE_H
#define LCP_RUNTIME_CLUSTER_SERVICE_H

#include "runtime/cluster/Model.h"

#include "open_inference.grpc.pb.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace lcp::rt {

/// A model with the buffers it runs in and the lock over both.
class ServedModel {
public:
  static Result<std::unique_ptr<ServedModel>>
  create(std::unique_ptr<Model> model);

  const Model &model() const { return *model_; }

  /// Answers `request`, whose name and version are this model's.
  Status infer(const inference::ModelInferRequest &request, Deadline deadline,
               inference::ModelInferResponse &response);

private:
  /// For each of the model's tensors, its place in the request.
  using Places = std::vector<int>;

  Result<Places> matchInputs(const inference::ModelInferRequest &request) const;
  Result<Places>
  matchOutputs(const inference::ModelInferRequest &request) const;
  Status readInputs(const inference::ModelInferRequest &request,
                    const Places &places);
  void writeOutputs(const Places &wanted, bool raw,
                    inference::ModelInferResponse &response) const;

  std::unique_ptr<Model> model_;
  std::timed_mutex mutex;
  std::vector<AlignedBuffer> buffers;
  std::vector<void *> inputs;
  std::vector<void *> outputs;
  std::vector<const void *> constInputs;
};

class Service final : public inference::GRPCInferenceService::Service {
public:
  /// Fails if two models share a name.
  Status add(std::unique_ptr<Model> model);
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

  std::map<std::string, std::unique_ptr<ServedModel>> models;
  std::atomic<bool> ready{false};
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_SERVICE_H
