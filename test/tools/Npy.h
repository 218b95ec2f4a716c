//===- Npy.h - NumPy files for the test tools ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_TOOLS_NPY_H
#define LCP_TEST_TOOLS_NPY_H

#include "lcp/Reference/Tensor.h"
#include "llvm/Support/Error.h"

namespace mlir::lcp {

/// Reads '<f4' and '<f8' (to an f32 tensor that keeps double precision), '|i1'
/// and '<i4', in C order.
llvm::Expected<reference::Tensor> readNpy(StringRef path, MLIRContext *context);

/// Writes f32 tensors as '<f8', since their elements are double, and integers
/// as '|i1' or '<i4'.
llvm::Error writeNpy(const reference::Tensor &tensor, StringRef path);

} // namespace mlir::lcp

#endif // LCP_TEST_TOOLS_NPY_H
