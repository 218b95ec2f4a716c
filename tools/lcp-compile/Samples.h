//===- Samples.h - Inputs for calibration and golden outputs -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_COMPILE_SAMPLES_H
#define LCP_TOOLS_LCP_COMPILE_SAMPLES_H

#include "lcp/Quantize/Calibrate.h"
#include "runtime/io/Image.h"

namespace mlir::lcp {

/// The inputs of `main` that `path` holds: a file that lcp-run would take as
/// its input, or a folder of them in order of name. A file that stacks several
/// inputs gives several samples. Only for functions of one argument. Reports
/// through diagnostics.
FailureOr<SmallVector<Sample>>
readSamples(func::FuncOp main, StringRef path,
            const ::lcp::rt::ImagePreprocessing &image);

} // namespace mlir::lcp

#endif // LCP_TOOLS_LCP_COMPILE_SAMPLES_H
