//===- Request.h - One inference over many workers --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_REQUEST_H
#define LCP_RUNTIME_CLUSTER_REQUEST_H

#include "runtime/cluster/Transport.h"

#include <map>
#include <set>

namespace lcp::rt {

/// By the model's number of each.
using ExchangedValues = std::map<uint32_t, std::vector<std::byte>>;

/// What one inference has to remember from stage to stage: until when it is
/// wanted, which devices it goes on without, and what is resident where.
class Request {
public:
  Request(std::string id, TimePoint deadline, size_t devices,
          InputImages images = {})
      : id_(std::move(id)), deadline_(deadline), images(std::move(images)),
        leftOut(devices, false) {}

  const std::string &id() const { return id_; }
  TimePoint deadline() const { return deadline_; }
  /// What a value's elements were made of, if it is an input and they were.
  std::optional<EncodedImage> imageOf(uint32_t value) const;

  /// A device that missed one stage is left out of all later ones: then the
  /// answer is the one of the model without that device.
  void leaveOut(size_t device) { leftOut[device] = true; }
  bool isLeftOut(size_t device) const { return leftOut[device]; }

  /// Workers have run these stages among themselves, and `values` came back.
  void exchanged(size_t firstStage, size_t stages, ExchangedValues values);
  /// Null if they have not run the stage.
  const ExchangedValues *exchangedIn(size_t stage) const;
  /// `worker` has answered `call` and has what it was to keep.
  void completed(size_t worker, std::shared_ptr<const BranchCall> call);
  /// Whatever `worker` kept is gone.
  void forget(size_t worker);
  /// Whether `worker` has all values that `call` takes from it.
  bool hasInputs(size_t worker, const BranchCall &call) const;
  /// The earlier calls to repeat on `worker`, in order, before it has them.
  std::vector<std::shared_ptr<const BranchCall>>
  callsBefore(size_t worker, const BranchCall &call) const;

private:
  std::string id_;
  TimePoint deadline_;
  InputImages images;
  std::vector<bool> leftOut;
  /// The latest stages that workers have run among themselves.
  size_t firstExchanged = 0, endExchanged = 0;
  ExchangedValues exchangedValues;
  /// Calls of which a worker kept something, in order.
  std::vector<std::shared_ptr<const BranchCall>> log;
  /// Which worker has what under which key.
  std::set<std::pair<size_t, std::string>> kept;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_REQUEST_H
