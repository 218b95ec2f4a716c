//===- ImageCodec.cpp - Images in place of tensors ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/ImageCodec.h"

#include "runtime/rpc/Codec.h"

#include <algorithm>
#include <sstream>

using namespace lcp;
using namespace lcp::rt;
using inference::InferTensorContents;

/// Of an element of BYTES: its length, little-endian.
static constexpr size_t prefixSize = 4;

static Status badImage(const TensorSpec &spec, const std::string &what) {
  return Status(StatusCode::InvalidArgument,
                "tensor '" + spec.name + "': " + what);
}

const char *lcp::rt::datatypeName(ImageForm form) {
  return form == ImageForm::Pixels ? "UINT8" : "BYTES";
}

std::optional<ImageForm> lcp::rt::imageFormOf(const std::string &datatype) {
  for (ImageForm form : {ImageForm::Pixels, ImageForm::File})
    if (datatype == datatypeName(form))
      return form;
  return std::nullopt;
}

std::string lcp::rt::listImageForms() {
  std::string list = datatypeName(ImageForm::Pixels);
  if (readsImageFiles())
    list += std::string(",") + datatypeName(ImageForm::File);
  return list;
}

std::set<ImageForm> lcp::rt::parseImageForms(const std::string &list) {
  std::set<ImageForm> forms;
  std::istringstream names(list);
  for (std::string name; std::getline(names, name, ',');)
    if (std::optional<ImageForm> form = imageFormOf(name))
      forms.insert(*form);
  return forms;
}

void lcp::rt::describeImage(
    ImageForm form, const TensorSpec &spec,
    inference::ModelInferRequest::InferInputTensor &message) {
  describeTensor(spec, message);
  message.set_datatype(datatypeName(form));
  if (form == ImageForm::File) {
    message.clear_shape();
    message.add_shape(1);
  }
}

std::string lcp::rt::rawImagePrefix(ImageForm form, size_t size) {
  std::string prefix;
  for (size_t i = 0; form == ImageForm::File && i < prefixSize; ++i)
    prefix.push_back(char(size >> (8 * i)));
  return prefix;
}

Status
lcp::rt::checkImage(ImageForm form,
                    const google::protobuf::RepeatedField<int64_t> &shape,
                    const TensorSpec &spec) {
  if (form == ImageForm::File)
    return shape.size() == 1 && shape[0] == 1
               ? Status()
               : badImage(spec, "a file in BYTES has the shape 1");
  return std::equal(shape.begin(), shape.end(), spec.shape.begin(),
                    spec.shape.end())
             ? Status()
             : badImage(spec,
                        "pixels in UINT8 have the shape of " + toString(spec));
}

Result<ByteSpan> lcp::rt::readRawImage(ImageForm form, ByteSpan raw,
                                       const TensorSpec &spec) {
  if (form == ImageForm::Pixels)
    return raw;
  uint64_t length = 0;
  for (size_t i = 0; i < prefixSize && i < raw.size(); ++i)
    length |= uint64_t(raw[i]) << (8 * i);
  if (raw.size() < prefixSize || raw.size() - prefixSize != length)
    return badImage(spec, "its BYTES must be one file with its length before "
                          "it in four bytes, and end there");
  return raw.subspan(prefixSize, length);
}

static int totalCount(const InferTensorContents &contents) {
  return contents.bool_contents_size() + contents.int_contents_size() +
         contents.int64_contents_size() + contents.uint_contents_size() +
         contents.uint64_contents_size() + contents.fp32_contents_size() +
         contents.fp64_contents_size() + contents.bytes_contents_size();
}

Result<std::string> lcp::rt::readTypedImage(ImageForm form,
                                            const InferTensorContents &contents,
                                            const TensorSpec &spec) {
  const int total = totalCount(contents);
  if (form == ImageForm::File) {
    if (total != 1 || contents.bytes_contents_size() != 1)
      return badImage(spec, "its contents must be one file in bytes_contents");
    return contents.bytes_contents(0);
  }
  if (total != contents.uint_contents_size())
    return badImage(spec, "its contents must be pixels in uint_contents");
  std::string pixels;
  for (uint32_t value : contents.uint_contents()) {
    if (value > UINT8_MAX)
      return badImage(spec, std::to_string(value) + " is no UINT8");
    pixels.push_back(char(value));
  }
  return pixels;
}
