//===- Codec.cpp - Tensors to protocol messages and back ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Codec.h"

#include <algorithm>
#include <cstring>
#include <google/protobuf/stubs/logging.h>

using namespace lcp;
using namespace lcp::rt;
using inference::InferTensorContents;

void lcp::rt::quietMessageLogs() { google::protobuf::SetLogHandler(nullptr); }

const char *lcp::rt::datatypeName(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return "FP32";
  case ElementType::I8:
    return "INT8";
  case ElementType::I32:
    return "INT32";
  }
  return "";
}

static std::string shapeText(Span<const int64_t> shape) {
  std::string text;
  for (int64_t dimension : shape)
    text += (text.empty() ? "" : "x") + std::to_string(dimension);
  return text.empty() ? "a scalar" : text;
}

static Status badTensor(const TensorSpec &spec, const std::string &what) {
  return Status(StatusCode::InvalidArgument,
                "tensor '" + spec.name + "': " + what);
}

Status
lcp::rt::checkTensor(const std::string &datatype,
                     const google::protobuf::RepeatedField<int64_t> &shape,
                     const TensorSpec &spec) {
  if (datatype != datatypeName(spec.type))
    return badTensor(spec, "the model takes " +
                               std::string(datatypeName(spec.type)) +
                               ", the message says " + datatype.substr(0, 16));
  if (!std::equal(shape.begin(), shape.end(), spec.shape.begin(),
                  spec.shape.end())) {
    constexpr int shown = 8;
    Span<const int64_t> given(shape.data(), std::min(shape.size(), shown));
    return badTensor(spec, "the model's shape is " + shapeText(spec.shape) +
                               ", the message's " + shapeText(given) +
                               (shape.size() > shown ? "x…" : ""));
  }
  return Status();
}

Status lcp::rt::readRaw(const std::string &contents, const TensorSpec &spec,
                        void *out) {
  return readRaw(
      {reinterpret_cast<const std::byte *>(contents.data()), contents.size()},
      spec, out);
}

Status lcp::rt::readRaw(ByteSpan contents, const TensorSpec &spec, void *out) {
  LCP_ASSIGN_OR_RETURN(uint64_t bytes, byteSize(spec));
  if (contents.size() != bytes)
    return badTensor(spec, "its raw contents have " +
                               std::to_string(contents.size()) +
                               " bytes instead of " + std::to_string(bytes));
  if (bytes)
    std::memcpy(out, contents.data(), bytes);
  return Status();
}

/// How many elements stand in the field for `type`, and in all the fields.
static int typedCount(const InferTensorContents &contents, ElementType type) {
  return type == ElementType::F32 ? contents.fp32_contents_size()
                                  : contents.int_contents_size();
}

static int totalCount(const InferTensorContents &contents) {
  return contents.bool_contents_size() + contents.int_contents_size() +
         contents.int64_contents_size() + contents.uint_contents_size() +
         contents.uint64_contents_size() + contents.fp32_contents_size() +
         contents.fp64_contents_size() + contents.bytes_contents_size();
}

Status lcp::rt::readTyped(const InferTensorContents &contents,
                          const TensorSpec &spec, void *out) {
  LCP_ASSIGN_OR_RETURN(uint64_t count, elementCount(spec.shape));
  int given = typedCount(contents, spec.type);
  if (uint64_t(given) != count || totalCount(contents) != given)
    return badTensor(
        spec, "its contents must be " + std::to_string(count) + " values in " +
                  (spec.type == ElementType::F32 ? "fp32" : "int") +
                  "_contents and nothing in the other fields");
  switch (spec.type) {
  case ElementType::F32:
    std::copy_n(contents.fp32_contents().begin(), given,
                static_cast<float *>(out));
    return Status();
  case ElementType::I32:
    std::copy_n(contents.int_contents().begin(), given,
                static_cast<int32_t *>(out));
    return Status();
  case ElementType::I8:
    for (int i = 0; i < given; ++i) {
      int32_t value = contents.int_contents(i);
      if (value < INT8_MIN || value > INT8_MAX)
        return badTensor(spec, "element " + std::to_string(i) + " is " +
                                   std::to_string(value) +
                                   ", which is no INT8");
      static_cast<int8_t *>(out)[i] = int8_t(value);
    }
    return Status();
  }
  return Status(StatusCode::Internal, "unknown element type");
}

template <typename T, typename Field>
static void append(const void *data, uint64_t count, Field &field) {
  const T *values = static_cast<const T *>(data);
  field.Assign(values, values + count);
}

void lcp::rt::writeTyped(const void *data, const TensorSpec &spec,
                         InferTensorContents &contents) {
  Result<uint64_t> counted = elementCount(spec.shape);
  uint64_t count = counted.ok() ? *counted : 0;
  switch (spec.type) {
  case ElementType::F32:
    return append<float>(data, count, *contents.mutable_fp32_contents());
  case ElementType::I32:
    return append<int32_t>(data, count, *contents.mutable_int_contents());
  case ElementType::I8:
    return append<int8_t>(data, count, *contents.mutable_int_contents());
  }
}
