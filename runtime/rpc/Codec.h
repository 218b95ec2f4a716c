//===- Codec.h - Tensors to protocol messages and back ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the network side of the runtime: the generated message classes
// stop here.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_CODEC_H
#define LCP_RUNTIME_RPC_CODEC_H

#include "common/base/Tensor.h"

#include "open_inference.pb.h"

namespace lcp::rt {

/// protobuf writes to stderr what it also returns, once for every malformed
/// message that a peer sends; keeps it quiet in this process.
void quietMessageLogs();

/// The protocol's name of an element type: FP32, INT8, INT32.
const char *datatypeName(ElementType type);

/// Fails if the tensor of a message is not of the model's type and shape.
Status checkTensor(const std::string &datatype,
                   const google::protobuf::RepeatedField<int64_t> &shape,
                   const TensorSpec &spec);

/// Copies raw contents to `out`, which is as large as the spec; fails if the
/// size differs.
Status readRaw(ByteSpan contents, const TensorSpec &spec, void *out);
Status readRaw(const std::string &contents, const TensorSpec &spec, void *out);

/// The same with typed contents; fails if there are more or fewer elements, if
/// another type's field is set, or if a value does not fit its type.
Status readTyped(const inference::InferTensorContents &contents,
                 const TensorSpec &spec, void *out);

/// `data` is as large as the spec.
void writeTyped(const void *data, const TensorSpec &spec,
                inference::InferTensorContents &contents);

/// Sets name, datatype and shape of any of the protocol's tensor messages.
template <typename Message>
void describeTensor(const TensorSpec &spec, Message &message) {
  message.set_name(spec.name);
  message.set_datatype(datatypeName(spec.type));
  message.mutable_shape()->Assign(spec.shape.begin(), spec.shape.end());
}

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_CODEC_H
