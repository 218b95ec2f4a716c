//===- DenseEmitter.h - What kernels of dense layers share ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_DENSEEMITTER_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_DENSEEMITTER_H

#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

/// The loops over the tiles of a dense layer.
inline constexpr Loop kDenseLoops[] = {Loop::Image, Loop::Channel};

/// A dense layer while its kernel is written.
struct DenseEmitter {
  StepEmitter &step;
  KernelBuilder &k;
  DenseOp dense;
  BufferedTensor input, weight;
  /// Elements from one image to the next, which is also the packed length of a
  /// row of weights.
  int64_t inputs, outputs, images;
  Tile tile;
  /// The type of the sums, and how many are in a vector.
  Type element;
  int64_t lanes;

  DenseEmitter(StepEmitter &step, int64_t lanes);

  /// All tiles of all images: `body` gets how many vectors a tile has, where it
  /// is, and how many outputs. Of the last vector some may be unused.
  void tileLoop(function_ref<void(int64_t vectors, Value image, Value output,
                                  int64_t count)>
                    body);

  /// The bias of vector `v` of a tile, or zeros.
  Value getBias(Value output, int64_t v);
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_DENSEEMITTER_H
