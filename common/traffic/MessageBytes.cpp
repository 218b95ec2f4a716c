//===- MessageBytes.cpp - Sizes of the messages of calls ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/traffic/MessageBytes.h"

#include "common/base/TensorParameters.h"

#include <algorithm>
#include <string_view>

using namespace lcp;

//===----------------------------------------------------------------------===//
// Fields of protobuf; those of these messages have tags of one byte
//===----------------------------------------------------------------------===//

static uint64_t varint(uint64_t number) {
  uint64_t bytes = 1;
  for (; number >= 0x80; number >>= 7)
    ++bytes;
  return bytes;
}

/// Of a string, or a message, of that length; left out when it is empty.
static uint64_t field(uint64_t length) {
  return length == 0 ? 0 : 1 + varint(length) + length;
}

/// The same in a list, where it is never left out.
static uint64_t entry(uint64_t length) { return 1 + varint(length) + length; }

/// An entry of a map from strings to InferParameter.
static uint64_t stringParameter(std::string_view name, uint64_t length) {
  return entry(field(name.size()) + field(entry(length)));
}

static uint64_t boolParameter(std::string_view name) {
  return entry(field(name.size()) + field(2));
}

static uint64_t shapeBytes(const std::vector<int64_t> &shape) {
  uint64_t bytes = 0;
  for (int64_t size : shape)
    bytes += varint(uint64_t(size));
  return field(bytes);
}

//===----------------------------------------------------------------------===//
// Names, as runtime/rpc/ModelSignature.cpp gives them
//===----------------------------------------------------------------------===//

static uint64_t digits(uint64_t number) {
  return std::to_string(number).size();
}

/// "v12".
static uint64_t keyLength(uint32_t value) { return 1 + digits(value); }

/// Of one of the inputs of a call, or of its outputs.
template <typename Values>
static uint64_t nameLength(const TrafficModel &model, const Values &values,
                           uint32_t value) {
  const std::string &name = model.values[value].name;
  const bool isShared =
      std::any_of(values.begin(), values.end(), [&](const auto &other) {
        return other.value != value && model.values[other.value].name == name;
      });
  return name.empty() || isShared ? 5 + digits(value) : name.size();
}

/// Model, version and id.
static uint64_t headBytes(const TrafficModel &model, const RoutedCall &call,
                          const MessageLengths &lengths) {
  const uint64_t name =
      model.name.size() + 2 + digits(call.stage) + 2 + digits(call.branch);
  // ".STAGE.ATTEMPT".
  const uint64_t segment = call.isDirect ? 3 + digits(call.firstStage) : 0;
  return field(name) + field(lengths.version) +
         field(lengths.request + segment);
}

static uint64_t datatypeLength(ElementType type) {
  return type == ElementType::I32 ? 5 : 4; // INT32; FP32, INT8
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

static uint64_t inputBytes(const TrafficModel &model, const RoutedCall &call,
                           const RoutedCall::Input &input) {
  const TensorSpec &spec = model.values[input.value];
  auto form = model.forms.find(input.value);
  const bool isImage = input.isSent() && form != model.forms.end() &&
                       form->second.kind != InputForm::Kind::Elements;
  const bool isFile = isImage && form->second.kind == InputForm::Kind::File;
  uint64_t bytes = field(nameLength(model, call.inputs, input.value)) +
                   field(isImage ? 5 : datatypeLength(spec.type)) +
                   (isFile ? field(1) : shapeBytes(spec.shape));
  uint64_t awaited = 0;
  for (uint32_t piece : input.awaited)
    awaited += (awaited != 0) + keyLength(piece);
  if (awaited != 0)
    bytes += stringParameter(awaitedParameter, awaited);
  if (input.isKept)
    bytes += stringParameter(keptParameter, keyLength(input.value)) +
             boolParameter(keptLastParameter);
  // A file has its length before it.
  const uint64_t raw =
      input.isSent() ? model.sentBytes(input.value) + (isFile ? 4 : 0) : 0;
  return entry(bytes) + entry(raw);
}

/// What a request says of one of its outputs.
static uint64_t wishBytes(const TrafficModel &model, const RoutedCall &call,
                          const RoutedCall::Output &output,
                          const MessageLengths &lengths) {
  uint64_t bytes = field(nameLength(model, call.outputs, output.value));
  if (output.isKept)
    bytes += stringParameter(keepParameter, keyLength(output.value));
  uint64_t targets = 0;
  for (const auto &[device, takers] : output.takers)
    targets += (targets != 0) + keyLength(output.value) +
               (takers == 1 ? 0 : 1 + digits(takers)) + 1 +
               (device == call.device ? 0 : lengths.pushAddress);
  if (targets != 0)
    bytes += stringParameter(pushToParameter, targets) +
             boolParameter(sendTooParameter);
  return entry(bytes);
}

uint64_t lcp::requestBytes(const TrafficModel &model, const RoutedCall &call,
                           const MessageLengths &lengths) {
  uint64_t bytes = headBytes(model, call, lengths);
  for (const RoutedCall::Input &input : call.inputs)
    bytes += inputBytes(model, call, input);
  for (const RoutedCall::Output &output : call.outputs)
    bytes += wishBytes(model, call, output, lengths);
  return bytes;
}

uint64_t lcp::answerBytes(const TrafficModel &model, const RoutedCall &call,
                          const MessageLengths &lengths) {
  uint64_t bytes = headBytes(model, call, lengths);
  for (const RoutedCall::Output &output : call.outputs) {
    const TensorSpec &spec = model.values[output.value];
    bytes += entry(field(nameLength(model, call.outputs, output.value)) +
                   field(datatypeLength(spec.type)) + shapeBytes(spec.shape)) +
             entry(output.isSentBack ? model.elementBytes(output.value) : 0);
  }
  return bytes;
}

uint64_t lcp::pushBytes(const TrafficModel &model, const RoutedCall &call,
                        const RoutedCall::Output &output, unsigned takers,
                        const MessageLengths &lengths) {
  const TensorSpec &spec = model.values[output.value];
  return field(lengths.request + 3 + digits(call.firstStage)) +
         field(keyLength(output.value)) + field(datatypeLength(spec.type)) +
         shapeBytes(spec.shape) + 1 + varint(takers) +
         entry(model.elementBytes(output.value));
}
