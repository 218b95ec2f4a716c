//===- HeaderFields.h - Header fields for nghttp2 ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_HEADERFIELDS_H
#define LCP_RUNTIME_RPC_HEADERFIELDS_H

#include <cassert>
#include <initializer_list>
#include <nghttp2/nghttp2.h>
#include <string_view>

namespace lcp::rt {

/// What a peer may send before it hears that some was taken, of one message and
/// of all: a round of ordinary messages never waits. Nothing is reserved by it.
constexpr int32_t streamWindow = 1 << 20, connectionWindow = 8 << 20;

/// Of all header fields of a message, or its trailers, names and values.
constexpr uint32_t largestHeaders = 16 << 10;

struct HeaderField {
  std::string_view name, value;
  /// Not worth a place in the table that both ends keep: it is another each
  /// time.
  bool unique = false;
};

/// A list of fields as nghttp2 takes it; it copies what they say.
class HeaderFields {
public:
  HeaderFields(std::initializer_list<HeaderField> fields) {
    for (const HeaderField &field : fields)
      add(field);
  }
  void add(const HeaderField &field) {
    assert(count_ < most && "raise the limit with the new field");
    entries[count_++] = {bytes(field.name), bytes(field.value),
                         field.name.size(), field.value.size(),
                         uint8_t(field.unique ? NGHTTP2_NV_FLAG_NO_INDEX
                                              : NGHTTP2_NV_FLAG_NONE)};
  }
  const nghttp2_nv *data() const { return entries; }
  size_t count() const { return count_; }

private:
  static uint8_t *bytes(std::string_view text) {
    return reinterpret_cast<uint8_t *>(const_cast<char *>(text.data()));
  }
  static constexpr size_t most = 10;
  nghttp2_nv entries[most];
  size_t count_ = 0;
};

/// A server's answer: the message of `provider`, or nothing after the fields.
inline void submitFields(nghttp2_session *session, int32_t stream,
                         const HeaderFields &fields,
                         const nghttp2_data_provider *provider = nullptr) {
  nghttp2_submit_response(session, stream, fields.data(), fields.count(),
                          provider);
}

inline void submitTrailer(nghttp2_session *session, int32_t stream,
                          const HeaderFields &fields) {
  nghttp2_submit_trailer(session, stream, fields.data(), fields.count());
}

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_HEADERFIELDS_H
