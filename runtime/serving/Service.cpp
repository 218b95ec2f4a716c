//===- Service.cpp - The calls that a server answers ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/Service.h"

#include "common/base/Arithmetic.h"
#include "common/base/Printable.h"
#include "runtime/platform/Memory.h"
#include "runtime/platform/Wireless.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/ImageCodec.h"
#include "runtime/rpc/Limits.h"
#include "runtime/rpc/Parameters.h"

#include "device.pb.h"
#include "health.pb.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

/// Enough for names and versions.
constexpr uint64_t largestQuestion = 16 << 10;

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

template <typename Protobuf>
static bool parse(const ServerCall &call, Protobuf &message) {
  return message.ParseFromArray(call.message().data(),
                                int(call.message().size()));
}

static void refuse(ServerCall &call, Status status) {
  call.finish(std::move(status), Message());
}

static void refuseMessage(ServerCall &call) {
  refuse(call, Status(StatusCode::InvalidArgument,
                      "the message is not one of " + call.method()));
}

template <typename Protobuf>
static void reply(ServerCall &call, const Protobuf &response) {
  call.finish(Status(), Bytes::of(response.SerializeAsString()));
}

/// An inference may keep all outputs of all its stages.
static Status
makeRoomForValues(const std::vector<std::unique_ptr<Servable>> &models,
                  ResidentValues &residents) {
  size_t values = 0;
  uint64_t bytes = 0;
  for (const std::unique_ptr<Servable> &model : models) {
    const std::vector<TensorSpec> &outputs = model->signature().outputs;
    LCP_RETURN_IF_ERROR(addBytes(outputs, bytes));
    values += outputs.size();
  }
  residents.makeRoomFor(inferencesOfAPeer + 1, values, bytes);
  return Status();
}

/// Before any of it is allocated.
static Status
checkBuffers(const std::vector<std::unique_ptr<Servable>> &models) {
  uint64_t bytes = 0;
  for (const std::unique_ptr<Servable> &model : models)
    for (size_t i = 0; i < model->concurrency(); ++i) {
      LCP_RETURN_IF_ERROR(addBytes(model->signature().inputs, bytes));
      LCP_RETURN_IF_ERROR(addBytes(model->signature().outputs, bytes));
    }
  return checkMemory(bytes).withContext("inputs and outputs");
}

Status Service::add(std::vector<std::unique_ptr<Servable>> added) {
  LCP_RETURN_IF_ERROR(checkBuffers(added));
  LCP_RETURN_IF_ERROR(makeRoomForValues(added, scheduler.residents()));
  for (std::unique_ptr<Servable> &servable : added) {
    const ModelSignature &signature = servable->signature();
    LCP_ASSIGN_OR_RETURN(int limit, messageLimit(signature.inputs));
    LCP_ASSIGN_OR_RETURN(int answer, messageLimit(signature.outputs));
    uint64_t request = uint64_t(limit);
    for (size_t i = 0; i < signature.inputs.size(); ++i)
      request += signature.imageOf(i) ? largestImageFile : 0;
    largestRequest = std::max(largestRequest, request);
    largestExchange_ = std::max(largestExchange_, request + uint64_t(answer));
    std::string name = signature.name;
    auto model = std::make_unique<Model>();
    LCP_ASSIGN_OR_RETURN(
        model->served,
        ServedModel::create(std::move(servable), scheduler.residents()));
    if (!models.emplace(name, std::move(model)).second)
      return Status(StatusCode::InvalidArgument,
                    "two models are named " + quoted(name));
  }
  return Status();
}

