//===- Server.cpp - Models behind the Open Inference Protocol -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Server.h"

#include "runtime/rpc/Address.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/Limits.h"
#include "runtime/serving/MetricsPage.h"
#include "runtime/serving/Service.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

/// Destroyed from the last to the first: nothing calls what is gone.
struct Server::State {
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<InferenceScheduler> scheduler;
  std::unique_ptr<Service> service;
  std::unique_ptr<RpcServer> server;
  std::unique_ptr<MetricsPage> page;

  Status makeService(std::vector<std::unique_ptr<Servable>> models,
                     const ServerOptions &options);
  Status listen(const ServerOptions &options, const Endpoint &endpoint);
  std::string writeMetrics() const;
  /// Until here the computing thread may use the models.
  ~State();
};

Server::State::~State() {
  page.reset();
  server.reset();
  scheduler.reset();
}

Status Server::State::makeService(std::vector<std::unique_ptr<Servable>> models,
                                  const ServerOptions &options) {
  std::shared_ptr<const TlsContext> tls;
  if (options.tls) {
    LCP_ASSIGN_OR_RETURN(
        tls, TlsContext::create(*options.tls, TlsContext::End::Client));
  }
  LCP_ASSIGN_OR_RETURN(loop, EventLoop::start("lcp-serve"));
  size_t threads = 1;
  for (const std::unique_ptr<Servable> &model : models)
    threads = std::max(threads, model->concurrency());
  LCP_ASSIGN_OR_RETURN(scheduler,
                       InferenceScheduler::start(*loop, threads, tls));
  service = std::make_unique<Service>(*scheduler, options.allowed);
  return service->add(std::move(models));
}

Status Server::State::listen(const ServerOptions &options,
                             const Endpoint &endpoint) {
  RpcServerOptions rpc;
  rpc.address = endpoint.numeric;
  rpc.log = options.log;
  rpc.timeLimit = options.timeLimit;
  // The largest model's messages fit for all that a peer has under way and one
  // that ends; of two peers at a time.
  rpc.memoryPerPeer = std::max(
      rpc.memoryPerPeer, (inferencesOfAPeer + 1) * service->largestExchange());
  rpc.memory = std::max(rpc.memory, 2 * rpc.memoryPerPeer);
  if (options.tls) {
    LCP_ASSIGN_OR_RETURN(
        rpc.tls, TlsContext::create(*options.tls, TlsContext::End::Server));
  }
  LCP_ASSIGN_OR_RETURN(server, RpcServer::start(*loop, *service, rpc));
  if (options.metrics.empty())
    return Status();
  LCP_ASSIGN_OR_RETURN(page, MetricsPage::start(*loop, options.metrics, [this] {
                         return writeMetrics();
                       }));
  return Status();
}

std::string Server::State::writeMetrics() const {
  std::string page;
  service->appendMetrics(page);
  appendMetric(page, "lcp_queue_length", "gauge",
               "Inferences that run or wait for their turn.",
               double(scheduler->queued()));
  appendMetric(page, "lcp_resident_bytes", "gauge",
               "Values kept for later stages.",
               double(scheduler->residents().size()));
  appendMetric(page, "lcp_connections", "gauge",
               "Open connections, strangers' among them.",
               double(server->connections()));
  appendProcessMetrics(page);
  return page;
}

Server::Server(std::unique_ptr<State> state) : state(std::move(state)) {}

Result<std::unique_ptr<Server>>
Server::start(std::vector<std::unique_ptr<Servable>> models,
              ServerOptions options) {
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(options.address));
  if (!endpoint.loopback && !options.tls)
    return Status(StatusCode::Untrusted,
                  options.address +
                      " can be reached from other machines: that needs "
                      "--tls=DIR (ca.pem, cert.pem, key.pem)");
  LCP_RETURN_IF_ERROR(checkCanListen(endpoint, options.address));
  quietMessageLogs();
  auto state = std::make_unique<State>();
  LCP_RETURN_IF_ERROR(state->makeService(std::move(models), options));
  LCP_RETURN_IF_ERROR(state->listen(options, endpoint));
  state->service->setReady(true);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

const std::string &Server::address() const { return state->server->address(); }

std::string Server::metricsAddress() const {
  return state->page ? state->page->address() : std::string();
}

Status Server::setTls(const TlsIdentity &identity) {
  LCP_ASSIGN_OR_RETURN(std::shared_ptr<const TlsContext> incoming,
                       TlsContext::create(identity, TlsContext::End::Server));
  LCP_ASSIGN_OR_RETURN(std::shared_ptr<const TlsContext> outgoing,
                       TlsContext::create(identity, TlsContext::End::Client));
  state->server->setTls(std::move(incoming));
  state->scheduler->setTls(std::move(outgoing));
  return Status();
}

void Server::stop(std::chrono::milliseconds grace) {
  state->service->setReady(false);
  state->server->stop(grace);
}
