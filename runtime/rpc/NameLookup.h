//===- NameLookup.h - A question to the name service ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_NAMELOOKUP_H
#define LCP_RUNTIME_RPC_NAMELOOKUP_H

#include "runtime/rpc/Address.h"

#include <memory>
#include <optional>

namespace lcp::rt {

/// resolveAddress on a thread of its own, for those who must not wait. Who does
/// not want the answer any more goes away; the thread ends by itself.
class NameLookup {
public:
  /// Asks. `address` is HOST:PORT.
  explicit NameLookup(std::string address);
  /// Nothing until there is an answer.
  std::optional<Result<Endpoint>> answer() const;

private:
  struct State;
  std::shared_ptr<State> state;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_NAMELOOKUP_H
