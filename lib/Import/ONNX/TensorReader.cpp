//===- TensorReader.cpp - TensorProto to checked bytes --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReaderImpl.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "ONNX stores little-endian bytes");

namespace lcp::onnx {

ElementType toElementType(int onnxType) {
  if (onnxType >= 0 && onnxType <= static_cast<int>(ElementType::UInt64))
    return static_cast<ElementType>(onnxType);
  if (onnxType == static_cast<int>(ElementType::BFloat16))
    return ElementType::BFloat16;
  return ElementType::Other;
}

const char *elementTypeName(ElementType type) {
  switch (type) {
  case ElementType::Undefined:
    return "undefined";
  case ElementType::Float:
    return "float";
  case ElementType::UInt8:
    return "uint8";
  case ElementType::Int8:
    return "int8";
  case ElementType::UInt16:
    return "uint16";
  case ElementType::Int16:
    return "int16";
  case ElementType::Int32:
    return "int32";
  case ElementType::Int64:
    return "int64";
  case ElementType::String:
    return "string";
  case ElementType::Bool:
    return "bool";
  case ElementType::Float16:
    return "float16";
  case ElementType::Double:
    return "double";
  case ElementType::UInt32:
    return "uint32";
  case ElementType::UInt64:
    return "uint64";
  case ElementType::BFloat16:
    return "bfloat16";
  case ElementType::Other:
    break;
  }
  return "an unknown type";
}

size_t elementSize(ElementType type) {
  switch (type) {
  case ElementType::UInt8:
  case ElementType::Int8:
  case ElementType::Bool:
    return 1;
  case ElementType::UInt16:
  case ElementType::Int16:
  case ElementType::Float16:
  case ElementType::BFloat16:
    return 2;
  case ElementType::Float:
  case ElementType::Int32:
  case ElementType::UInt32:
    return 4;
  case ElementType::Int64:
  case ElementType::UInt64:
  case ElementType::Double:
    return 8;
  default:
    return 0;
  }
}

int64_t Tensor::numElements() const {
  int64_t count = 1;
  for (int64_t dim : dims)
    count *= dim;
  return count;
}

std::shared_ptr<char> allocateTensorData(size_t bytes) {
  if (bytes > SIZE_MAX - tensorAlignment)
    throw std::bad_alloc();
  size_t rounded =
      (bytes + tensorAlignment) / tensorAlignment * tensorAlignment;
  auto *data =
      static_cast<char *>(std::aligned_alloc(tensorAlignment, rounded));
  if (!data)
    throw std::bad_alloc();
  return std::shared_ptr<char>(data, [](char *p) { std::free(p); });
}

bool TensorReader::read(::onnx::TensorProto &proto, const std::string &where,
                        Tensor &tensor) {
  tensor.name = proto.name();
  tensor.type = toElementType(proto.data_type());
  if (!readShape(proto, where, tensor))
    return false;
  if (proto.has_segment()) {
    problems.add(where + " is stored in segments, which is not supported");
    return false;
  }
  if (elementSize(tensor.type) == 0)
    return true;
  if (proto.data_location() == ::onnx::TensorProto::EXTERNAL)
    return readExternal(proto, where, tensor);
  return proto.has_raw_data() ? readRaw(proto, where, tensor)
                              : readTyped(proto, where, tensor);
}

/// Checks the dimensions and computes the byte size they ask for.
bool TensorReader::readShape(const ::onnx::TensorProto &proto,
                             const std::string &where, Tensor &tensor) {
  if (static_cast<size_t>(proto.dims_size()) > limits.rank) {
    problems.add(where + " has " + std::to_string(proto.dims_size()) +
                 " dimensions");
    return false;
  }
  // Zero dimensions do not excuse an overflow of the others: later code may
  // multiply them in any order.
  int64_t product = 1;
  bool empty = false;
  for (int64_t dim : proto.dims()) {
    if (dim < 0 ||
        (dim > 0 && __builtin_mul_overflow(product, dim, &product))) {
      problems.add(where + (dim < 0 ? " has a negative dimension"
                                    : " has more elements than 64 bits count"));
      return false;
    }
    empty |= dim == 0;
    tensor.dims.push_back(dim);
  }
  int64_t size = static_cast<int64_t>(elementSize(tensor.type));
  if (__builtin_mul_overflow(product, size, &size)) {
    problems.add(where + " has more bytes than 64 bits count");
    return false;
  }
  tensor.byteSize = empty ? 0 : static_cast<size_t>(size);
  return true;
}

bool TensorReader::readRaw(::onnx::TensorProto &proto, const std::string &where,
                           Tensor &tensor) {
  if (proto.raw_data().size() != tensor.byteSize) {
    problems.add(where + " holds " + std::to_string(proto.raw_data().size()) +
                 " bytes; its shape and type need " +
                 std::to_string(tensor.byteSize));
    return false;
  }
  std::unique_ptr<std::string> bytes(proto.release_raw_data());
  tensor.data = allocateTensorData(tensor.byteSize);
  std::memcpy(tensor.data.get(), bytes->data(), tensor.byteSize);
  return true;
}

/// Narrows each stored value to T; false when the count or a value is wrong.
template <typename T, typename Field>
static bool narrow(const Field &field, Tensor &tensor) {
  if (static_cast<size_t>(field.size()) * sizeof(T) != tensor.byteSize)
    return false;
  tensor.data = allocateTensorData(tensor.byteSize);
  auto *out = reinterpret_cast<T *>(tensor.data.get());
  for (const auto &value : field)
    *out++ = static_cast<T>(value);
  return true;
}

bool TensorReader::readTyped(const ::onnx::TensorProto &proto,
                             const std::string &where, Tensor &tensor) {
  bool ok = false;
  switch (tensor.type) {
  case ElementType::Float:
    ok = narrow<float>(proto.float_data(), tensor);
    break;
  case ElementType::Double:
    ok = narrow<double>(proto.double_data(), tensor);
    break;
  case ElementType::Int64:
    ok = narrow<int64_t>(proto.int64_data(), tensor);
    break;
  case ElementType::UInt64:
    ok = narrow<uint64_t>(proto.uint64_data(), tensor);
    break;
  case ElementType::UInt32:
    ok = narrow<uint32_t>(proto.uint64_data(), tensor);
    break;
  default: // The narrow types share a field; 16-bit floats are stored as bits.
    switch (elementSize(tensor.type)) {
    case 1:
      ok = narrow<uint8_t>(proto.int32_data(), tensor);
      break;
    case 2:
      ok = narrow<uint16_t>(proto.int32_data(), tensor);
      break;
    case 4:
      ok = narrow<int32_t>(proto.int32_data(), tensor);
      break;
    }
  }
  if (!ok)
    problems.add(where + " does not hold the " +
                 std::to_string(tensor.byteSize / elementSize(tensor.type)) +
                 " values that its shape needs");
  return ok;
}

/// A decimal number without sign or blanks.
static bool parseNumber(const std::string &text, uint64_t &value) {
  value = 0;
  for (char c : text)
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10u, &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value))
      return false;
  return !text.empty();
}

bool TensorReader::readExternal(const ::onnx::TensorProto &proto,
                                const std::string &where, Tensor &tensor) {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const auto &entry : proto.external_data()) {
    uint64_t number = 0;
    if (entry.key() == "location") {
      location = entry.value();
    } else if (entry.key() == "offset" || entry.key() == "length") {
      if (!parseNumber(entry.value(), number)) {
        problems.add(where + ": external data's " + entry.key() + " '" +
                     printable(entry.value()) + "' is not a number");
        return false;
      }
      if (entry.key() == "offset")
        offset = number;
      else
        length = number;
    }
  }
  std::string reason;
  if (!length) { // To the end of the file, as the format defines.
    std::optional<uint64_t> size = files.fileSize(location, reason);
    if (size)
      length = *size - std::min(*size, offset);
  }
  if (length && *length != tensor.byteSize)
    reason = "external data has " + std::to_string(*length) +
             " bytes; its shape and type need " +
             std::to_string(tensor.byteSize);
  if (reason.empty())
    tensor.data = files.read(location, offset, tensor.byteSize, reason);
  if (!tensor.data)
    problems.add(where + ": " + reason);
  return tensor.data != nullptr;
}

} // namespace lcp::onnx
