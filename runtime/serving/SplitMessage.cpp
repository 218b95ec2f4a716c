//===- SplitMessage.cpp - Large fields apart from the rest ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/SplitMessage.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

using namespace lcp;
using namespace lcp::rt;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

static Status malformed() {
  return Status(StatusCode::InvalidArgument,
                "the message is not a protobuf message of this method");
}

static uint32_t tagOf(int number) {
  return WireFormatLite::MakeTag(number,
                                 WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

Result<SplitMessage> lcp::rt::splitMessage(ByteSpan message, int number) {
  constexpr size_t most = 4096;
  const auto *data = reinterpret_cast<const uint8_t *>(message.data());
  CodedInputStream in(data, int(message.size()));
  const uint32_t wanted = tagOf(number);
  SplitMessage parts;
  while (true) {
    const int start = in.CurrentPosition();
    const uint32_t tag = in.ReadTag();
    if (tag == 0)
      break;
    uint32_t size = 0;
    if (tag != wanted) {
      if (!WireFormatLite::SkipField(&in, tag))
        return malformed();
      parts.rest.append(reinterpret_cast<const char *>(data) + start,
                        size_t(in.CurrentPosition() - start));
      continue;
    }
    if (!in.ReadVarint32(&size) || parts.fields.size() == most)
      return malformed();
    const size_t at = size_t(in.CurrentPosition());
    if (size > message.size() - at || !in.Skip(int(size)))
      return malformed();
    parts.fields.push_back(message.subspan(at, size));
  }
  if (!in.ConsumedEntireMessage())
    return malformed();
  return parts;
}

void lcp::rt::appendFieldHead(std::string &message, int number, uint64_t size) {
  uint8_t head[16];
  uint8_t *end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      tagOf(number), head);
  end =
      google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(size, end);
  message.append(reinterpret_cast<char *>(head), size_t(end - head));
}
