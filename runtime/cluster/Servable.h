//===- Servable.h - What a server serves ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_SERVABLE_H
#define LCP_RUNTIME_CLUSTER_SERVABLE_H

#include "common/base/Tensor.h"

#include <chrono>
#include <string>
#include <vector>

namespace lcp::rt {

/// The moment after which nobody wants the answer any more; wall-clock time
/// since that is what gRPC carries. max(): never.
using Deadline = std::chrono::system_clock::time_point;
constexpr Deadline noDeadline = Deadline::max();

/// What a model is known by, on whichever machine it runs.
struct ModelSignature {
  /// "lenet", or "lenet.s0.b2" for branch 2 of stage 0.
  std::string name;
  /// The bundle's identity in hexadecimal.
  std::string version;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

/// A function on tensors with a name: a branch on this machine, a whole model,
/// or a whole model whose branches run elsewhere.
class Servable {
public:
  explicit Servable(ModelSignature signature)
      : signature_(std::move(signature)) {}
  virtual ~Servable() = default;

  const ModelSignature &signature() const { return signature_; }

  /// Computes outputs from inputs: one pointer for every tensor of the
  /// signature, aligned to tensorAlignment and as large as its spec. Called
  /// from one thread at a time. May fail with DeadlineExceeded.
  virtual Status run(Span<const void *const> inputs, Span<void *const> outputs,
                     Deadline deadline) = 0;

private:
  ModelSignature signature_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_SERVABLE_H
