//===- ServedModel.h - Requests to a model ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVEDMODEL_H
#define LCP_RUNTIME_SERVING_SERVEDMODEL_H

#include "runtime/serving/InferRequest.h"
#include "runtime/serving/ResidentValues.h"
#include "runtime/serving/Servable.h"
#include "runtime/serving/ShortRuns.h"

#include <condition_variable>
#include <mutex>

namespace lcp::rt {

/// An output on its way to other workers.
struct OutgoingShard {
  const TensorSpec *spec;
  Bytes bytes;
  std::vector<ShardTarget> targets;
};

/// What a model answers.
struct InferAnswer {
  Message message;
  /// To be delivered before the answer is sent.
  std::vector<OutgoingShard> shards;
};

/// A model with the buffers it runs in, a set for each run at a time.
class ServedModel {
public:
  /// `residents` outlives this.
  static Result<std::unique_ptr<ServedModel>>
  create(std::unique_ptr<Servable> model, ResidentValues &residents);

  const ModelSignature &signature() const { return model->signature(); }
  Status ready() const { return model->ready(); }

  /// Says how long an inference has taken.
  void tookTime(std::chrono::nanoseconds time) { shortRuns.add(time); }
  /// Whether the next one is likely to be over at once. Never of a model that
  /// others compute: it waits for them.
  bool runsAreShort() const {
    return model->concurrency() == 1 && shortRuns.areExpected();
  }

  /// Answers a request that was matched with this model; waits while all its
  /// buffers are in use. Awaited inputs have come. What it kept for a request
  /// that then fails is forgotten again.
  Result<InferAnswer> infer(const InferRequest &request,
                            const PeerIdentity &peer, Deadline deadline);

  /// Forgets what a request had this model keep: nobody will ask for it.
  void forget(const InferRequest &request, const PeerIdentity &peer);

private:
  struct Buffers {
    std::vector<AlignedBuffer> memory;
    std::vector<void *> inputs, outputs;
    std::vector<const void *> constInputs;
    std::vector<std::optional<ImageView>> images;
    /// Room for the pieces of an input.
    std::vector<const std::byte *> pieces;
    ServableRun run;
  };
  using BuffersPointer = std::unique_ptr<Buffers>;

  explicit ServedModel(ResidentValues &residents) : residents(residents) {}
  static Status allocate(const std::vector<TensorSpec> &specs, Buffers &buffers,
                         std::vector<void *> &pointers);
  Result<BuffersPointer> makeBuffers() const;
  BuffersPointer takeBuffers();
  void giveBack(BuffersPointer buffers);
  Result<InferAnswer> inferIn(Buffers &buffers, const InferRequest &request,
                              const PeerIdentity &peer, Deadline deadline);
  Status readInput(const InferRequest &request, size_t index,
                   const PeerIdentity &peer, Buffers &buffers);
  Status mergeShards(const InferRequest::Input &input, size_t index,
                     Buffers &buffers);
  Result<InferAnswer> answer(const InferRequest &request,
                             const Buffers &buffers, const PeerIdentity &peer,
                             Deadline deadline);

  ResidentValues &residents;
  std::unique_ptr<Servable> model;
  ShortRuns shortRuns;
  std::mutex mutex;
  std::condition_variable returned;
  /// Those that no run uses.
  std::vector<BuffersPointer> free;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVEDMODEL_H
