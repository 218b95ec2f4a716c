//===- ClusterMode.h - lcp-run on many machines -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The seam between lcp-run and runtime/serving and cluster: ClusterMode.cpp is
// built in with LCP_BUILD_CLUSTER, which also defines LCP_HAS_CLUSTER.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_CLUSTERMODE_H
#define LCP_TOOLS_LCP_RUN_CLUSTERMODE_H

#include "Options.h"
#include "runtime/cluster/BestLink.h"
#include "runtime/executor/Executor.h"

#include <memory>

namespace lcp::rt {

/// --serve: serves the bundle's branches, or the whole model, until SIGINT or
/// SIGTERM.
Status serve(const Bundle &bundle, const DriverRegistry &drivers,
             const RunOptions &options, const Pace &pace);

/// --make-certs: makes certificates for the machines of a cluster file, or
/// revokes one's.
Status makeCerts(const RunOptions &options);

/// --doctor: says of every machine of the cluster file how it is. `bundle`, if
/// not null, is what they should serve, and this machine load where it is one
/// of the devices. An error says how many are not well.
Status examine(const Bundle *bundle, const DriverRegistry &drivers,
               const RunOptions &options);

/// --calibrate-device with --cluster: what this machine's link carries, by the
/// worker to which it carries most. Fails with Unavailable if there is none to
/// which it could be measured.
Result<MeasuredLink> measureLink(const RunOptions &options);

/// --cluster: connects to the workers that will run the parallel stages, and
/// loads what is to run here. All that is given outlives the result; `trace`
/// may be null. Of several problems, all but the last are printed here, and the
/// last is the error.
Result<MakeRemoteStages> connectCluster(const Bundle &bundle,
                                        const DriverRegistry &drivers,
                                        const RunOptions &options,
                                        const Pace &pace, Trace *trace);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_CLUSTERMODE_H
