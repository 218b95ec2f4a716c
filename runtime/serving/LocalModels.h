//===- LocalModels.h - A bundle as models to serve --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_LOCALMODELS_H
#define LCP_RUNTIME_SERVING_LOCALMODELS_H

#include "runtime/executor/Executor.h"
#include "runtime/serving/Servable.h"

namespace lcp::rt {

/// How models are loaded: see ExecutorOptions.
struct LoadOptions {
  unsigned threads = 1;
  std::string engine;
  uint64_t memory = 0;
  bool degrade = false;
  const Pace *pace = nullptr;
};

/// The branches of every parallel stage that are for one of these devices, or
/// all that the bundle has if there are none. They share this machine: one team
/// of threads and one scratch memory, so one of them runs at a time. Fails if
/// the model has no parallel stage, no such branch, the bundle leaves it out,
/// or the scratch memory does not fit. The bundle outlives the result.
Result<std::vector<std::unique_ptr<Servable>>>
loadBranches(const Bundle &bundle, const DriverRegistry &drivers,
             const std::vector<unsigned> &indices, const LoadOptions &options);

/// The whole model. Unless `makeRemote` is null its parallel stages run in what
/// that makes, and inferencesOfAPeer are under way at a time, each in an
/// executor of its own, with memory for all values. The bundle outlives the
/// result.
Result<std::unique_ptr<Servable>> loadWhole(const Bundle &bundle,
                                            const DriverRegistry &drivers,
                                            const LoadOptions &options,
                                            const MakeRemoteStages &makeRemote);

/// The branches of every parallel stage of a complete bundle, then the whole
/// model: each branch is loaded once, and one model runs at a time. The bundle
/// outlives the result.
Result<std::vector<std::unique_ptr<Servable>>>
loadWholeAndBranches(const Bundle &bundle, const DriverRegistry &drivers,
                     const LoadOptions &options);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_LOCALMODELS_H
