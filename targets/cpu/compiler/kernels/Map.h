//===- Map.h - Loops that compute each element on its own -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_MAP_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_MAP_H

#include "targets/cpu/compiler/dialect/Layout.h"
#include "targets/cpu/compiler/kernels/KernelBuilder.h"

namespace mlir::lcp::cpu {

/// Where a buffer is read or written: origin + sum of position times stride.
struct MapAccess {
  Value buffer;
  SmallVector<int64_t, 6> strides;
  int64_t origin = 0;
};

inline MapAccess toAccess(Value buffer, const BufferView &view) {
  return {buffer, view.strides, view.origin};
}

/// Moves an access on by positions.
inline MapAccess shifted(MapAccess access, ArrayRef<int64_t> positions) {
  for (auto [position, stride] : llvm::zip(positions, access.strides))
    access.origin += position * stride;
  return access;
}

/// For every position within `sizes`: out = f(in...). Vectors run along the
/// last dimension when `out` is contiguous there and every `in` is contiguous
/// or constant; otherwise f sees scalars. Work is divided among the threads.
/// f may be applied twice to a position, so `out` must not be one of `in`.
void emitMap(KernelBuilder &k, ArrayRef<int64_t> sizes, const MapAccess &out,
             ArrayRef<MapAccess> in,
             function_ref<Value(ArrayRef<Value>, int64_t lanes)> f);

/// A plain copy.
void emitMapCopy(KernelBuilder &k, ArrayRef<int64_t> sizes,
                 const MapAccess &out, const MapAccess &in);
/// The same value everywhere.
void emitMapFill(KernelBuilder &k, ArrayRef<int64_t> sizes,
                 const MapAccess &out, double value);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_MAP_H
