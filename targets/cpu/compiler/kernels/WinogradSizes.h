//===- WinogradSizes.h - What one thread transforms together ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADSIZES_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADSIZES_H

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/kernels/WinogradTransform.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {

/// The sizes that follow from a step and a tile, in elements and blocks.
struct WinogradSizes {
  ConvShape shape;
  WinogradTransform transform;
  int64_t lanes;
  /// Blocks of inputs and outputs; patches of an image.
  int64_t inputBlocks, outputBlocks, across, patches;
  /// Of a product: whole register tiles of patches by inputs or by a panel.
  int64_t rows, inputs, panel;
  /// In how many passes the inputs are added.
  int64_t passes;
  /// Panels whose sums are on the stack together, and whose results a thread
  /// computes from the same transformed inputs.
  int64_t panelsOnStack, panelsTogether;

  WinogradSizes(Conv2DOp conv, int64_t lanes, const Tile &tile);

  int64_t inputElements() const {
    return transform.getProducts() * rows * inputs;
  }
  int64_t sumElements() const { return transform.getProducts() * rows * panel; }
  /// A patch of one block between the transforms of its lines.
  int64_t lineElements() const { return transform.getProducts() * lanes; }
  int64_t getStackBytes() const {
    return (inputElements() + panelsOnStack * sumElements() + lineElements()) *
           sizeof(float);
  }
};

/// Tiles for a convolution in blocks of `lanes` channels, of at most the sizes
/// of `most`.
SmallVector<Candidate> getWinogradCandidates(Conv2DOp conv, int64_t lanes,
                                             const Tile &most,
                                             MachineAttr machine);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADSIZES_H
