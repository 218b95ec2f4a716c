//===- ServedModel.h - Requests to a model ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the network side of the runtime.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVEDMODEL_H
#define LCP_RUNTIME_SERVING_SERVEDMODEL_H

#include "runtime/rpc/Parameters.h"
#include "runtime/serving/KeptValues.h"
#include "runtime/serving/Servable.h"

#include "open_inference.pb.h"

#include <memory>
#include <mutex>

namespace lcp::rt {

/// A model with the buffers it runs in and the lock over both.
class ServedModel {
public:
  /// `kept` outlives this.
  static Result<std::unique_ptr<ServedModel>>
  create(std::unique_ptr<Servable> model, KeptValues &kept);

  const ModelSignature &signature() const { return model->signature(); }

  /// Answers `request`, whose name and version are this model's.
  Status infer(const inference::ModelInferRequest &request, Deadline deadline,
               inference::ModelInferResponse &response);

private:
  /// An output that a request asks for.
  struct Wanted {
    size_t index;
    /// Empty: send it.
    std::string keepAs;
  };

  explicit ServedModel(KeptValues &kept) : kept(kept) {}
  Status allocate(const std::vector<TensorSpec> &specs,
                  std::vector<void *> &pointers);
  /// For each of the model's inputs, its place in the request.
  Result<std::vector<int>>
  matchInputs(const inference::ModelInferRequest &request) const;
  Status checkInput(const inference::ModelInferRequest &request, int place,
                    const TensorSpec &spec) const;
  Result<std::vector<Wanted>>
  matchOutputs(const inference::ModelInferRequest &request) const;
  Status readInput(const inference::ModelInferRequest &request, int place,
                   const TensorSpec &spec, void *out);
  Status writeOutput(const inference::ModelInferRequest &request,
                     const Wanted &wanted, Deadline deadline,
                     inference::ModelInferResponse &response);

  KeptValues &kept;
  std::unique_ptr<Servable> model;
  std::timed_mutex mutex;
  std::vector<AlignedBuffer> buffers;
  std::vector<void *> inputs;
  std::vector<void *> outputs;
  std::vector<const void *> constInputs;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVEDMODEL_H
