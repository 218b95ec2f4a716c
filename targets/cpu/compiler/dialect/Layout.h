//===- Layout.h - Where an element of a tensor lies in memory ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rank-4 tensor NxCxHxW is stored as [N][ceil(C/b)][H'][W'][b]: the channel
// block b is 1 (plain NCHW) or a number of vector lanes, and H' and W' include
// a halo of zeros that lets convolutions read their padding. Lanes past the
// last channel hold finite values of no meaning; whoever reads them multiplies
// by zero. Tensors of any other rank are stored in row-major order.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_LAYOUT_H
#define LCP_TARGETS_CPU_COMPILER_DIALECT_LAYOUT_H

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"
#include "llvm/ADT/SmallVector.h"
#include <array>

namespace mlir::lcp::cpu {

/// A #lcp_cpu.layout while it is being worked out.
struct Layout {
  int64_t block = 1;
  /// Rows or columns of zeros: top, left, bottom, right.
  std::array<int64_t, 4> halo = {0, 0, 0, 0};

  bool hasHalo() const { return halo != std::array<int64_t, 4>{0, 0, 0, 0}; }
  bool isPlain() const { return block == 1 && !hasHalo(); }
  bool operator==(const Layout &o) const {
    return block == o.block && halo == o.halo;
  }
  bool operator!=(const Layout &o) const { return !(*this == o); }
  /// Grows the halo to hold `pads` as well.
  void cover(ArrayRef<int64_t> pads);
};

LayoutAttr toAttribute(MLIRContext *context, const Layout &layout);
/// Plain for a null attribute.
Layout fromAttribute(LayoutAttr attribute);

/// The layout of an op's result or of a function's argument; plain where
/// nothing says otherwise.
Layout getLayout(Value value);
/// Of an op's one result; a plain layout is written down too.
void setLayout(Operation *op, const Layout &layout);

/// A tensor's buffer as a strided array. Blocked tensors have the five
/// dimensions N, C/b, H, W, b; all others the tensor's own.
struct BufferView {
  SmallVector<int64_t, 6> sizes, strides;
  /// Position of the first element of the tensor.
  int64_t origin = 0;
  /// Elements of the whole buffer, halo and unused lanes included.
  int64_t elements = 0;
};

BufferView getView(RankedTensorType type, const Layout &layout);

/// Whether the buffer holds exactly the tensor's elements in row-major order.
bool isRowMajor(RankedTensorType type, const Layout &layout);

/// Strides with which a loop nest over the buffer of `outer` reads `inner`,
/// which broadcasts to it (aligned at the last dimensions). When `outer` is
/// blocked, `inner` has its block, one channel, or plain channels of a 1x1
/// image.
BufferView getBroadcastView(RankedTensorType outer, const Layout &outerLayout,
                            RankedTensorType inner, const Layout &innerLayout);

/// Whether getBroadcastView can express the access.
bool canBroadcast(RankedTensorType outer, const Layout &outerLayout,
                  RankedTensorType inner, const Layout &innerLayout);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_LAYOUT_H
