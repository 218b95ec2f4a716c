//===- ServedModel.cpp - Requests to a model ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ServedModel.h"

#include "runtime/rpc/Codec.h"
#include "runtime/rpc/Parameters.h"
#include "runtime/serving/SplitMessage.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;
using inference::ModelInferResponse;

Result<std::unique_ptr<ServedModel>>
ServedModel::create(std::unique_ptr<Servable> model,
                    ResidentValues &residents) {
  std::unique_ptr<ServedModel> served(new ServedModel(residents));
  served->model = std::move(model);
  for (size_t i = 0; i < served->model->concurrency(); ++i) {
    LCP_ASSIGN_OR_RETURN(BuffersPointer buffers, served->makeBuffers());
    served->free.push_back(std::move(buffers));
  }
  return served;
}

Status ServedModel::allocate(const std::vector<TensorSpec> &specs,
                             Buffers &buffers, std::vector<void *> &pointers) {
  for (const TensorSpec &spec : specs) {
    LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
    LCP_ASSIGN_OR_RETURN(AlignedBuffer memory, AlignedBuffer::allocate(bytes));
    pointers.push_back(memory.data());
    buffers.memory.push_back(std::move(memory));
  }
  return Status();
}

Result<ServedModel::BuffersPointer> ServedModel::makeBuffers() const {
  auto buffers = std::make_unique<Buffers>();
  LCP_RETURN_IF_ERROR(allocate(signature().inputs, *buffers, buffers->inputs));
  LCP_RETURN_IF_ERROR(
      allocate(signature().outputs, *buffers, buffers->outputs));
  buffers->constInputs.assign(buffers->inputs.begin(), buffers->inputs.end());
  buffers->images.resize(buffers->inputs.size());
  size_t pieces = 0;
  for (size_t i = 0; i < buffers->inputs.size(); ++i)
    pieces = std::max(pieces, signature().pieceCount(i));
  buffers->pieces.reserve(pieces);
  buffers->run.inputs = buffers->constInputs;
  buffers->run.outputs = buffers->outputs;
  buffers->run.images = buffers->images;
  return buffers;
}

ServedModel::BuffersPointer ServedModel::takeBuffers() {
  std::unique_lock<std::mutex> lock(mutex);
  returned.wait(lock, [&] { return !free.empty(); });
  BuffersPointer buffers = std::move(free.back());
  free.pop_back();
  return buffers;
}

void ServedModel::giveBack(BuffersPointer buffers) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    free.push_back(std::move(buffers));
  }
  returned.notify_one();
}

/// The request was checked before: whatever it is that the model then does not
/// like (a worker's answer, for one), the client is not to blame.
static Status blameUs(Status status) {
  switch (status.code()) {
  case StatusCode::InvalidArgument:
  case StatusCode::NotFound:
  case StatusCode::Corrupt:
  case StatusCode::Mismatch:
    return Status(StatusCode::Internal, status.message());
  default:
    return status;
  }
}

/// A file that is none, or too large, is the client's.
static Status blameClient(const TensorSpec &spec, const Status &status) {
  if (status.ok())
    return status;
  return Status(status.code() == StatusCode::ResourceExhausted
                    ? status.code()
                    : StatusCode::InvalidArgument,
                "input '" + spec.name + "': " + status.message());
}

Result<InferAnswer> ServedModel::infer(const InferRequest &request,
                                       const PeerIdentity &peer,
                                       Deadline deadline) {
  BuffersPointer buffers = takeBuffers();
  Result<InferAnswer> result = inferIn(*buffers, request, peer, deadline);
  giveBack(std::move(buffers));
  return result;
}

Result<InferAnswer> ServedModel::inferIn(Buffers &buffers,
                                         const InferRequest &request,
                                         const PeerIdentity &peer,
                                         Deadline deadline) {
  for (size_t i = 0; i < request.inputs.size(); ++i)
    LCP_RETURN_IF_ERROR(readInput(request, i, peer, buffers));
  buffers.run.deadline = deadline;
  buffers.run.missing.clear();
  LCP_RETURN_IF_ERROR(blameUs(model->run(buffers.run)));
  Result<InferAnswer> result = answer(request, buffers, peer, deadline);
  if (!result.ok())
    forget(request, peer);
  return result;
}

