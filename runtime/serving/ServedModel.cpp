//===- ServedModel.cpp - Requests to a model ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/ServedModel.h"

#include "common/base/Printable.h"
#include "runtime/rpc/Codec.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

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

static bool usesRaw(const ModelInferRequest &request) {
  return request.raw_input_contents_size() != 0;
}

Result<std::unique_ptr<ServedModel>>
ServedModel::create(std::unique_ptr<Servable> model, KeptValues &kept) {
  std::unique_ptr<ServedModel> served(new ServedModel(kept));
  served->model = std::move(model);
  LCP_RETURN_IF_ERROR(
      served->allocate(served->signature().inputs, served->inputs));
  LCP_RETURN_IF_ERROR(
      served->allocate(served->signature().outputs, served->outputs));
  served->constInputs.assign(served->inputs.begin(), served->inputs.end());
  return served;
}

Status ServedModel::allocate(const std::vector<TensorSpec> &specs,
                             std::vector<void *> &pointers) {
  for (const TensorSpec &spec : specs) {
    LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
    LCP_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::allocate(bytes));
    pointers.push_back(buffer.data());
    buffers.push_back(std::move(buffer));
  }
  return Status();
}

Status ServedModel::infer(const ModelInferRequest &request, Deadline deadline,
                          ModelInferResponse &response) {
  LCP_ASSIGN_OR_RETURN(std::vector<int> places, matchInputs(request));
  LCP_ASSIGN_OR_RETURN(std::vector<Wanted> wanted, matchOutputs(request));
  std::unique_lock<std::timed_mutex> lock(mutex, std::defer_lock);
  if (deadline == noDeadline)
    lock.lock();
  else if (!lock.try_lock_until(deadline))
    return Status(StatusCode::DeadlineExceeded,
                  "the deadline passed while " + signature().name +
                      " was busy with other requests");
  if (std::chrono::steady_clock::now() > deadline)
    return Status(StatusCode::DeadlineExceeded,
                  "the deadline passed before " + signature().name + " began");
  for (size_t i = 0; i < places.size(); ++i)
    LCP_RETURN_IF_ERROR(
        readInput(request, places[i], signature().inputs[i], inputs[i]));
  LCP_RETURN_IF_ERROR(model->run(constInputs, outputs, deadline));
  response.set_model_name(signature().name);
  response.set_model_version(signature().version);
  response.set_id(request.id());
  for (const Wanted &output : wanted)
    LCP_RETURN_IF_ERROR(writeOutput(request, output, deadline, response));
  return Status();
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

Result<std::vector<int>>
ServedModel::matchInputs(const ModelInferRequest &request) const {
  if (usesRaw(request) &&
      request.raw_input_contents_size() != request.inputs_size())
    return invalid("raw_input_contents has " +
                   std::to_string(request.raw_input_contents_size()) +
                   " entries for " + std::to_string(request.inputs_size()) +
                   " inputs");
  const std::vector<TensorSpec> &specs = signature().inputs;
  std::vector<int> places;
  for (const TensorSpec &spec : specs) {
    int place = placeOf(spec.name, request.inputs());
    if (place < 0)
      return invalid("the model's input " + quoted(spec.name) +
                     (place == -1 ? " is missing" : " is there twice"));
    LCP_RETURN_IF_ERROR(checkInput(request, place, spec));
    places.push_back(place);
  }
  for (const auto &input : request.inputs())
    if (findSpec(specs, input.name()) == specs.end())
      return invalid("the model has no input " + quoted(input.name()));
  return places;
}

Status ServedModel::checkInput(const ModelInferRequest &request, int place,
                               const TensorSpec &spec) const {
  const auto &input = request.inputs(place);
  LCP_RETURN_IF_ERROR(checkTensor(input.datatype(), input.shape(), spec));
  bool hasRaw = usesRaw(request) && !request.raw_input_contents(place).empty();
  bool isKept = !stringParameter(input, keptParameter).empty();
  if (usesRaw(request) && input.has_contents())
    return invalid("input " + quoted(spec.name) +
                   " has both raw and typed contents");
  if (isKept && (hasRaw || input.has_contents()))
    return invalid("input " + quoted(spec.name) + " has both contents and " +
                   keptParameter);
  if (isKept && request.id().empty())
    return invalid(std::string(keptParameter) + " needs a request with an id");
  return Status();
}

Result<std::vector<ServedModel::Wanted>>
ServedModel::matchOutputs(const ModelInferRequest &request) const {
  const std::vector<TensorSpec> &specs = signature().outputs;
  std::vector<Wanted> wanted;
  if (request.outputs_size() == 0) {
    for (size_t i = 0; i < specs.size(); ++i)
      wanted.push_back({i, {}});
    return wanted;
  }
  for (const auto &output : request.outputs()) {
    auto found = findSpec(specs, output.name());
    size_t index = size_t(found - specs.begin());
    if (found == specs.end())
      return invalid("the model has no output " + quoted(output.name()));
    if (std::any_of(wanted.begin(), wanted.end(),
                    [&](const Wanted &w) { return w.index == index; }))
      return invalid("output " + quoted(output.name()) + " is asked for twice");
    std::string keepAs = stringParameter(output, keepParameter);
    if (!keepAs.empty() && request.id().empty())
      return invalid(std::string(keepParameter) +
                     " needs a request with an id");
    wanted.push_back({index, std::move(keepAs)});
  }
  return wanted;
}

Status ServedModel::readInput(const ModelInferRequest &request, int place,
                              const TensorSpec &spec, void *out) {
  const auto &input = request.inputs(place);
  std::string key = stringParameter(input, keptParameter);
  if (!key.empty()) {
    auto last = input.parameters().find(keptLastParameter);
    bool isLast = last != input.parameters().end() && last->second.bool_param();
    return kept.read(request.id(), key, spec, isLast, out);
  }
  return usesRaw(request)
             ? readRaw(request.raw_input_contents(place), spec, out)
             : readTyped(input.contents(), spec, out);
}

Status ServedModel::writeOutput(const ModelInferRequest &request,
                                const Wanted &wanted, Deadline deadline,
                                ModelInferResponse &response) {
  const TensorSpec &spec = signature().outputs[wanted.index];
  const void *data = outputs[wanted.index];
  auto &output = *response.add_outputs();
  describeTensor(spec, output);
  if (!wanted.keepAs.empty()) {
    if (usesRaw(request))
      response.add_raw_output_contents();
    return kept.keep(request.id(), wanted.keepAs, spec, data, deadline);
  }
  if (!usesRaw(request)) {
    writeTyped(data, spec, *output.mutable_contents());
    return Status();
  }
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  response.add_raw_output_contents(data, bytes);
  return Status();
}
