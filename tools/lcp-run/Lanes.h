//===- Lanes.h - Several inferences at a time -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_LANES_H
#define LCP_TOOLS_LCP_RUN_LANES_H

#include "runtime/executor/Executor.h"

namespace lcp::rt {

/// Executors of one bundle. Where branches run elsewhere, an executor waits for
/// most of an inference, so that others can be under way in executors of their
/// own meanwhile; where all is computed here there is one.
class Lanes {
public:
  /// Loads the first. `makeRemote` is null if no stage runs elsewhere; else
  /// `options.remote` is set by it. The others outlive the result.
  static Result<Lanes> load(const Bundle &bundle, const DriverRegistry &drivers,
                            const ExecutorOptions &options,
                            MakeRemoteStages makeRemote);

  Executor &first() const { return *lanes.front().executor; }
  /// What the first runs its parallel stages by; null if it runs them itself.
  RemoteStages *remote() const { return lanes.front().remote.get(); }

  /// As many as `inferences` of a stream keep busy. Fewer where the machine has
  /// no memory for the values of all, and one where times of single inferences
  /// are recorded. Those beside the first share `options.threads`.
  Result<std::vector<Executor *>> forStream(uint64_t inferences);

private:
  struct Lane {
    /// The executor uses it.
    std::unique_ptr<RemoteStages> remote;
    std::unique_ptr<Executor> executor;
  };

  Lanes(const Bundle &bundle, const DriverRegistry &drivers,
        const ExecutorOptions &options, MakeRemoteStages makeRemote)
      : bundle(bundle), drivers(drivers), options(options),
        makeRemote(std::move(makeRemote)) {}
  Status add(unsigned threads);

  const Bundle &bundle;
  const DriverRegistry &drivers;
  ExecutorOptions options;
  MakeRemoteStages makeRemote;
  std::vector<Lane> lanes;
};

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_LANES_H
