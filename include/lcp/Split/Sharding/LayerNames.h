//===- LayerNames.h - By what name a plan knows a layer ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_LAYERNAMES_H
#define LCP_SPLIT_SHARDING_LAYERNAMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include <string>

namespace mlir::lcp {

/// Of each layer of a whole network: its ONNX node, or the op's name where it
/// has none; several of one name are "name#0", "name#1", ... in program order.
class LayerNames {
public:
  explicit LayerNames(func::FuncOp func);

  StringRef of(Operation *layer) const { return names.find(layer)->second; }
  /// Null where no layer has the name.
  Operation *find(StringRef name) const { return layers.lookup(name); }

private:
  DenseMap<Operation *, std::string> names;
  llvm::StringMap<Operation *> layers;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_LAYERNAMES_H
