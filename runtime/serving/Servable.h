//===- Servable.h - What a server serves ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVABLE_H
#define LCP_RUNTIME_SERVING_SERVABLE_H

#include "runtime/io/Image.h"
#include "runtime/platform/Time.h"
#include "runtime/rpc/ModelSignature.h"

namespace lcp::rt {

/// One run of a servable: what it reads and what it writes.
struct ServableRun {
  /// One pointer for every tensor of the signature, aligned to tensorAlignment
  /// and as large as its spec.
  Span<const void *const> inputs;
  Span<void *const> outputs;
  /// For each input the image that its elements were made of, if it came as
  /// one: for a servable that hands its inputs on. Or empty: none did.
  Span<const std::optional<ImageView>> images;
  Deadline deadline = noDeadline;
  /// Gets the devices whose branches the answer is without, if it is one that
  /// degrades.
  std::vector<unsigned> missing;
};

/// A function on tensors with a name: a branch on this machine, a whole model,
/// or a whole model whose branches run elsewhere.
class Servable {
public:
  explicit Servable(ModelSignature signature)
      : signature_(std::move(signature)) {}
  virtual ~Servable() = default;

  const ModelSignature &signature() const { return signature_; }

  /// Computes outputs from inputs. Called from as many threads at a time as
  /// concurrency() says. May fail with DeadlineExceeded.
  virtual Status run(ServableRun &run) = 0;

  /// Makes an input of the pieces that the signature has for it: a pointer
  /// each, of any alignment. Called only where there are some.
  virtual void merge(size_t /*input*/, Span<const std::byte *const> /*pieces*/,
                     void * /*out*/) const {}

  /// Runs that make each other no later: more than one where others compute.
  virtual size_t concurrency() const { return 1; }

  /// OK if a request would be answered now, else what is missing. From any
  /// thread, and without waiting.
  virtual Status ready() const { return Status(); }

private:
  ModelSignature signature_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVABLE_H
