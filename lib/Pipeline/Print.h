//===- Print.h - What --compile-to prints after outlining -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_PIPELINE_PRINT_H
#define LCP_LIB_PIPELINE_PRINT_H

#include "lcp/Lower/CompiledModel.h"

namespace mlir::lcp {

/// The schedule: units in full, a line for each merge.
void printOutlined(OutlinedModel &model, raw_ostream &stream);

/// A line for each part of every unit.
void printCompiled(const CompiledModel &compiled, raw_ostream &stream);

} // namespace mlir::lcp

#endif // LCP_LIB_PIPELINE_PRINT_H
