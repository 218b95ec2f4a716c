//===- Service.h - The calls that a server answers --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVICE_H
#define LCP_RUNTIME_SERVING_SERVICE_H

#include "runtime/serving/InferenceScheduler.h"

#include <atomic>
#include <map>

namespace lcp::rt {

/// The six calls of the Open Inference Protocol, gRPC's health check, shards
/// from other workers, and what lcp-run --doctor asks. Health and metadata are
/// answered on the loop's thread, whatever computes meanwhile.
class Service final : public CallHandler {
public:
  /// `allowed` are the names of certificates that may call; none: all that the
  /// authority has signed.
  Service(InferenceScheduler &scheduler, std::vector<std::string> allowed)
      : scheduler(scheduler), allowed(std::move(allowed)) {}

  /// Once, before any call. Fails if two models share a name, if a model's
  /// tensors do not fit a message, or if the inputs and outputs of all do not
  /// fit this machine.
  Status add(std::vector<std::unique_ptr<Servable>> models);
  /// From any thread.
  void setReady(bool value) { ready = value; }

  /// The most bytes that a request to one of the models and its answer take.
  uint64_t largestExchange() const { return largestExchange_; }

  std::optional<uint64_t> largestMessage(std::string_view method) override;
  void handle(std::shared_ptr<ServerCall> call) override;
  void connectionClosed(const PeerIdentity &peer) override;

  /// The models' part of the metrics.
  void appendMetrics(std::string &page) const;

private:
  struct Model {
    std::unique_ptr<ServedModel> served;
    ModelMetrics metrics;
  };
  using Call = std::shared_ptr<ServerCall>;
  using Method = void (Service::*)(const Call &);
  static const std::map<std::string_view, Method> &methods();

  void serverLive(const Call &call);
  void serverReady(const Call &call);
  void modelReady(const Call &call);
  void serverMetadata(const Call &call);
  void modelMetadata(const Call &call);
  void modelInfer(const Call &call);
  void checkHealth(const Call &call);
  void pushShard(const Call &call);
  void describeDevice(const Call &call);
  void probe(const Call &call);

  bool isAllowed(const PeerIdentity &peer) const;
  /// OK if every model would be answered now.
  Status readiness() const;
  /// An empty version is any version; another one is a Mismatch.
  Result<Model *> find(const std::string &name,
                       const std::string &version) const;

  InferenceScheduler &scheduler;
  const std::vector<std::string> allowed;
  uint64_t largestRequest = 0, largestExchange_ = 0;
  std::map<std::string, std::unique_ptr<Model>> models;
  std::atomic<bool> ready{false};
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVICE_H