void ServedModel::forget(const InferRequest &request,
                         const PeerIdentity &peer) {
  for (const InferRequest::Output &output : request.outputs)
    if (!output.keepAs.empty())
      residents.release(peer, request.id, output.keepAs);
}

Status ServedModel::readInput(const InferRequest &request, size_t index,
                              const PeerIdentity &peer, Buffers &buffers) {
  const InferRequest::Input &input = request.inputs[index];
  const TensorSpec &spec = signature().inputs[index];
  void *out = buffers.inputs[index];
  buffers.images[index].reset();
  if (!input.kept.empty())
    return residents.read(peer, request.id, input.kept, spec, input.last, out);
  if (!input.awaited.empty())
    return mergeShards(input, index, buffers);
  if (input.form) {
    buffers.images[index] = ImageView{*input.form, input.raw};
    return blameClient(spec, readImage(*input.form, input.raw, spec,
                                       *signature().imageOf(index),
                                       {static_cast<float *>(out),
                                        size_t(*elementCount(spec.shape))}));
  }
  return input.typed ? readTyped(*input.typed, spec, out)
                     : readRaw(input.raw, spec, out);
}

/// Their sizes were checked when they came.
Status ServedModel::mergeShards(const InferRequest::Input &input, size_t index,
                                Buffers &buffers) {
  void *out = buffers.inputs[index];
  if (input.awaited.size() != signature().pieceCount(index))
    return readRaw(input.awaited.front().contents, signature().inputs[index],
                   out);
  buffers.pieces.clear();
  for (const AwaitedShard &shard : input.awaited)
    buffers.pieces.push_back(shard.contents.data());
  model->merge(index, {buffers.pieces.data(), buffers.pieces.size()}, out);
  return Status();
}

/// A copy of an output, whose buffer the next run will fill.
static Bytes copyBytes(const void *data, uint64_t size) {
  return Bytes::of(std::string(static_cast<const char *>(data), size));
}

/// "0,2".
static std::string listOf(const std::vector<unsigned> &numbers) {
  std::string list;
  for (unsigned number : numbers)
    list += (list.empty() ? "" : ",") + std::to_string(number);
  return list;
}

Result<InferAnswer> ServedModel::answer(const InferRequest &request,
                                        const Buffers &buffers,
                                        const PeerIdentity &peer,
                                        Deadline deadline) {
  InferAnswer result;
  ModelInferResponse header;
  header.set_model_name(signature().name);
  header.set_model_version(signature().version);
  header.set_id(request.id);
  if (!buffers.run.missing.empty())
    (*header.mutable_parameters())[missingParameter].set_string_param(
        listOf(buffers.run.missing));
  std::string raw;
  for (const InferRequest::Output &wanted : request.outputs) {
    const TensorSpec &spec = signature().outputs[wanted.index];
    const void *data = buffers.outputs[wanted.index];
    LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
    auto &output = *header.add_outputs();
    describeTensor(spec, output);
    if (!wanted.keepAs.empty())
      LCP_RETURN_IF_ERROR(residents.keep(peer, request.id, wanted.keepAs, spec,
                                         data, deadline));
    if (!wanted.pushTo.empty())
      result.shards.push_back({&spec, copyBytes(data, bytes), wanted.pushTo});
    if (request.isRaw) {
      const uint64_t sent = wanted.isSent() ? bytes : 0;
      appendFieldHead(raw, ModelInferResponse::kRawOutputContentsFieldNumber,
                      sent);
      raw.append(static_cast<const char *>(data), sent);
    } else if (wanted.isSent()) {
      writeTyped(data, spec, *output.mutable_contents());
    }
  }
  result.message.append(Bytes::of(header.SerializeAsString()));
  if (!raw.empty())
    result.message.append(Bytes::of(std::move(raw)));
  return result;
}
