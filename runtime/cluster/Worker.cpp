//===- Worker.cpp - A server of branches, seen from outside ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Worker.h"

#include "runtime/cluster/WorkerErrors.h"
#include "runtime/rpc/Address.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/GrpcStatus.h"
#include "runtime/rpc/Parameters.h"

#include "open_inference.grpc.pb.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

using namespace lcp;
using namespace lcp::rt;
using Stub = inference::GRPCInferenceService::Stub;
/// Inference requests are put together here rather than by protobuf, so that
/// workers which get the same tensor share its bytes.
using InferStub =
    grpc::TemplatedGenericStub<grpc::ByteBuffer, inference::ModelInferResponse>;

//===----------------------------------------------------------------------===//
// Worker
//===----------------------------------------------------------------------===//

struct Worker::State {
  std::string address;
  bool tls = false;
  std::unique_ptr<Stub> stub;
  std::unique_ptr<InferStub> inferStub;
};

static std::shared_ptr<grpc::ChannelCredentials>
makeCredentials(const std::optional<TlsIdentity> &tls) {
  if (!tls)
    return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls->authority;
  options.pem_private_key = tls->key;
  options.pem_cert_chain = tls->certificate;
  return grpc::SslCredentials(options);
}

Worker::Worker(std::unique_ptr<State> state) : state(std::move(state)) {}
Worker::~Worker() = default;
const std::string &Worker::address() const { return state->address; }
bool Worker::usesTls() const { return state->tls; }

Result<std::unique_ptr<Worker>>
Worker::connect(const std::string &address,
                const std::optional<TlsIdentity> &tls, int largestResponse) {
  quietLibraryLogs();
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(address));
  if (!endpoint.loopback && !tls)
    return Status(StatusCode::Untrusted,
                  "worker " + address +
                      " is on another machine: that needs "
                      "--tls=DIR (ca.pem, cert.pem, key.pem)");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(largestResponse);
  // Devices on one's own network are not behind the environment's proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A worker that was restarted is found again within a second or two.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Two coordinators of one process share no connection by accident.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // With TLS the name must stay a name: the certificate is checked against it.
  auto channel = grpc::CreateCustomChannel(tls ? address : endpoint.numeric,
                                           makeCredentials(tls), arguments);
  auto state = std::make_unique<State>();
  state->address = address;
  state->tls = tls.has_value();
  state->stub = inference::GRPCInferenceService::NewStub(channel);
  state->inferStub = std::make_unique<InferStub>(channel);
  return std::unique_ptr<Worker>(new Worker(std::move(state)));
}

template <typename Messages>
static bool sameTensors(const Messages &messages,
                        Span<const TensorSpec> specs) {
  if (size_t(messages.size()) != specs.size())
    return false;
  for (size_t i = 0; i < specs.size(); ++i) {
    const auto &message = messages[int(i)];
    if (message.name() != specs[i].name ||
        !checkTensor(message.datatype(), message.shape(), specs[i]).ok())
      return false;
  }
  return true;
}

Status Worker::check(const ModelSignature &model, Deadline deadline) {
  grpc::ClientContext context;
  context.set_deadline(toSystemClock(deadline));
  inference::ModelMetadataRequest request;
  inference::ModelMetadataResponse response;
  request.set_name(model.name);
  grpc::Status called =
      state->stub->ModelMetadata(&context, request, &response);
  if (called.error_code() == grpc::StatusCode::NOT_FOUND)
    return Status(StatusCode::NotFound,
                  "worker " + address() + " does not serve " + model.name);
  if (called.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
      called.error_code() == grpc::StatusCode::UNAVAILABLE)
    return describeAbsence(address(), state->tls, called);
  if (!called.ok())
    return describeFailure(address(), state->tls, model.name, called);
  std::string version =
      response.versions_size() == 1 ? response.versions(0) : "";
  if (version != model.version)
    return Status(StatusCode::Mismatch,
                  "worker " + address() + " serves " + model.name +
                      " from another bundle: its hash is " +
                      version.substr(0, 64) + ", this one's " + model.version);
  if (!sameTensors(response.inputs(), model.inputs) ||
      !sameTensors(response.outputs(), model.outputs))
    return Status(StatusCode::Mismatch, "worker " + address() + " serves " +
                                            model.name +
                                            " with other inputs or outputs");
  return Status();
}

