//===- BranchMessages.cpp - Calls of branches as messages -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/BranchMessages.h"

#include "runtime/rpc/Codec.h"
#include "runtime/rpc/ImageCodec.h"
#include "runtime/rpc/Parameters.h"

#include <climits>

using namespace lcp;
using namespace lcp::rt;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

/// The bytes before an entry of `size` bytes in a repeated bytes field.
static std::string entryHeader(int field, size_t size) {
  constexpr int lengthDelimited = 2;
  std::string bytes(1, char(field << 3 | lengthDelimited));
  for (; size >= 0x80; size >>= 7)
    bytes.push_back(char(0x80 | (size & 0x7f)));
  bytes.push_back(char(size));
  return bytes;
}

/// "KEY*2@HOST:PORT KEY@", see ShardTarget.h in runtime/serving.
static std::string targetsOf(const std::vector<BranchCall::Push> &pushes,
                             const PushAddress &addressOf) {
  std::string targets;
  for (const BranchCall::Push &push : pushes)
    targets += (targets.empty() ? "" : " ") + push.key +
               (push.takers == 1 ? "" : "*" + std::to_string(push.takers)) +
               "@" + addressOf(push.worker);
  return targets;
}

static std::string joined(const std::vector<std::string> &words) {
  std::string text;
  for (const std::string &word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The image to send for an input; null: its elements.
static const EncodedImage *imageFor(const BranchCall &call, size_t input,
                                    const AcceptedImages &accepted) {
  const std::optional<EncodedImage> &image = call.inputs[input].image;
  const bool isTaken =
      image && input < accepted.size() && accepted[input].count(image->form);
  return isTaken ? &*image : nullptr;
}

/// All but the raw contents.
static ModelInferRequest describeCall(const BranchCall &call,
                                      const AcceptedImages &accepted,
                                      const PushAddress &addressOf) {
  ModelInferRequest request;
  request.set_model_name(call.model->name);
  request.set_model_version(call.model->version);
  request.set_id(call.request);
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const BranchCall::Input &from = call.inputs[i];
    auto &input = *request.add_inputs();
    if (const EncodedImage *image = imageFor(call, i, accepted))
      describeImage(image->form, call.model->inputs[i], input);
    else
      describeTensor(call.model->inputs[i], input);
    auto &parameters = *input.mutable_parameters();
    if (!from.awaited.empty())
      parameters[awaitedParameter].set_string_param(joined(from.awaited));
    if (from.keptAs.empty())
      continue;
    parameters[keptParameter].set_string_param(from.keptAs);
    parameters[keptLastParameter].set_bool_param(from.last);
  }
  for (size_t i = 0; i < call.keepOutputsAs.size(); ++i) {
    auto &output = *request.add_outputs();
    output.set_name(call.model->outputs[i].name);
    auto &parameters = *output.mutable_parameters();
    if (!call.keepOutputsAs[i].empty())
      parameters[keepParameter].set_string_param(call.keepOutputsAs[i]);
    if (call.pushes.empty() || call.pushes[i].empty())
      continue;
    parameters[pushToParameter].set_string_param(
        targetsOf(call.pushes[i], addressOf));
    parameters[sendTooParameter].set_bool_param(call.isSentBack(i));
  }
  return request;
}

Message lcp::rt::encodeCall(const BranchCall &call,
                            const AcceptedImages &accepted,
                            const PushAddress &addressOf) {
  constexpr int field = ModelInferRequest::kRawInputContentsFieldNumber;
  Message message(describeCall(call, accepted, addressOf).SerializeAsString());
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const EncodedImage *image = imageFor(call, i, accepted);
    const TensorPointer &tensor = call.inputs[i].tensor;
    const SharedTensor::Bytes bytes = image    ? image->bytes
                                      : tensor ? tensor->bytes()
                                               : nullptr;
    const size_t size = bytes ? bytes->size() : 0;
    std::string prefix = image ? rawImagePrefix(image->form, size) : "";
    message.append(
        Bytes::of(entryHeader(field, prefix.size() + size) + prefix));
    if (bytes)
      message.append(Bytes({bytes->data(), size}, bytes));
  }
  return message;
}

template <typename M> static bool parse(ByteSpan message, M &to) {
  return message.size() <= INT_MAX &&
         to.ParseFromArray(message.data(), int(message.size()));
}

static Status corrupt(const std::string &what) {
  return Status(StatusCode::Corrupt, what);
}

Result<BranchAnswer> lcp::rt::decodeAnswer(ByteSpan message,
                                           const BranchCall &call,
                                           ModelInferResponse &response) {
  const std::vector<TensorSpec> &specs = call.model->outputs;
  if (!parse(message, response))
    return corrupt("the answer is no message of the protocol");
  if (response.outputs_size() != int(specs.size()) ||
      response.raw_output_contents_size() != response.outputs_size())
    return corrupt("the answer does not have the model's outputs");
  BranchAnswer answer(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    const auto &output = response.outputs(int(i));
    if (output.name() != specs[i].name)
      return corrupt("output '" + specs[i].name +
                     "' is not where it should be");
    if (!call.isSentBack(i))
      continue;
    Status fits = checkTensor(output.datatype(), output.shape(), specs[i]);
    // Whose fault it is depends on who sent the tensor.
    if (!fits.ok())
      return corrupt(fits.message());
    const std::string &contents = response.raw_output_contents(int(i));
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(specs[i]));
    if (contents.size() != size)
      return corrupt("output '" + specs[i].name + "' has " +
                     std::to_string(contents.size()) + " bytes instead of " +
                     std::to_string(size));
    answer[i] = {reinterpret_cast<const std::byte *>(contents.data()),
                 contents.size()};
  }
  return answer;
}

Message lcp::rt::encodeCheck(const ModelSignature &model) {
  inference::ModelMetadataRequest request;
  request.set_name(model.name);
  return Message(request.SerializeAsString());
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

static AcceptedImages
acceptedImages(const inference::ModelMetadataResponse &response) {
  AcceptedImages accepted;
  for (const auto &input : response.inputs()) {
    auto forms = input.parameters().find(imageFormsParameter);
    accepted.push_back(forms == input.parameters().end()
                           ? std::set<ImageForm>()
                           : parseImageForms(forms->second.string_param()));
  }
  return accepted;
}

Result<AcceptedImages> lcp::rt::decodeCheck(ByteSpan message,
                                            const ModelSignature &model,
                                            const std::string &worker) {
  inference::ModelMetadataResponse response;
  if (!parse(message, response))
    return corrupt(worker + ", " + model.name +
                   ": the answer is no message of the protocol");
  std::string version =
      response.versions_size() == 1 ? response.versions(0) : "";
  if (version != model.version)
    return Status(StatusCode::Mismatch,
                  worker + " serves " + model.name +
                      " from another bundle: its hash is " +
                      version.substr(0, 64) + ", this one's " + model.version);
  if (!sameTensors(response.inputs(), model.inputs) ||
      !sameTensors(response.outputs(), model.outputs))
    return Status(StatusCode::Mismatch, worker + " serves " + model.name +
                                            " with other inputs or outputs");
  return acceptedImages(response);
}
