//===- InferRequest.cpp - What a call asks of a model ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/InferRequest.h"

#include "common/base/Printable.h"
#include "runtime/rpc/Codec.h"
#include "runtime/rpc/ImageCodec.h"
#include "runtime/rpc/Parameters.h"
#include "runtime/serving/SplitMessage.h"

#include <algorithm>
#include <sstream>

using namespace lcp;
using namespace lcp::rt;
using inference::ModelInferRequest;

/// Enough of a name from outside to recognise it in a message.
static std::string quoted(const std::string &name) {
  return "'" + printable(name.substr(0, 128)) + "'";
}

static Status invalid(std::string what) {
  return Status(StatusCode::InvalidArgument, std::move(what));
}

/// A string parameter of a tensor; empty if there is none.
template <typename Tensor>
static std::string stringParameter(const Tensor &tensor, const char *name) {
  auto found = tensor.parameters().find(name);
  return found == tensor.parameters().end() ? "" : found->second.string_param();
}

template <typename Tensor>
static bool boolParameter(const Tensor &tensor, const char *name) {
  auto found = tensor.parameters().find(name);
  return found != tensor.parameters().end() && found->second.bool_param();
}

/// The keys of lcp_awaited.
static std::vector<AwaitedShard> readKeys(const std::string &text) {
  std::vector<AwaitedShard> shards;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    shards.push_back({std::move(word), {}, nullptr});
  return shards;
}

