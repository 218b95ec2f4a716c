//===- Printable.cpp - Names from outside, for messages -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Printable.h"

#include <cstdint>
#include <cstdio>

namespace lcp {
namespace {

/// Bytes of the printable character that `text` begins with; 0 if there is
/// none. By RFC 3629, less the controls U+0000 to U+001F and U+007F to U+009F.
size_t printableLength(std::string_view text) {
  uint8_t first = uint8_t(text[0]);
  if (first < 0x80)
    return first >= 0x20 && first != 0x7f;
  size_t length = first < 0xc2   ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
  if (length == 0 || text.size() < length)
    return 0;
  uint32_t code = first & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((uint8_t(text[i]) & 0xc0) != 0x80)
      return 0;
    code = code << 6 | (uint8_t(text[i]) & 0x3f);
  }
  constexpr uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
  bool isSurrogate = code >= 0xd800 && code < 0xe000;
  return code < least[length] || code > 0x10ffff || isSurrogate ? 0 : length;
}

} // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    size_t length = printableLength(text);
    if (length != 0) {
      result.append(text.substr(0, length));
      text.remove_prefix(length);
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof(escape), "\\x%02x", uint8_t(text[0]));
    result += escape;
    text.remove_prefix(1);
  }
  return result;
}

} // namespace lcp
