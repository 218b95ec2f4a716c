//===- Transport.h - How a coordinator reaches workers ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything in this folder that decides something sees the network and the
// clock through this interface, so that tests run it against a network of
// their own making, in time of their own making.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_TRANSPORT_H
#define LCP_RUNTIME_CLUSTER_TRANSPORT_H

#include "runtime/io/Image.h"
#include "runtime/platform/Time.h"
#include "runtime/rpc/ModelSignature.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace lcp::rt {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// A tensor of an inference, of which all messages that carry it share one
/// copy: a message may outlive the stage that it is part of.
class SharedTensor {
public:
  using Bytes = std::shared_ptr<const std::vector<std::byte>>;

  /// Copies `elements` at once or, if the first message that carries it can
  /// tell whether there is a need to, only then: for memory that stays as it is
  /// while there are attempts of the inference.
  SharedTensor(ByteSpan elements, bool whenNeeded) : elements(elements) {
    if (!whenNeeded)
      bytes();
  }

  /// On the transport's thread.
  const Bytes &bytes() {
    if (!copy)
      copy = std::make_shared<const std::vector<std::byte>>(elements.begin(),
                                                            elements.end());
    return copy;
  }

private:
  ByteSpan elements;
  Bytes copy;
};
using TensorPointer = std::shared_ptr<SharedTensor>;

/// For each input of a model, the forms of an image that a worker takes in
/// place of its elements.
using AcceptedImages = std::vector<std::set<ImageForm>>;

/// One call of a branch.
struct BranchCall {
  struct Input {
    /// The elements to send; null if the worker has kept them.
    TensorPointer tensor;
    /// If the elements were made of an image, that: goes in their place to a
    /// worker that takes its form.
    std::optional<EncodedImage> image;
    /// The key under which the worker has kept them.
    std::string keptAs;
    /// Nobody will ask for the kept value again.
    bool last = false;
    /// The keys under which workers push it, or the pieces that it is merged of
    /// (ModelSignature::pieces).
    std::vector<std::string> awaited = {};
  };
  /// A value goes from the worker that computes it to another one, or stays.
  struct Push {
    size_t worker = 0;
    std::string key;
    /// How many inputs of calls there await it.
    unsigned takers = 1;
  };
  /// Outlives the call.
  const ModelSignature *model = nullptr;
  /// The inference that the call is part of: kept values are found by it.
  std::string request;
  /// One for each of the model's inputs.
  std::vector<Input> inputs;
  /// For each of its outputs, the key under which the worker keeps it for later
  /// calls of the same request; empty: it is sent back.
  std::vector<std::string> keepOutputsAs;
  /// For each of its outputs, where it is pushed; or empty: none is.
  std::vector<std::vector<Push>> pushes = {};
  /// Which outputs are pushed and not sent back; or empty: none.
  std::vector<bool> withheld = {};

  bool isSentBack(size_t output) const {
    return keepOutputsAs[output].empty() &&
           (withheld.empty() || !withheld[output]);
  }
};

/// One for each of the model's outputs, in order, valid only while the function
/// that gets them runs; empty for those that are not sent back.
using BranchAnswer = std::vector<ByteSpan>;

/// What becomes of the connection to a worker.
class ConnectionListener {
public:
  virtual ~ConnectionListener() = default;
  /// It can be called, for the first time or again.
  virtual void connected(size_t worker) = 0;
  /// The connection ended or could not be made; it is tried again by itself.
  /// `why` names the worker.
  virtual void disconnected(size_t worker, const Status &why) = 0;
};

/// Workers are numbered from 0. All functions are called, and call back, on one
/// thread, and none calls back before it has returned.
class Transport {
public:
  using CallId = uint64_t;
  using TimerId = uint64_t;

  virtual ~Transport() = default;

  /// Begins to connect to all workers, and keeps at it.
  virtual void start(ConnectionListener &listener) = 0;

  /// Calls a branch on a worker. `done` is called once, soon after `deadline`
  /// at the latest, unless the call is cancelled. An error names the worker.
  /// `call` and, for check(), `model` live as long.
  virtual CallId call(size_t worker, const BranchCall &call, TimePoint deadline,
                      std::function<void(Result<BranchAnswer>)> done) = 0;

  /// Whether a worker can reach another one, as far as addresses tell.
  virtual bool canPush(size_t from, size_t to) const = 0;

  /// Asks a worker whether it serves this very model: NotFound if it has none
  /// of the name, Mismatch if version or tensors differ.
  virtual CallId check(size_t worker, const ModelSignature &model,
                       TimePoint deadline,
                       std::function<void(Status)> done) = 0;

  /// Nobody wants the answer any more: `done` is not called.
  virtual void cancel(CallId call) = 0;

  virtual TimePoint now() const = 0;
  /// Calls `function` once at that time, unless the timer is cancelled. 0 is no
  /// timer's number.
  virtual TimerId startTimer(TimePoint when,
                             std::function<void()> function) = 0;
  /// Also of one that has gone off, or of 0: nothing happens.
  virtual void cancelTimer(TimerId timer) = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_TRANSPORT_H
