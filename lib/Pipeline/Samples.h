//===- Samples.h - Inputs for calibration and golden outputs -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_PIPELINE_SAMPLES_H
#define LCP_LIB_PIPELINE_SAMPLES_H

#include "lcp/Bundle/Writer.h"
#include "lcp/Quantize/Calibrate.h"

namespace mlir::lcp {

/// The inputs of `main` that `path` holds: a file that lcp-run would take as
/// its input, or a folder of them in order of name. A file that stacks several
/// inputs gives several samples. Only for functions of one argument; every
/// value must be finite. Reports through diagnostics.
FailureOr<SmallVector<Sample>>
readSamples(func::FuncOp main, StringRef path,
            const std::optional<ImagePreprocessing> &image);

/// One sample for `main` out of the values that `option` was given, NAME=FILE
/// or FILE (runtime/io/FileArguments.h); of a file that stacks several, the first.
/// Every value must be finite. Reports through diagnostics.
FailureOr<Sample> readInputs(func::FuncOp main, StringRef option,
                             const std::vector<std::string> &values,
                             const std::optional<ImagePreprocessing> &image);

} // namespace mlir::lcp

#endif // LCP_LIB_PIPELINE_SAMPLES_H
