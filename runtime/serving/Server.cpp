//===- Server.cpp - Models behind the Open Inference Protocol -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Server.h"

#include "runtime/rpc/Address.h"
#include "runtime/rpc/GrpcStatus.h"
#include "runtime/rpc/Limits.h"
#include "runtime/serving/Service.h"

#include <algorithm>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

using namespace lcp;
using namespace lcp::rt;

struct Server::State {
  Service service;
  std::string address;
  std::unique_ptr<grpc::Server> server;
};

static std::shared_ptr<grpc::ServerCredentials>
makeCredentials(const std::optional<TlsIdentity> &tls) {
  if (!tls)
    return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->authority;
  options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
  return grpc::SslServerCredentials(options);
}

/// The limits that keep a small device alive whatever its peers send.
static void setLimits(grpc::ServerBuilder &builder, int largestMessage) {
  constexpr int streamsPerConnection = 16;
  grpc::ResourceQuota quota("lcp-run");
  quota.SetMaxThreads(serverThreads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(largestMessage);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             streamsPerConnection);
  // Two servers on one port would share it in silence otherwise.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

Server::Server(std::unique_ptr<State> state) : state(std::move(state)) {}

Result<std::unique_ptr<Server>>
Server::start(std::vector<std::unique_ptr<Servable>> models,
              const std::string &address,
              const std::optional<TlsIdentity> &tls) {
  quietLibraryLogs();
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(address));
  if (!endpoint.loopback && !tls)
    return Status(StatusCode::Untrusted,
                  address + " can be reached from other machines: that needs "
                            "--tls=DIR (ca.pem, cert.pem, key.pem)");
  LCP_RETURN_IF_ERROR(checkCanListen(endpoint, address));

  auto state = std::make_unique<State>();
  int largestMessage = 0;
  for (std::unique_ptr<Servable> &model : models) {
    LCP_ASSIGN_OR_RETURN(int limit, messageLimit(model->signature().inputs));
    largestMessage = std::max(largestMessage, limit);
    LCP_RETURN_IF_ERROR(messageLimit(model->signature().outputs).status());
    LCP_RETURN_IF_ERROR(state->service.add(std::move(model)));
  }

  grpc::ServerBuilder builder;
  setLimits(builder, largestMessage);
  int port = 0;
  builder.AddListeningPort(endpoint.numeric, makeCredentials(tls), &port);
  builder.RegisterService(&state->service);
  state->server = builder.BuildAndStart();
  if (!state->server || port == 0)
    return Status(StatusCode::Unavailable, "cannot listen on " + address);
  state->address = endpoint.numeric.substr(0, endpoint.numeric.rfind(':') + 1) +
                   std::to_string(port);
  state->service.setReady(true);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

const std::string &Server::address() const { return state->address; }

void Server::stop(std::chrono::milliseconds grace) {
  state->service.setReady(false);
  state->server->Shutdown(std::chrono::system_clock::now() + grace);
  state->server->Wait();
}
