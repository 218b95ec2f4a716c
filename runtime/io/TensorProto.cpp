//===- TensorProto.cpp - ONNX's tensor files ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reader of the protocol buffers wire format for this one message, so that
// the runtime needs no protobuf. Field numbers: TensorProto in onnx.proto3.
// Wire format: protobuf.dev/programming-guides/encoding.
//
//===----------------------------------------------------------------------===//

#include "runtime/io/TensorFile.h"

#include <cstring>

namespace lcp::rt {
namespace {

enum Field {
  Dims = 1,
  DataType = 2,
  FloatData = 4,
  Int32Data = 5,
  Name = 8,
  RawData = 9,
  DataLocation = 14
};
enum Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
enum OnnxType { Float = 1, Int8 = 3, Int32 = 6 };

Status malformed(const char *what) {
  return Status(StatusCode::Corrupt,
                std::string("not a valid TensorProto: ") + what);
}

/// A position in a message.
class Reader {
public:
  explicit Reader(ByteSpan bytes) : rest(bytes) {}
  bool atEnd() const { return rest.empty(); }

  Result<uint64_t> varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      uint64_t byte = uint64_t(rest[0]);
      rest = rest.subspan(1, rest.size() - 1);
      value |= (byte & 127) << shift;
      if (!(byte & 128))
        return value;
    }
    return malformed("a number is cut off");
  }

  Result<ByteSpan> bytes(uint64_t size) {
    if (size > rest.size())
      return malformed("it is truncated");
    ByteSpan result = rest.subspan(0, size);
    rest = rest.subspan(size, rest.size() - size);
    return result;
  }

private:
  ByteSpan rest;
};

/// One field: a number for Varint, bytes otherwise.
struct Entry {
  uint64_t field = 0, wire = 0, number = 0;
  ByteSpan bytes;
};

Result<Entry> readEntry(Reader &reader) {
  Entry entry;
  LCP_ASSIGN_OR_RETURN(uint64_t tag, reader.varint());
  entry.field = tag >> 3;
  entry.wire = tag & 7;
  uint64_t size = 0;
  switch (entry.wire) {
  case Varint: {
    LCP_ASSIGN_OR_RETURN(entry.number, reader.varint());
    return entry;
  }
  case Fixed64:
    size = 8;
    break;
  case Bytes: {
    LCP_ASSIGN_OR_RETURN(size, reader.varint());
    break;
  }
  case Fixed32:
    size = 4;
    break;
  default:
    return malformed("an unknown wire type");
  }
  LCP_ASSIGN_OR_RETURN(entry.bytes, reader.bytes(size));
  return entry;
}

/// Appends a repeated integer field, packed or not.
Status appendIntegers(const Entry &entry, std::vector<int64_t> &values) {
  if (entry.wire == Varint) {
    values.push_back(int64_t(entry.number));
    return {};
  }
  if (entry.wire != Bytes)
    return malformed("an integer field has another wire type");
  Reader packed(entry.bytes);
  while (!packed.atEnd()) {
    LCP_ASSIGN_OR_RETURN(uint64_t value, packed.varint());
    values.push_back(int64_t(value));
  }
  return {};
}

struct Message {
  std::vector<int64_t> dims, integers;
  std::string name, floats;
  ByteSpan raw;
  bool hasRaw = false;
  uint64_t type = 0;
};

Status readField(const Entry &entry, Message &message) {
  switch (entry.field) {
  case Dims:
    return appendIntegers(entry, message.dims);
  case Int32Data:
    return appendIntegers(entry, message.integers);
  case DataType:
    message.type = entry.number;
    return {};
  case FloatData:
    if ((entry.wire != Bytes && entry.wire != Fixed32) ||
        entry.bytes.size() % 4 != 0)
      return malformed("float_data is not made of floats");
    message.floats.append(reinterpret_cast<const char *>(entry.bytes.data()),
                          entry.bytes.size());
    return {};
  case Name:
    message.name.assign(reinterpret_cast<const char *>(entry.bytes.data()),
                        entry.bytes.size());
    return {};
  case RawData:
    message.raw = entry.bytes;
    message.hasRaw = true;
    return {};
  case DataLocation:
    if (entry.number != 0)
      return Status(StatusCode::Unsupported,
                    "the tensor's data is in another file");
    return {};
  default:
    return {};
  }
}

/// Writes integers that came as int32_data as elements of `type`.
Status storeIntegers(Span<const int64_t> values, ElementType type,
                     std::byte *out) {
  for (int64_t value : values) {
    int32_t wide = int32_t(value);
    if (wide != value || (type == ElementType::I8 && int8_t(wide) != wide))
      return malformed("a value does not fit its type");
    if (type == ElementType::I8)
      *out = std::byte(int8_t(wide));
    else
      std::memcpy(out, &wide, sizeof(wide));
    out += elementSize(type);
  }
  return {};
}

} // namespace

Result<Tensor> parseTensorProto(ByteSpan bytes) {
  Message message;
  for (Reader reader(bytes); !reader.atEnd();) {
    LCP_ASSIGN_OR_RETURN(Entry entry, readEntry(reader));
    LCP_RETURN_IF_ERROR(readField(entry, message));
  }
  Tensor tensor;
  tensor.spec.name = std::move(message.name);
  tensor.spec.shape = std::move(message.dims);
  if (message.type != Float && message.type != Int8 && message.type != Int32)
    return Status(StatusCode::Unsupported,
                  "elements of ONNX type " + std::to_string(message.type) +
                      "; only FLOAT, INT8 and INT32 are read");
  tensor.spec.type = message.type == Float  ? ElementType::F32
                     : message.type == Int8 ? ElementType::I8
                                            : ElementType::I32;
  const bool isFloat = tensor.spec.type == ElementType::F32;
  LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(tensor.spec));
  uint64_t given =
      message.hasRaw ? message.raw.size()
      : isFloat      ? message.floats.size()
                     : message.integers.size() * elementSize(tensor.spec.type);
  if (given != size)
    return malformed("its size does not fit its shape");
  LCP_ASSIGN_OR_RETURN(tensor.buffer, AlignedBuffer::allocate(size));
  if (size == 0)
    return tensor;
  if (!message.hasRaw && !isFloat) {
    LCP_RETURN_IF_ERROR(storeIntegers(message.integers, tensor.spec.type,
                                      tensor.buffer.data()));
    return tensor;
  }
  std::memcpy(tensor.buffer.data(),
              message.hasRaw ? static_cast<const void *>(message.raw.data())
                             : message.floats.data(),
              size);
  return tensor;
}

} // namespace lcp::rt
