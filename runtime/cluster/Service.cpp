//===- Service.cpp - The protocol's six calls -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Service.h"

#include "runtime/cluster/Codec.h"
#include "runtime/cluster/GrpcStatus.h"

#include <algorithm>

using namespace lcp::rt;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

/// Enough of a name from outside to recognise it in a message.
static std::string quoted(const std::string &name) {
  return "'" + name.substr(0, 128) + "'";
}

//===----------------------------------------------------------------------===//
// ServedModel
//===----------------------------------------------------------------------===//

Result<std::unique_ptr<ServedModel>>
ServedModel::create(std::unique_ptr<Model> model) {
  auto served = std::make_unique<ServedModel>();
  auto allocate = [&](Span<const TensorSpec> specs,
                      std::vector<void *> &pointers) -> Status {
    for (const TensorSpec &spec : specs) {
      LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
      LCP_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::allocate(bytes));
      pointers.push_back(buffer.data());
      served->buffers.push_back(std::move(buffer));
    }
    return Status();
  };
  LCP_RETURN_IF_ERROR(allocate(model->inputs(), served->inputs));
  LCP_RETURN_IF_ERROR(allocate(model->outputs(), served->outputs));
  served->constInputs.assign(served->inputs.begin(), served->inputs.end());
  served->model_ = std::move(model);
  return served;
}

/// Where in `messages` the tensor of this name stands: -1 if nowhere, -2 if
/// twice.
template <typename Messages>
static int placeOf(const std::string &name, const Messages &messages) {
  int place = -1;
  for (int i = 0; i < messages.size(); ++i)
    if (messages[i].name() == name)
      place = place == -1 ? i : -2;
  return place;
}

Result<ServedModel::Places>
ServedModel::matchInputs(const ModelInferRequest &request) const {
  auto bad = [](const std::string &what) {
    return Status(StatusCode::InvalidArgument, what);
  };
  int raw = request.raw_input_contents_size();
  if (raw != 0 && raw != request.inputs_size())
    return bad("raw_input_contents has " + std::to_string(raw) +
               " entries for " + std::to_string(request.inputs_size()) +
               " inputs");
  Places places;
  for (const TensorSpec &spec : model_->inputs()) {
    int place = placeOf(spec.name, request.inputs());
    if (place < 0)
      return bad("the model's input " + quoted(spec.name) +
                 (place == -1 ? " is missing" : " is there twice"));
    const auto &input = request.inputs(place);
    LCP_RETURN_IF_ERROR(checkTensor(input.datatype(), input.shape(), spec));
    if (raw != 0 && input.has_contents())
      return bad("input " + quoted(spec.name) +
                 " has both raw and typed contents");
    places.push_back(place);
  }
  for (const auto &input : request.inputs())
    if (std::none_of(
            model_->inputs().begin(), model_->inputs().end(),
            [&](const TensorSpec &spec) { return spec.name == input.name(); }))
      return bad("the model has no input " + quoted(input.name()));
  return places;
}

Result<ServedModel::Places>
ServedModel::matchOutputs(const ModelInferRequest &request) const {
  Places wanted;
  Span<const TensorSpec> specs = model_->outputs();
  if (request.outputs_size() == 0) {
    for (size_t i = 0; i < specs.size(); ++i)
      wanted.push_back(int(i));
    return wanted;
  }
  for (const auto &output : request.outputs()) {
    auto found = std::find_if(
        specs.begin(), specs.end(),
        [&](const TensorSpec &spec) { return spec.name == output.name(); });
    int index = int(found - specs.begin());
    if (found == specs.end())
      return Status(StatusCode::InvalidArgument,
                    "the model has no output " + quoted(output.name()));
    if (std::find(wanted.begin(), wanted.end(), index) != wanted.end())
      return Status(StatusCode::InvalidArgument,
                    "output " + quoted(output.name()) + " is asked for twice");
    wanted.push_back(index);
  }
  return wanted;
}

Status ServedModel::readInputs(const ModelInferRequest &request,
                               const Places &places) {
  for (size_t i = 0; i < places.size(); ++i) {
    const TensorSpec &spec = model_->inputs()[i];
    int place = places[i];
    if (request.raw_input_contents_size() != 0)
      LCP_RETURN_IF_ERROR(
          readRaw(request.raw_input_contents(place), spec, inputs[i]));
    else
      LCP_RETURN_IF_ERROR(
          readTyped(request.inputs(place).contents(), spec, inputs[i]));
  }
  return Status();
}

void ServedModel::writeOutputs(const Places &wanted, bool raw,
                               ModelInferResponse &response) const {
  for (int index : wanted) {
    const TensorSpec &spec = model_->outputs()[size_t(index)];
    const void *data = outputs[size_t(index)];
    auto &output = *response.add_outputs();
    describeTensor(spec, output);
    if (!raw) {
      writeTyped(data, spec, *output.mutable_contents());
      continue;
    }
    Result<uint64_t> bytes = byteSize(spec);
    response.add_raw_output_contents(data, bytes.ok() ? *bytes : 0);
  }
}

Status ServedModel::infer(const ModelInferRequest &request, Deadline deadline,
                          ModelInferResponse &response) {
  LCP_ASSIGN_OR_RETURN(Places places, matchInputs(request));
  LCP_ASSIGN_OR_RETURN(Places wanted, matchOutputs(request));
  std::unique_lock<std::timed_mutex> lock(mutex, std::defer_lock);
  if (deadline == noDeadline)
    lock.lock();
  else if (!lock.try_lock_until(deadline))
    return Status(StatusCode::DeadlineExceeded,
                  "the deadline passed while " + model_->name() +
                      " was busy with other requests");
  if (std::chrono::system_clock::now() > deadline)
    return Status(StatusCode::DeadlineExceeded,
                  "the deadline passed before " + model_->name() + " began");
  LCP_RETURN_IF_ERROR(readInputs(request, places));
  LCP_RETURN_IF_ERROR(model_->run(constInputs, outputs, deadline));
  response.set_model_name(model_->name());
  response.set_model_version(model_->version());
  response.set_id(request.id());
  writeOutputs(wanted, request.raw_input_contents_size() != 0, response);
  return Status();
}

//===----------------------------------------------------------------------===//
// Service
//===----------------------------------------------------------------------===//

Status Service::add(std::unique_ptr<Model> model) {
  std::string name = model->name();
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<ServedModel> served,
                       ServedModel::create(std::move(model)));
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
  const std::string &served = found->second->model().version();
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
  const Model &model = (*found)->model();
  response->set_name(model.name());
  response->add_versions(model.version());
  response->set_platform("lcp_bundle");
  for (const TensorSpec &spec : model.inputs())
    describeTensor(spec, *response->add_inputs());
  for (const TensorSpec &spec : model.outputs())
    describeTensor(spec, *response->add_outputs());
  return grpc::Status::OK;
}

grpc::Status Service::ModelInfer(grpc::ServerContext *context,
                                 const ModelInferRequest *request,
                                 ModelInferResponse *response) {
  Result<ServedModel *> found =
      find(request->model_name(), request->model_version());
  if (!found.ok())
    return toGrpc(found.status());
  return toGrpc((*found)->infer(*request, context->deadline(), *response));
}
