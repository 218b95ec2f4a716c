//===- ConnectWorkers.h - Which worker runs which branch --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_CONNECTWORKERS_H
#define LCP_RUNTIME_CLUSTER_CONNECTWORKERS_H

#include "common/devices/ClusterFile.h"
#include "runtime/cluster/Worker.h"
#include "runtime/rpc/ModelSignature.h"

#include <memory>

namespace lcp::rt {

/// Workers that answered, and for every device the one that stands for it, in
/// every stage: values that only device i sees stay there. A device runs the
/// branch of its number, unless the model's stages begin at different devices.
struct ConnectedWorkers {
  std::vector<std::unique_ptr<Worker>> workers;
  /// Null for a device that no stage uses.
  std::vector<Worker *> ofDevice;
};

/// Connects to every worker of the file, all at once, and asks each whether it
/// serves what it is to run. A worker with a list of branches gets those; one
/// without may get any that is in no list and that it serves, and such branches
/// go to the worker that has the fewest. Fails if anything is amiss with any
/// worker, and then has added one line a problem to `problems`.
Result<ConnectedWorkers>
placeBranches(const ModelInfo &model, const std::string &version,
              const ClusterFile &file, const std::optional<TlsIdentity> &tls,
              Deadline deadline, std::vector<std::string> &problems);

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_CONNECTWORKERS_H
