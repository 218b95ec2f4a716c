//===- Serve.cpp - lcp-run --serve ----------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Serve.h"

#include "common/base/Printable.h"
#include "runtime/rpc/Address.h"
#include "runtime/serving/Server.h"

#include <cerrno>

using namespace lcp;
using namespace lcp::rt;

/// How long requests that run when the signal comes may take.
constexpr std::chrono::milliseconds stopGrace(5000);

StopSignals::StopSignals() {
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void StopSignals::wait() const {
  while (sigwaitinfo(&signals, nullptr) < 0 && errno == EINTR) {
  }
}

/// An unsigned bundle is trusted like an executable: on an address that others
/// reach, the user says that this is meant.
static Status checkTrust(const ServeOptions &options) {
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(options.address));
  if (endpoint.loopback || options.trusted || options.allowUnsigned)
    return Status();
  return Status(StatusCode::Untrusted,
                options.address +
                    " can be reached from other machines and nobody checked "
                    "who made the bundle: give --key=PUB.pem or "
                    "--allow-unsigned");
}

static Result<std::vector<std::unique_ptr<Servable>>>
loadModels(const Bundle &bundle, const DriverRegistry &drivers,
           const ServeOptions &options, const MakeRemoteStages &makeRemote) {
  if (!makeRemote && options.branches.empty() && isComplete(bundle.model()))
    return loadWholeAndBranches(bundle, drivers, options.load);
  if (!makeRemote)
    return loadBranches(bundle, drivers, options.branches, options.load);
  std::vector<std::unique_ptr<Servable>> models;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Servable> model,
                       loadWhole(bundle, drivers, options.load, makeRemote));
  models.push_back(std::move(model));
  return models;
}

Status lcp::rt::serveBundle(const Bundle &bundle, const DriverRegistry &drivers,
                            const ServeOptions &options,
                            const MakeRemoteStages &makeRemote,
                            const StopSignals &stop, std::FILE *out) {
  LCP_RETURN_IF_ERROR(checkTrust(options));
  LCP_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<Servable>> models,
                       loadModels(bundle, drivers, options, makeRemote));
  std::string names;
  for (const std::unique_ptr<Servable> &model : models)
    names += " " + model->signature().name;
  ServerOptions serving;
  serving.address = options.address;
  serving.tls = options.tls;
  serving.allowed = options.allowed;
  serving.metrics = options.metrics;
  serving.log = [](const std::string &line) {
    std::fprintf(stderr, "lcp-run: %s\n", printable(line).c_str());
  };
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Server> server,
                       Server::start(std::move(models), std::move(serving)));
  if (!options.metrics.empty())
    std::fprintf(out, "metrics %s\n", server->metricsAddress().c_str());
  std::fprintf(out, "ready %s%s\n", server->address().c_str(), names.c_str());
  std::fflush(out);
  stop.wait();
  server->stop(stopGrace);
  return Status();
}
