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
#include <set>

namespace lcp::rt {

/// Room for a file in a request to a model that takes images: as much as
/// gRPC's libraries send without being asked to send more.
constexpr uint64_t largestImageFile = 4 << 20;

/// The protocol's name of a form: UINT8, BYTES.
const char *datatypeName(ImageForm form);

/// The reverse; none for any other datatype.
std::optional<ImageForm> imageFormOf(const std::string &datatype);

/// "UINT8,BYTES": the forms that this build reads, for a model's metadata.
std::string listImageForms();

/// The reverse; names that are no form's are left out.
std::set<ImageForm> parseImageForms(const std::string &list);

/// Sets name, datatype and shape of a tensor that comes as an image in this
/// form.
void describeImage(ImageForm form, const TensorSpec &spec,
                   inference::ModelInferRequest::InferInputTensor &message);

/// What stands before the bytes of an image of that size in raw contents.
std::string rawImagePrefix(ImageForm form, size_t size);

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
