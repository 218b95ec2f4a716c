//===- LayerNames.cpp - By what name a plan knows a layer -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/LayerNames.h"
#include "lcp/Split/Sharding/Network.h"

using namespace mlir;
using namespace mlir::lcp;

LayerNames::LayerNames(func::FuncOp func) {
  SmallVector<std::pair<Operation *, StringRef>> found;
  llvm::StringMap<unsigned> count;
  for (Operation &op : func.getBody().front())
    if (isLayer(&op)) {
      StringRef name = getNodeName(op.getLoc(), op.getName().getStringRef());
      found.emplace_back(&op, name);
      ++count[name];
    }
  llvm::StringMap<unsigned> next;
  for (auto [op, name] : found) {
    std::string own = name.str();
    // A node may be called "name#0" itself.
    while (count[name] > 1 && (own == name || layers.contains(own)))
      own = (name + "#" + Twine(next[name]++)).str();
    layers[own] = op;
    names[op] = std::move(own);
  }
}
