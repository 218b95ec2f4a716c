//===- Encode.h - Commands to bytes --------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_ENCODE_H
#define LCP_TARGETS_GEMM_COMPILER_ENCODE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/gemm/abi/Stream.h"
#include "targets/gemm/compiler/GEMMDialect.h"
#include <string>
#include <vector>

namespace mlir::lcp::gemm {

/// What a driver loads: targets/gemm/abi/Stream.h.
struct EncodedStream {
  std::vector<char> code, weights;
  uint64_t memoryBytes = 0;
  /// One name a command.
  std::vector<std::string> layers;
};

/// Encodes a function of the gemm dialect whose feature maps have addresses;
/// checks the result with the validator that drivers use. Reports through
/// diagnostics.
FailureOr<EncodedStream> encode(func::FuncOp function);

/// Appends the channel table and the packed weights of `op` to `weights` and
/// sets the command's offsets. Fails, with a diagnostic, on operands that are
/// not constant and on factors that the engine cannot hold.
LogicalResult packWeights(ConvOp op, std::vector<char> &weights,
                          ::lcp::gemm::Command &command);

} // namespace mlir::lcp::gemm

#endif // LCP_TARGETS_GEMM_COMPILER_ENCODE_H