//===----------------------------------------------------------------------===//
// RemoteModel
//===----------------------------------------------------------------------===//

namespace {

/// Copies of the tensors of one round of calls, one of each, that the calls'
/// messages share. gRPC may hold on to one for longer than its call lasts.
class SharedTensors {
public:
  grpc::Slice get(const void *data, size_t size) {
    for (const Entry &entry : entries)
      if (entry.data == data && entry.slice.size() == size)
        return entry.slice;
    entries.push_back({data, grpc::Slice(data, size)});
    return entries.back().slice;
  }
  void clear() { entries.clear(); }

private:
  struct Entry {
    const void *data;
    grpc::Slice slice;
  };
  std::vector<Entry> entries;
};

} // namespace

/// The bytes before an entry of `size` bytes in a repeated bytes field.
static grpc::Slice encodeEntryHeader(int field, size_t size) {
  constexpr int lengthDelimited = 2;
  std::string bytes(1, char(field << 3 | lengthDelimited));
  for (; size >= 0x80; size >>= 7)
    bytes.push_back(char(0x80 | (size & 0x7f)));
  bytes.push_back(char(size));
  return grpc::Slice(bytes);
}

struct RemoteModel::State {
  Worker &worker;
  ModelSignature signature;
  RemoteValues values;
  Traffic traffic;
  /// All but the raw contents.
  inference::ModelInferRequest request;
  inference::ModelInferResponse response;
  grpc::Status status;
  /// gRPC wants a new one for every call.
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<
      grpc::ClientAsyncResponseReader<inference::ModelInferResponse>>
      reader;

  void start(const RemoteCall &call, const std::string &id, InferStub &stub,
             SharedTensors &tensors, grpc::CompletionQueue &queue,
             Deadline deadline);
  grpc::ByteBuffer encode(const RemoteCall &call, const std::string &id,
                          SharedTensors &tensors);
  Status finish(const RemoteCall &call);
  Status readOutput(size_t index, void *out) const;
};

RemoteModel::RemoteModel(Worker &worker, ModelSignature signature,
                         const RemoteValues &values)
    : state(new State{
          worker, std::move(signature), values, {}, {}, {}, {}, {}, {}}) {
  const ModelSignature &model = state->signature;
  inference::ModelInferRequest &request = state->request;
  request.set_model_name(model.name);
  request.set_model_version(model.version);
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    auto &input = *request.add_inputs();
    describeTensor(model.inputs[i], input);
    if (values.inputs[i].keptAs.empty())
      continue;
    auto &parameters = *input.mutable_parameters();
    parameters[keptParameter].set_string_param(values.inputs[i].keptAs);
    parameters[keptLastParameter].set_bool_param(values.inputs[i].last);
  }
  for (size_t i = 0; i < model.outputs.size(); ++i) {
    auto &output = *request.add_outputs();
    output.set_name(model.outputs[i].name);
    if (!values.keepOutputsAs[i].empty())
      (*output.mutable_parameters())[keepParameter].set_string_param(
          values.keepOutputsAs[i]);
  }
}

RemoteModel::RemoteModel(RemoteModel &&) = default;
RemoteModel::~RemoteModel() = default;
Worker &RemoteModel::worker() const { return state->worker; }
const ModelSignature &RemoteModel::signature() const {
  return state->signature;
}
const Traffic &RemoteModel::traffic() const { return state->traffic; }

