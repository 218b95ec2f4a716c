//===- Service.cpp - The protocol's six calls -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Service.h"

#include "common/base/Arithmetic.h"
#include "common/base/Printable.h"
#include "runtime/platform/Memory.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/GrpcStatus.h"
#include "runtime/rpc/Limits.h"

using namespace lcp;
using namespace lcp::rt;

/// Enough of a name from outside to recognise it in a message.
static std::string quoted(const std::string &name) {
  return "'" + printable(name.substr(0, 128)) + "'";
}

/// Bytes of all tensors of the list, added to `total`.
static Status addBytes(const std::vector<TensorSpec> &specs, uint64_t &total) {
  for (const TensorSpec &spec : specs) {
    LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
    std::optional<uint64_t> sum = checkedAdd(total, bytes);
    total = sum.value_or(UINT64_MAX);
  }
  return Status();
}

namespace {

/// One of the inferences that may run or wait at a time.
struct Place {
  explicit Place(std::atomic<int> &taken)
      : taken(taken), free(++taken <= inferencesAtATime) {}
  ~Place() { --taken; }

  std::atomic<int> &taken;
  const bool free;
};

} // namespace

Status Service::add(std::unique_ptr<Servable> model) {
  std::string name = model->signature().name;
  LCP_RETURN_IF_ERROR(addBytes(model->signature().inputs, bufferBytes));
  LCP_RETURN_IF_ERROR(addBytes(model->signature().outputs, bufferBytes));
  LCP_RETURN_IF_ERROR(
      checkMemory(bufferBytes).withContext("inputs and outputs"));
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<ServedModel> served,
                       ServedModel::create(std::move(model), kept));
  if (!models.emplace(name, std::move(served)).second)
    return Status(StatusCode::InvalidArgument,
                  "two models are named " + quoted(name));
  return Status();
}

Result<ServedModel *> Service::find(const std::string &name,
                                    const std::string &version) const {
  auto found = models.find(name);
  if (found == models.end())
    return Status(StatusCode::NotFound, "no model " + quoted(name) + " here");
  const std::string &served = found->second->signature().version;
  if (!version.empty() && version != served)
    return Status(StatusCode::NotFound, quoted(name) + " is here in version " +
                                            served + ", not " +
                                            quoted(version));
  return found->second.get();
}

grpc::Status Service::ServerLive(grpc::ServerContext *,
                                 const inference::ServerLiveRequest *,
                                 inference::ServerLiveResponse *response) {
  response->set_live(true);
  return grpc::Status::OK;
}

grpc::Status Service::ServerReady(grpc::ServerContext *,
                                  const inference::ServerReadyRequest *,
                                  inference::ServerReadyResponse *response) {
  response->set_ready(ready);
  return grpc::Status::OK;
}

grpc::Status Service::ModelReady(grpc::ServerContext *,
                                 const inference::ModelReadyRequest *request,
                                 inference::ModelReadyResponse *response) {
  response->set_ready(ready && find(request->name(), request->version()).ok());
  return grpc::Status::OK;
}

grpc::Status
Service::ServerMetadata(grpc::ServerContext *,
                        const inference::ServerMetadataRequest *,
                        inference::ServerMetadataResponse *response) {
  response->set_name("lcp-run");
  response->set_version(LCP_VERSION);
  return grpc::Status::OK;
}

grpc::Status
Service::ModelMetadata(grpc::ServerContext *,
                       const inference::ModelMetadataRequest *request,
                       inference::ModelMetadataResponse *response) {
  Result<ServedModel *> found = find(request->name(), request->version());
  if (!found.ok())
    return toGrpc(found.status());
  const ModelSignature &model = (*found)->signature();
  response->set_name(model.name);
  response->add_versions(model.version);
  response->set_platform("lcp_bundle");
  for (const TensorSpec &spec : model.inputs)
    describeTensor(spec, *response->add_inputs());
  for (const TensorSpec &spec : model.outputs)
    describeTensor(spec, *response->add_outputs());
  return grpc::Status::OK;
}

grpc::Status Service::ModelInfer(grpc::ServerContext *context,
                                 const inference::ModelInferRequest *request,
                                 inference::ModelInferResponse *response) {
  Result<ServedModel *> found =
      find(request->model_name(), request->model_version());
  if (!found.ok())
    return toGrpc(found.status());
  Place place(inferences);
  if (!place.free)
    return toGrpc(Status(StatusCode::ResourceExhausted,
                         std::to_string(inferencesAtATime) +
                             " requests are running or waiting here; ask "
                             "again later"));
  return toGrpc((*found)->infer(*request, deadlineOf(*context), *response));
}
