//===- Unit.h - Some ops as a unit of their own ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LOWER_UNIT_H
#define LCP_LOWER_UNIT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::lcp {

/// What crosses the border of some ops of one block, constants apart: what they
/// read that others make, and what they make that others read, each in order of
/// its first appearance.
struct Border {
  SmallVector<Value> inputs, outputs;
};
Border findBorder(ArrayRef<Operation *> ops);

/// A module with one function, both named `name`: copies of `ops`, in order,
/// with those of the constants that they read. Its arguments stand for
/// `arguments`; it returns what became of `results`.
OwningOpRef<ModuleOp> makeUnitModule(Location loc, StringRef name,
                                     ArrayRef<Value> arguments,
                                     ArrayRef<Operation *> ops,
                                     ArrayRef<Value> results);

} // namespace mlir::lcp

#endif // LCP_LOWER_UNIT_H