grpc::ByteBuffer RemoteModel::State::encode(const RemoteCall &call,
                                            const std::string &id,
                                            SharedTensors &tensors) {
  constexpr int field =
      inference::ModelInferRequest::kRawInputContentsFieldNumber;
  request.set_id(id);
  std::vector<grpc::Slice> slices = {grpc::Slice(request.SerializeAsString())};
  for (size_t i = 0; i < signature.inputs.size(); ++i) {
    Result<uint64_t> size = byteSize(signature.inputs[i]);
    bool sent = size.ok() && values.inputs[i].keptAs.empty();
    slices.push_back(encodeEntryHeader(field, sent ? *size : 0));
    if (sent)
      slices.push_back(tensors.get(call.inputs[i], *size));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

void RemoteModel::State::start(const RemoteCall &call, const std::string &id,
                               InferStub &stub, SharedTensors &tensors,
                               grpc::CompletionQueue &queue,
                               Deadline deadline) {
  grpc::ByteBuffer message = encode(call, id, tensors);
  traffic.sent += message.Length();
  context.emplace();
  context->set_deadline(toSystemClock(deadline));
  reader = stub.PrepareUnaryCall(
      &*context, "/inference.GRPCInferenceService/ModelInfer", message, &queue);
  reader->StartCall();
  reader->Finish(&response, &status, const_cast<RemoteCall *>(&call));
}

Status RemoteModel::State::readOutput(size_t index, void *out) const {
  const TensorSpec &spec = signature.outputs[index];
  const auto &output = response.outputs(int(index));
  if (output.name() != spec.name)
    return Status(StatusCode::Corrupt,
                  "output '" + spec.name + "' is not where it should be");
  if (!values.keepOutputsAs[index].empty())
    return Status();
  LCP_RETURN_IF_ERROR(checkTensor(output.datatype(), output.shape(), spec));
  return readRaw(response.raw_output_contents(int(index)), spec, out);
}

Status RemoteModel::State::finish(const RemoteCall &call) {
  if (!status.ok())
    return describeFailure(worker.address(), worker.usesTls(), signature.name,
                           status);
  traffic.received += response.ByteSizeLong();
  std::string where = "worker " + worker.address() + ", " + signature.name;
  if (response.outputs_size() != int(signature.outputs.size()) ||
      response.raw_output_contents_size() != response.outputs_size())
    return Status(StatusCode::Corrupt,
                  where + ": the answer does not have the model's outputs");
  for (size_t i = 0; i < signature.outputs.size(); ++i)
    if (Status read = readOutput(i, call.outputs[i]); !read.ok())
      return std::move(read).withContext(where);
  return Status();
}

//===----------------------------------------------------------------------===//
// RemoteCalls
//===----------------------------------------------------------------------===//

struct RemoteCalls::State {
  grpc::CompletionQueue queue;
  SharedTensors tensors;
};

RemoteCalls::RemoteCalls() : state(std::make_unique<State>()) {}

RemoteCalls::~RemoteCalls() {
  state->queue.Shutdown();
  void *tag = nullptr;
  bool ok = false;
  while (state->queue.Next(&tag, &ok)) {
  }
}

Status RemoteCalls::run(Span<const RemoteCall> calls,
                        const std::string &request, Deadline deadline) {
  for (const RemoteCall &call : calls)
    call.model->state->start(call, request,
                             *call.model->worker().state->inferStub,
                             state->tensors, state->queue, deadline);
  state->tensors.clear();
  Status first;
  // Every started call puts its tag in the queue, if only when its deadline
  // passes; all are awaited, so that no answer is written after the return.
  for (size_t left = calls.size(); left > 0; --left) {
    void *tag = nullptr;
    bool ok = false;
    if (!state->queue.Next(&tag, &ok))
      return Status(StatusCode::Internal, "the completion queue is closed");
    const RemoteCall &call = *static_cast<const RemoteCall *>(tag);
    Status status = call.model->state->finish(call);
    if (status.ok() || !first.ok())
      continue;
    first = std::move(status);
    for (const RemoteCall &other : calls)
      other.model->state->context->TryCancel();
  }
  return first;
}
