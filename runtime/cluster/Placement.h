//===- Placement.h - Which worker may run which branch ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_PLACEMENT_H
#define LCP_RUNTIME_CLUSTER_PLACEMENT_H

#include "common/devices/ClusterFile.h"
#include "runtime/cluster/ReplicaSet.h"

namespace lcp::rt {

/// What a cluster file says about who may stand for which device. A device runs
/// the branch of its number in every stage, unless the model's stages begin at
/// different devices.
///
/// A worker with a list of branches gets those. One without may get any that it
/// serves: branches that are in no list in the first place, the others as a
/// spare.
class Placement {
public:
  /// `uses` has the devices that the model uses. Adds a problem for every
  /// branch in a list that the model does not have.
  Placement(const ClusterFile &file, const std::vector<bool> &uses,
            std::vector<std::string> &problems);

  /// The cluster file's path, for messages.
  const std::string &path() const { return path_; }
  size_t workerCount() const { return workers.size(); }
  const std::string &address(size_t worker) const {
    return workers[worker].address;
  }
  /// Whether it must serve all of its candidates, since the file says so.
  bool isListed(size_t worker) const {
    return !workers[worker].branches.empty();
  }
  /// The devices to ask it about.
  std::vector<size_t> candidates(size_t worker) const;

  /// The replica sets, one for every device, of the workers as they are known:
  /// serves[worker][device].
  std::vector<ReplicaSet>
  replicas(const std::vector<std::vector<bool>> &serves) const;

  /// By device, whether the local one computes it while nobody fails; nothing
  /// if it shares some with others, so that calls under way decide.
  std::optional<std::vector<bool>> devicesHere() const;

private:
  /// Whether it comes after those that are listed for the device.
  bool isSpare(size_t worker, size_t device) const {
    return !isListed(worker) && listed[device];
  }

  std::string path_;
  std::vector<ClusterWorker> workers;
  /// The devices that the model uses, and those in some list.
  std::vector<bool> uses, listed;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_PLACEMENT_H
