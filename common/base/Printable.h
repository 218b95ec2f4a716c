//===- Printable.h - Names from outside, for messages -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_PRINTABLE_H
#define LCP_COMMON_BASE_PRINTABLE_H

#include <string>
#include <string_view>

namespace lcp {

/// Text that a file or a peer made, for a terminal or a log: what is no
/// printable UTF-8, line ends and escapes above all, becomes \xNN, so that it
/// can neither start a line of its own nor give a terminal orders.
std::string printable(std::string_view text);

} // namespace lcp

#endif // LCP_COMMON_BASE_PRINTABLE_H
