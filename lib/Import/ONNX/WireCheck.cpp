//===- WireCheck.cpp - What a serialised model would take in memory -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An empty node takes two bytes of a file and hundreds once parsed. This walks
// the wire format by protobuf's own description of ONNX, before anything is
// parsed, and adds up what its parts would take.
//
//===----------------------------------------------------------------------===//

#include "ReaderImpl.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

namespace lcp::onnx {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Wire = google::protobuf::internal::WireFormatLite;

// Bytes that one part takes parsed and converted, rounded up: the generated
// classes and Reader.h's, with their pointers, and vectors that double.
constexpr size_t messageCost = 512;
constexpr size_t stringCost = 96;
constexpr size_t numberCost = 32;
constexpr size_t packedNumberCost = 16;

class WireCheck {
public:
  WireCheck(google::protobuf::io::ZeroCopyInputStream &input, size_t limit)
      : in(&input), limit(limit) {}

  /// Walks a message; false where the walk must end. It ends no later than
  /// parsing would, so what it has not seen is not parsed either.
  bool walk(const Descriptor *message, int depth);
  bool isTooLarge() const { return cost > limit; }
  bool hasGroups() const { return groups; }

private:
  bool walkField(uint32_t tag, const Descriptor *message, int depth);
  bool walkBytes(const FieldDescriptor *field, int depth);
  bool walkPacked(int size);

  google::protobuf::io::CodedInputStream in;
  size_t limit;
  size_t cost = 0;
  bool groups = false;
};

bool WireCheck::walk(const Descriptor *message, int depth) {
  while (uint32_t tag = in.ReadTag())
    if (!walkField(tag, message, depth) || isTooLarge())
      return false;
  return true;
}

bool WireCheck::walkField(uint32_t tag, const Descriptor *message, int depth) {
  uint64_t ignored;
  switch (Wire::GetTagWireType(tag)) {
  case Wire::WIRETYPE_VARINT:
    cost += numberCost;
    return in.ReadVarint64(&ignored);
  case Wire::WIRETYPE_FIXED64:
    cost += numberCost;
    return in.Skip(8);
  case Wire::WIRETYPE_FIXED32:
    cost += numberCost;
    return in.Skip(4);
  case Wire::WIRETYPE_LENGTH_DELIMITED:
    return walkBytes(message->FindFieldByNumber(Wire::GetTagFieldNumber(tag)),
                     depth);
  case Wire::WIRETYPE_START_GROUP: // Whose fields this could not tell apart.
    groups = true;
    return false;
  default:
    return false;
  }
}

/// A message, numbers in one piece, or a string; `field` is null where ONNX
/// knows no such field.
bool WireCheck::walkBytes(const FieldDescriptor *field, int depth) {
  int size;
  if (!in.ReadVarintSizeAsInt(&size))
    return false;
  if (field && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    cost += messageCost;
    if (depth == 0)
      return false;
    auto outer = in.PushLimit(size);
    bool ok = walk(field->message_type(), depth - 1);
    in.PopLimit(outer);
    return ok;
  }
  cost += stringCost;
  bool isVarints = field && (field->type() == FieldDescriptor::TYPE_INT32 ||
                             field->type() == FieldDescriptor::TYPE_INT64 ||
                             field->type() == FieldDescriptor::TYPE_UINT64 ||
                             field->type() == FieldDescriptor::TYPE_ENUM);
  return isVarints ? walkPacked(size) : in.Skip(size);
}

/// Counts numbers of one to ten bytes by their last bytes.
bool WireCheck::walkPacked(int size) {
  const void *data;
  for (int part; size > 0 && !isTooLarge(); size -= part) {
    if (!in.GetDirectBufferPointer(&data, &part))
      return false;
    part = std::min(part, size);
    auto *bytes = static_cast<const unsigned char *>(data);
    cost += packedNumberCost *
            std::count_if(bytes, bytes + part,
                          [](unsigned char byte) { return byte < 0x80; });
    if (!in.Skip(part))
      return false;
  }
  return true;
}

} // namespace

bool checkWire(google::protobuf::io::ZeroCopyInputStream &input,
               const Limits &limits, Problems &problems) {
  WireCheck check(input, limits.parsedBytes);
  check.walk(
      ::onnx::ModelProto::descriptor(),
      google::protobuf::io::CodedInputStream::GetDefaultRecursionLimit());
  if (check.hasGroups())
    problems.add("not an ONNX model, or a damaged one: it has a group, of "
                 "which ONNX has none");
  else if (check.isTooLarge())
    problems.add("the graph is too large: its parts would take more than " +
                 std::to_string(limits.parsedBytes >> 20) +
                 " MiB of memory without the data of its tensors");
  else
    return true;
  return false;
}

} // namespace lcp::onnx