const std::map<std::string_view, Service::Method> &Service::methods() {
  static const std::map<std::string_view, Method> table = {
      {"/inference.GRPCInferenceService/ServerLive", &Service::serverLive},
      {"/inference.GRPCInferenceService/ServerReady", &Service::serverReady},
      {"/inference.GRPCInferenceService/ModelReady", &Service::modelReady},
      {"/inference.GRPCInferenceService/ServerMetadata",
       &Service::serverMetadata},
      {"/inference.GRPCInferenceService/ModelMetadata",
       &Service::modelMetadata},
      {"/inference.GRPCInferenceService/ModelInfer", &Service::modelInfer},
      {"/grpc.health.v1.Health/Check", &Service::checkHealth},
      {"/lcp.ShardExchange/Push", &Service::pushShard},
      {"/lcp.Device/Describe", &Service::describeDevice},
      {"/lcp.Device/Probe", &Service::probe}};
  return table;
}

std::optional<uint64_t> Service::largestMessage(std::string_view method) {
  auto found = methods().find(method);
  if (found == methods().end())
    return std::nullopt;
  if (found->second == &Service::probe)
    return largestProbe + largestQuestion;
  const bool hasTensors = found->second == &Service::modelInfer ||
                          found->second == &Service::pushShard;
  return hasTensors ? largestRequest : largestQuestion;
}

bool Service::isAllowed(const PeerIdentity &peer) const {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(),
                                      peer.certificateName) != allowed.end();
}

void Service::handle(std::shared_ptr<ServerCall> call) {
  if (isAllowed(call->peer()))
    return (this->*methods().at(call->method()))(call);
  refuse(*call,
         Status(StatusCode::Untrusted,
                "the certificate of " + quoted(call->peer().certificateName) +
                    " may not ask here (--allow)"));
}

void Service::connectionClosed(const PeerIdentity &peer) {
  scheduler.residents().releaseConnection(peer.connection);
}

Result<Service::Model *> Service::find(const std::string &name,
                                       const std::string &version) const {
  auto found = models.find(name);
  if (found == models.end())
    return Status(StatusCode::NotFound, "no model " + quoted(name) + " here");
  const std::string &served = found->second->served->signature().version;
  if (!version.empty() && version != served)
    return Status(StatusCode::Mismatch, quoted(name) + " is here in version " +
                                            served + ", not " +
                                            quoted(version));
  return found->second.get();
}

Status Service::readiness() const {
  if (!ready)
    return Status(StatusCode::Unavailable, "it starts or stops");
  for (const auto &[name, model] : models)
    LCP_RETURN_IF_ERROR(model->served->ready());
  return Status();
}

void Service::serverLive(const Call &call) {
  inference::ServerLiveResponse response;
  response.set_live(true);
  reply(*call, response);
}

void Service::serverReady(const Call &call) {
  inference::ServerReadyResponse response;
  response.set_ready(readiness().ok());
  reply(*call, response);
}

void Service::modelReady(const Call &call) {
  inference::ModelReadyRequest request;
  if (!parse(*call, request))
    return refuseMessage(*call);
  Result<Model *> found = find(request.name(), request.version());
  inference::ModelReadyResponse response;
  response.set_ready(ready && found.ok() && (*found)->served->ready().ok());
  reply(*call, response);
}

void Service::serverMetadata(const Call &call) {
  inference::ServerMetadataResponse response;
  response.set_name("lcp-run");
  response.set_version(LCP_VERSION);
  reply(*call, response);
}

void Service::modelMetadata(const Call &call) {
  inference::ModelMetadataRequest request;
  if (!parse(*call, request))
    return refuseMessage(*call);
  Result<Model *> found = find(request.name(), request.version());
  if (!found.ok())
    return refuse(*call, found.status());
  const ModelSignature &model = (*found)->served->signature();
  inference::ModelMetadataResponse response;
  response.set_name(model.name);
  response.add_versions(model.version);
  response.set_platform("lcp_bundle");
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    auto &input = *response.add_inputs();
    describeTensor(model.inputs[i], input);
    if (model.imageOf(i))
      (*input.mutable_parameters())[imageFormsParameter].set_string_param(
          listImageForms());
  }
  for (const TensorSpec &spec : model.outputs)
    describeTensor(spec, *response.add_outputs());
  reply(*call, response);
}

