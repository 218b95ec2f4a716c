//===- TensorFile.cpp - Tensors in files ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/TensorFile.h"

#include "common/base/Arithmetic.h"
#include "runtime/platform/MappedFile.h"
#include "runtime/platform/OutputFile.h"

#include <algorithm>
#include <cstring>

namespace lcp::rt {
namespace {

/// The part of a path behind its last dot, in lower case.
std::string suffixOf(const std::string &path) {
  size_t dot = path.rfind('.');
  if (dot == std::string::npos || path.find('/', dot) != std::string::npos)
    return {};
  std::string suffix = path.substr(dot + 1);
  for (char &c : suffix)
    c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  return suffix;
}

/// Of how many tensors of `spec` one of `given` is a stack, or why of none;
/// `held` is what people call `given`.
Result<InputBatch> matchShape(const TensorSpec &given, const TensorSpec &spec,
                              const std::string &held) {
  InputBatch batch;
  if (given.type == spec.type && given.shape == spec.shape)
    return batch;
  const std::vector<int64_t> &shape = spec.shape;
  if (given.type == spec.type && !shape.empty() && shape[0] == 1 &&
      given.shape.size() == shape.size() && given.shape[0] > 0 &&
      std::equal(shape.begin() + 1, shape.end(), given.shape.begin() + 1)) {
    batch.count = given.shape[0];
    batch.stacked = true;
    return batch;
  }
  return Status(StatusCode::InvalidArgument, "it holds " + held +
                                                 ", the input '" + spec.name +
                                                 "' wants " + toString(spec));
}

Result<InputBatch> fromElements(const TensorSpec &given, ByteSpan elements,
                                const TensorSpec &spec) {
  LCP_ASSIGN_OR_RETURN(InputBatch batch,
                       matchShape(given, spec, toString(given)));
  LCP_ASSIGN_OR_RETURN(batch.buffer, AlignedBuffer::allocate(elements.size()));
  std::memcpy(batch.buffer.data(), elements.data(), elements.size());
  return batch;
}

Result<InputBatch> fromRaw(ByteSpan bytes, const TensorSpec &spec) {
  LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
  TensorSpec given = spec;
  if (size != 0 && bytes.size() % size == 0 && bytes.size() > size &&
      !given.shape.empty() && given.shape[0] == 1)
    given.shape[0] = int64_t(bytes.size() / size);
  else if (bytes.size() != size)
    return Status(StatusCode::InvalidArgument,
                  "it has " + std::to_string(bytes.size()) +
                      " bytes, the input '" + spec.name + "' of " +
                      toString(spec) + " has " + std::to_string(size));
  return fromElements(given, bytes, spec);
}

Result<InputBatch> fromImage(ByteSpan bytes, const TensorSpec &spec,
                             const ImagePreprocessing &preprocessing) {
  LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
  InputBatch batch;
  LCP_ASSIGN_OR_RETURN(batch.buffer, AlignedBuffer::allocate(size));
  LCP_RETURN_IF_ERROR(
      decodeImage(bytes, spec, preprocessing,
                  {reinterpret_cast<float *>(batch.buffer.data()),
                   size_t(size / sizeof(float))}));
  return batch;
}

/// An array of 8-bit images is preprocessed as a decoded file would be.
Result<InputBatch> fromPixels(const TensorView &view, const TensorSpec &spec,
                              const ImagePreprocessing &preprocessing) {
  TensorSpec given = view.spec;
  given.type = ElementType::F32;
  if (spec.type != ElementType::F32)
    return Status(StatusCode::InvalidArgument,
                  "it holds uint8, which only a float image is made of; the "
                  "input '" +
                      spec.name + "' wants " + toString(spec));
  // The array's own type has no name among those of tensors.
  const std::string floats = toString(given);
  const std::string held =
      floats.substr(0, floats.size() - elementTypeName(given.type).size()) +
      "u8";
  LCP_ASSIGN_OR_RETURN(InputBatch batch, matchShape(given, spec, held));
  LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(given));
  LCP_ASSIGN_OR_RETURN(batch.buffer, AlignedBuffer::allocate(size));
  auto *out = reinterpret_cast<float *>(batch.buffer.data());
  const size_t each = view.elements.size() / batch.count;
  for (uint64_t i = 0; i < batch.count; ++i)
    LCP_RETURN_IF_ERROR(convertPixels(view.elements.subspan(i * each, each),
                                      spec, preprocessing,
                                      {out + i * each, each}));
  return batch;
}

Result<InputBatch> fromBytes(const std::string &suffix, ByteSpan bytes,
                             const TensorSpec &spec,
                             const ImagePreprocessing &preprocessing) {
  if (suffix == "npy") {
    LCP_ASSIGN_OR_RETURN(TensorView view, parseNpy(bytes));
    if (view.isPixels)
      return fromPixels(view, spec, preprocessing);
    return fromElements(view.spec, view.elements, spec);
  }
  if (suffix == "pb") {
    LCP_ASSIGN_OR_RETURN(Tensor tensor, parseTensorProto(bytes));
    return fromElements(tensor.spec, tensor.buffer.bytes(), spec);
  }
  if (suffix == "raw")
    return fromRaw(bytes, spec);
  if (suffix == "png" || suffix == "jpg" || suffix == "jpeg")
    return fromImage(bytes, spec, preprocessing);
  return Status(StatusCode::InvalidArgument,
                "its suffix is none of .npy .pb .raw .png .jpg");
}

ByteSpan asBytes(const std::string &text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

} // namespace

Result<InputBatch> readInput(const std::string &path, const TensorSpec &spec,
                             const ImagePreprocessing &preprocessing) {
  LCP_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  Result<InputBatch> batch =
      fromBytes(suffixOf(path), file.bytes(), spec, preprocessing);
  if (!batch.ok())
    return std::move(batch).status().withContext("'" + path + "'");
  return batch;
}

Status checkTensorSuffix(const std::string &path) {
  const std::string suffix = suffixOf(path);
  if (suffix == "npy" || suffix == "raw")
    return {};
  return Status(StatusCode::InvalidArgument,
                "cannot write '" + path + "': its suffix is not .npy or .raw");
}

Status writeTensor(const std::string &path, const TensorSpec &spec,
                   ByteSpan elements) {
  LCP_RETURN_IF_ERROR(checkTensorSuffix(path));
  LCP_ASSIGN_OR_RETURN(OutputFile file, OutputFile::create(path));
  if (suffixOf(path) == "npy")
    LCP_RETURN_IF_ERROR(file.write(asBytes(npyHeader(spec))));
  LCP_RETURN_IF_ERROR(file.write(elements));
  return file.commit();
}

} // namespace lcp::rt
