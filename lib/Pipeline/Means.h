//===- Means.h - What branches compute on average -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_PIPELINE_MEANS_H
#define LCP_LIB_PIPELINE_MEANS_H

#include "lcp/Bundle/Writer.h"
#include "lcp/Quantize/Calibrate.h"

namespace mlir::lcp {

/// The values that a concatenation reads from branches: an answer can be given
/// without a branch if their means stand for them.
SmallVector<uint32_t> findMergedFeatures(const OutlinedModel &model);

/// The means of these values over the samples, of which there is one or more,
/// as the reference interpreter computes them. Reports through diagnostics.
FailureOr<std::vector<ValueMean>> measureMeans(OutlinedModel &model,
                                               ArrayRef<uint32_t> values,
                                               ArrayRef<Sample> samples);

} // namespace mlir::lcp

#endif // LCP_LIB_PIPELINE_MEANS_H
