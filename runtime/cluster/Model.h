//===- Model.h - What a server serves and a client calls --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_MODEL_H
#define LCP_RUNTIME_CLUSTER_MODEL_H

#include "runtime/base/Tensor.h"

#include <chrono>
#include <string>
#include <vector>

namespace lcp::rt {

/// The moment after which nobody wants the answer any more; wall-clock time
/// since that is what gRPC carries. max(): never.
using Deadline = std::chrono::system_clock::time_point;
constexpr Deadline noDeadline = Deadline::max();

/// A function on tensors with a name: a branch on this machine, a whole model,
/// or a whole model whose branches run elsewhere.
class Model {
public:
  Model(std::string name, std::string version, std::vector<TensorSpec> inputs,
        std::vector<TensorSpec> outputs)
      : name_(std::move(name)), version_(std::move(version)),
        inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}
  virtual ~Model() = default;

  /// "lenet", or "lenet.s0.b2" for branch 2 of stage 0.
  const std::string &name() const { return name_; }
  /// The bundle's hash in hexadecimal.
  const std::string &version() const { return version_; }
  Span<const TensorSpec> inputs() const { return inputs_; }
  Span<const TensorSpec> outputs() const { return outputs_; }

  /// Computes outputs from inputs: one pointer for every spec, aligned to
  /// tensorAlignment and as large as the spec. Called from one thread at a
  /// time. May fail with DeadlineExceeded.
  virtual Status run(Span<const void *const> inputs,
                     Span<void *const> outputs, Deadline deadline) = 0;

private:
  std::string name_;
  std::string version_;
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_MODEL_H