Result<InferMessage> lcp::rt::parseInferMessage(ByteSpan message) {
  LCP_ASSIGN_OR_RETURN(
      SplitMessage parts,
      splitMessage(message, ModelInferRequest::kRawInputContentsFieldNumber));
  InferMessage result;
  if (!result.header.ParseFromString(parts.rest))
    return invalid("the message is not a ModelInferRequest");
  result.raw = std::move(parts.fields);
  return result;
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

static auto findSpec(const std::vector<TensorSpec> &specs,
                     const std::string &name) {
  return std::find_if(specs.begin(), specs.end(), [&](const TensorSpec &spec) {
    return spec.name == name;
  });
}

/// Has `raw` be the image, however it came.
static Status takeImage(InferRequest::Input &input, const TensorSpec &spec) {
  if (input.typed) {
    LCP_ASSIGN_OR_RETURN(std::string image,
                         readTypedImage(*input.form, *input.typed, spec));
    auto owner = std::make_shared<const std::string>(std::move(image));
    input.raw = {reinterpret_cast<const std::byte *>(owner->data()),
                 owner->size()};
    input.owner = std::move(owner);
    input.typed = nullptr;
    return Status();
  }
  LCP_ASSIGN_OR_RETURN(input.raw, readRawImage(*input.form, input.raw, spec));
  return Status();
}

/// Takes the contents of the tensor at `place`, or where they come from.
static Result<InferRequest::Input> takeInput(InferMessage &message, int place,
                                             const ModelSignature &signature,
                                             size_t index) {
  const TensorSpec &spec = signature.inputs[index];
  auto &tensor = *message.header.mutable_inputs(place);
  InferRequest::Input input;
  if (signature.imageOf(index))
    input.form = imageFormOf(tensor.datatype());
  LCP_RETURN_IF_ERROR(
      input.form ? checkImage(*input.form, tensor.shape(), spec)
                 : checkTensor(tensor.datatype(), tensor.shape(), spec));
  if (!message.raw.empty())
    input.raw = message.raw[size_t(place)];
  input.kept = stringParameter(tensor, keptParameter);
  input.awaited = readKeys(stringParameter(tensor, awaitedParameter));
  input.last = boolParameter(tensor, keptLastParameter);
  if (!message.raw.empty() && tensor.has_contents())
    return invalid("input " + quoted(spec.name) +
                   " has both raw and typed contents");
  const char *elsewhere = !input.kept.empty()      ? keptParameter
                          : !input.awaited.empty() ? awaitedParameter
                                                   : nullptr;
  if (elsewhere && input.form)
    return invalid("input " + quoted(spec.name) + " is " + tensor.datatype() +
                   ", and " + elsewhere + " names elements");
  if (elsewhere && (!input.raw.empty() || tensor.has_contents()))
    return invalid("input " + quoted(spec.name) + " has both contents and " +
                   elsewhere);
  if (elsewhere && message.header.id().empty())
    return invalid(std::string(elsewhere) + " needs a request with an id");
  if (!input.kept.empty() && !input.awaited.empty())
    return invalid("input " + quoted(spec.name) + " is both kept and awaited");
  if (input.awaited.size() > 1 &&
      input.awaited.size() != signature.pieceCount(index))
    return invalid("input " + quoted(spec.name) + " awaits " +
                   std::to_string(input.awaited.size()) +
                   " values, and the model merges it of " +
                   std::to_string(signature.pieceCount(index)));
  if (elsewhere)
    return input;
  if (message.raw.empty())
    input.typed.reset(tensor.release_contents());
  if (message.raw.empty() && !input.typed)
    input.typed = std::make_unique<inference::InferTensorContents>();
  if (input.form)
    LCP_RETURN_IF_ERROR(takeImage(input, spec));
  return input;
}

static Result<std::vector<InferRequest::Input>>
takeInputs(InferMessage &message, const ModelSignature &signature) {
  const ModelInferRequest &header = message.header;
  const std::vector<TensorSpec> &specs = signature.inputs;
  if (!message.raw.empty() &&
      message.raw.size() != size_t(header.inputs_size()))
    return invalid("raw_input_contents has " +
                   std::to_string(message.raw.size()) + " entries for " +
                   std::to_string(header.inputs_size()) + " inputs");
  std::vector<InferRequest::Input> inputs;
  for (const TensorSpec &spec : specs) {
    int place = placeOf(spec.name, header.inputs());
    if (place < 0)
      return invalid("the model's input " + quoted(spec.name) +
                     (place == -1 ? " is missing" : " is there twice"));
    LCP_ASSIGN_OR_RETURN(InferRequest::Input input,
                         takeInput(message, place, signature, inputs.size()));
    inputs.push_back(std::move(input));
  }
  for (const auto &input : header.inputs())
    if (findSpec(specs, input.name()) == specs.end())
      return invalid("the model has no input " + quoted(input.name()));
  return inputs;
}

static Result<std::vector<InferRequest::Output>>
takeOutputs(const ModelInferRequest &header,
            const std::vector<TensorSpec> &specs) {
  std::vector<InferRequest::Output> outputs;
  if (header.outputs_size() == 0) {
    for (size_t i = 0; i < specs.size(); ++i)
      outputs.push_back({i, {}, {}, false});
    return outputs;
  }
  for (const auto &tensor : header.outputs()) {
    auto found = findSpec(specs, tensor.name());
    InferRequest::Output output{size_t(found - specs.begin()), {}, {}, false};
    if (found == specs.end())
      return invalid("the model has no output " + quoted(tensor.name()));
    if (std::any_of(outputs.begin(), outputs.end(), [&](const auto &other) {
          return other.index == output.index;
        }))
      return invalid("output " + quoted(tensor.name()) + " is asked for twice");
    output.keepAs = stringParameter(tensor, keepParameter);
    LCP_ASSIGN_OR_RETURN(output.pushTo, parseShardTargets(stringParameter(
                                            tensor, pushToParameter)));
    output.sendToo = boolParameter(tensor, sendTooParameter);
    if (!(output.keepAs.empty() && output.pushTo.empty()) &&
        header.id().empty())
      return invalid(
          std::string(output.keepAs.empty() ? pushToParameter : keepParameter) +
          " needs a request with an id");
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Result<InferRequest> lcp::rt::matchRequest(InferMessage message,
                                           const ModelSignature &signature) {
  InferRequest request;
  LCP_ASSIGN_OR_RETURN(request.inputs, takeInputs(message, signature));
  LCP_ASSIGN_OR_RETURN(request.outputs,
                       takeOutputs(message.header, signature.outputs));
  request.id = message.header.id();
  request.isRaw = !message.raw.empty();
  auto traced = message.header.parameters().find(traceParameter);
  request.isTraced = traced != message.header.parameters().end() &&
                     traced->second.bool_param();
  return request;
}
