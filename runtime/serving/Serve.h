//===- Serve.h - lcp-run --serve --------------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SERVE_H
#define LCP_RUNTIME_SERVING_SERVE_H

#include "runtime/rpc/Tls.h"
#include "runtime/serving/LocalModels.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>

namespace lcp::rt {

/// Keeps SIGTERM and SIGINT from ending the process, in this thread and in
/// those started after it; so it is made before anything that starts threads.
class StopSignals {
public:
  StopSignals();
  /// Whether one of them comes within this time.
  bool waitFor(std::chrono::milliseconds time) const;

private:
  sigset_t signals;
};

struct ServeOptions {
  /// HOST:PORT.
  std::string address;
  std::optional<TlsIdentity> tls;
  /// The folder that `tls` was read from, which is read again when its files
  /// change; empty if there is none.
  std::string tlsFolder;
  /// Told of what was read then, for connections that are not the server's.
  std::function<Status(const TlsIdentity &)> onTlsChange;
  /// Branches to serve. None: all, and the whole model too if it is all here.
  std::vector<unsigned> branches;
  /// The bundle's signature was checked with a key.
  bool trusted = false;
  bool allowUnsigned = false;
  /// See ServerOptions.
  std::vector<std::string> allowed;
  std::string metrics;
  /// Gets a line, without an end, for every event. From any thread.
  std::function<void(const std::string &)> log;
  /// Told of the address that the server listens on, its port not 0.
  std::function<void(const std::string &)> onListening;
  std::chrono::milliseconds timeLimit{0};
  LoadOptions load;
};

/// Serves the bundle, or with `makeRemote` the whole model whose parallel
/// stages run there, until a signal comes; then lets running requests end.
/// Writes one line to `out` once requests are answered: "ready HOST:PORT
/// MODEL…", the port the one it listens on.
Status serveBundle(const Bundle &bundle, const DriverRegistry &drivers,
                   const ServeOptions &options,
                   const MakeRemoteStages &makeRemote, const StopSignals &stop,
                   std::FILE *out);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SERVE_H
