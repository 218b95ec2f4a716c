//===- Serve.cpp - lcp-run --serve ----------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Serve.h"

#include "runtime/rpc/Address.h"
#include "runtime/serving/CertificateFolder.h"
#include "runtime/serving/Server.h"

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

bool StopSignals::waitFor(std::chrono::milliseconds time) const {
  const timespec limit = {time_t(time.count() / 1000),
                          long(time.count() % 1000) * 1000000};
  return sigtimedwait(&signals, nullptr, &limit) > 0;
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
  if (!makeRemote && options.branches.empty() && bundle.model().isComplete())
    return loadWholeAndBranches(bundle, drivers, options.load);
  if (!makeRemote)
    return loadBranches(bundle, drivers, options.branches, options.load);
  std::vector<std::unique_ptr<Servable>> models;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Servable> model,
                       loadWhole(bundle, drivers, options.load, makeRemote));
  models.push_back(std::move(model));
  return models;
}

/// Until a signal comes; meanwhile takes up certificates that were changed.
static void waitForStop(const ServeOptions &options, const StopSignals &stop,
                        Server &server) {
  constexpr std::chrono::milliseconds period(1000);
  CertificateFolder folder(options.tlsFolder);
  while (!stop.waitFor(period)) {
    if (options.tlsFolder.empty())
      continue;
    std::optional<Result<TlsIdentity>> changed = folder.poll();
    if (!changed)
      continue;
    Status status = changed->status();
    if (status.ok())
      status = server.setTls(**changed);
    if (status.ok() && options.onTlsChange)
      status = options.onTlsChange(**changed);
    options.log(status.ok() ? options.tlsFolder + ": read again"
                            : "the certificates stay what they were: " +
                                  status.message());
  }
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
  serving.timeLimit = options.timeLimit;
  serving.log = options.log;
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<Server> server,
                       Server::start(std::move(models), std::move(serving)));
  if (options.onListening)
    options.onListening(server->address());
  if (!options.metrics.empty())
    std::fprintf(out, "metrics %s\n", server->metricsAddress().c_str());
  std::fprintf(out, "ready %s%s\n", server->address().c_str(), names.c_str());
  std::fflush(out);
  waitForStop(options, stop, *server);
  server->stop(stopGrace);
  return Status();
}
