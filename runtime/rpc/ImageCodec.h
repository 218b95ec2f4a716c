//===- ImageCodec.h - Images in place of tensors ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the network side of the runtime. An input that the bundle
// describes as an image may come in two smaller forms than its elements:
//
//   UINT8, of the input's own shape: its pixels, in planes of red, green, blue
//   BYTES, of shape [1]: a JPEG or PNG file
//
// Whoever runs the model decodes, scales and preprocesses it.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_IMAGECODEC_H
#define LCP_RUNTIME_RPC_IMAGECODEC_H

#include "runtime/io/Image.h"

#include "open_inference.pb.h"

#include <optional>

namespace lcp::rt {

/// Room for a file in a request to a model that takes images: as much as
/// gRPC's libraries send without being asked to send more.
constexpr uint64_t largestImageFile = 4 << 20;

/// The protocol's name of a form: UINT8, BYTES.
const char *datatypeName(ImageForm form);

/// The reverse; none for any other datatype.
std::optional<ImageForm> imageFormOf(const std::string &datatype);

/// Fails if the tensor of a message does not have the shape for its form.
Status checkImage(ImageForm form,
                  const google::protobuf::RepeatedField<int64_t> &shape,
                  const TensorSpec &spec);

/// The image in raw contents: a file has its length before it, in four bytes,
/// as every element of BYTES.
Result<ByteSpan> readRawImage(ImageForm form, ByteSpan raw,
                              const TensorSpec &spec);

/// The image in typed contents; fails if another type's field is set.
Result<std::string>
readTypedImage(ImageForm form, const inference::InferTensorContents &contents,
               const TensorSpec &spec);

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_IMAGECODEC_H