void Service::modelInfer(const Call &call) {
  Result<InferMessage> message = parseInferMessage(call->message());
  if (!message.ok())
    return refuse(*call, message.status());
  Result<Model *> found =
      find(message->header.model_name(), message->header.model_version());
  if (!found.ok())
    return refuse(*call, found.status());
  Model &model = **found;
  Result<InferRequest> request =
      matchRequest(*std::move(message), model.served->signature());
  if (!request.ok()) {
    model.metrics.count(request.status().code());
    return refuse(*call, request.status());
  }
  scheduler.schedule(call, *model.served, model.metrics, *std::move(request));
}

void Service::checkHealth(const Call &call) {
  HealthCheckRequest request;
  if (!parse(*call, request))
    return refuseMessage(*call);
  const std::string &service = request.service();
  if (!service.empty() && service != "inference.GRPCInferenceService")
    return refuse(*call, Status(StatusCode::NotFound,
                                "no service " + quoted(service) + " here"));
  HealthCheckResponse response;
  response.set_status(readiness().ok() ? HealthCheckResponse::SERVING
                                       : HealthCheckResponse::NOT_SERVING);
  reply(*call, response);
}

void Service::pushShard(const Call &call) { scheduler.push(call); }

void Service::describeDevice(const Call &call) {
  DescribeResponse response;
  response.set_runtime_version(LCP_VERSION);
  response.set_protocol_version(protocolVersion);
  for (const auto &[name, model] : models) {
    auto &described = *response.add_models();
    described.set_name(name);
    described.set_version(model->served->signature().version);
    described.set_ready(ready && model->served->ready().ok());
  }
  for (const WirelessInterface &found : wirelessInterfaces()) {
    auto &interface = *response.add_wireless();
    interface.set_name(found.name);
    for (const std::string &address : found.addresses)
      interface.add_addresses(address);
    interface.set_power_save(
        found.powerSave == PowerSave::On    ? DescribeResponse::ON
        : found.powerSave == PowerSave::Off ? DescribeResponse::OFF
                                            : DescribeResponse::UNKNOWN);
  }
  reply(*call, response);
}

void Service::probe(const Call &call) {
  ProbeRequest request;
  if (!parse(*call, request))
    return refuseMessage(*call);
  if (request.reply_bytes() > largestProbe)
    return refuse(*call,
                  Status(StatusCode::InvalidArgument,
                         "a probe gives " + std::to_string(largestProbe) +
                             " bytes at most"));
  ProbeResponse response;
  response.mutable_padding()->resize(request.reply_bytes());
  response.set_wall_ns(nanosecondsSinceZero(std::chrono::system_clock::now()));
  response.set_steady_ns(
      nanosecondsSinceZero(std::chrono::steady_clock::now()));
  reply(*call, response);
}

/// A label as Prometheus reads it back.
static std::string modelLabel(const std::string &name) {
  std::string label = "model=\"";
  for (char c : printable(name))
    label +=
        (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return label + "\"";
}

void Service::appendMetrics(std::string &page) const {
  appendMetricHead(page, "lcp_requests_total", "counter",
                   "Inferences by what they were answered with.");
  for (const auto &[name, model] : models)
    model->metrics.append(page, modelLabel(name));
  appendMetricHead(page, "lcp_queue_seconds", "histogram",
                   "Time that inferences waited for their turn.");
  for (const auto &[name, model] : models)
    model->metrics.waiting.append(page, "lcp_queue_seconds", modelLabel(name));
  appendMetricHead(page, "lcp_compute_seconds", "histogram",
                   "Time that inferences were computed.");
  for (const auto &[name, model] : models)
    model->metrics.computing.append(page, "lcp_compute_seconds",
                                    modelLabel(name));
  appendMetricHead(page, "lcp_ready", "gauge",
                   "Whether the model would be answered now.");
  for (const auto &[name, model] : models)
    page += "lcp_ready{" + modelLabel(name) + ",version=\"" +
            model->served->signature().version + "\"} " +
            (ready && model->served->ready().ok() ? "1\n" : "0\n");
}
