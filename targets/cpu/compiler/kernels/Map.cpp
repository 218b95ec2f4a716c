//===- Map.cpp - Loops that compute each element on its own ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/Map.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

namespace {

/// A loop nest over positions, simplified: no dimension of size one, none that
/// continues the next one in every buffer.
struct Nest {
  SmallVector<int64_t> sizes;
  MapAccess out;
  SmallVector<MapAccess> in;

  void forEachAccess(function_ref<void(MapAccess &)> f) {
    f(out);
    for (MapAccess &access : in)
      f(access);
  }

  void drop(size_t d) {
    sizes.erase(sizes.begin() + d);
    forEachAccess([&](MapAccess &access) {
      access.strides.erase(access.strides.begin() + d);
    });
  }

  bool continues(size_t d) {
    bool all = true;
    forEachAccess([&](MapAccess &access) {
      all &= access.strides[d] == access.strides[d + 1] * sizes[d + 1];
    });
    return all;
  }

  void simplify() {
    for (size_t d = sizes.size(); d-- > 0;) {
      if (sizes[d] == 1) {
        drop(d);
      } else if (d + 1 < sizes.size() && continues(d)) {
        sizes[d + 1] *= sizes[d];
        drop(d);
      }
    }
    if (sizes.empty()) {
      sizes.push_back(1);
      forEachAccess([](MapAccess &access) { access.strides.push_back(1); });
    }
  }

  bool isVectorizable() {
    bool ok = out.strides.back() == 1;
    for (MapAccess &access : in)
      ok &= access.strides.back() == 0 || access.strides.back() == 1;
    return ok;
  }
};

/// Emits the nest.
struct MapEmitter {
  KernelBuilder &k;
  Nest nest;
  function_ref<Value(ArrayRef<Value>, int64_t)> f;
  int64_t lanes = 1;

  void emit() {
    int64_t inner = nest.sizes.back();
    if (nest.isVectorizable())
      lanes = std::min(inner, k.lanes());
    // Enough outer rounds to divide among threads, without a division of
    // positions in the inner loops.
    SmallVector<int64_t> outer;
    int64_t rounds = 1;
    size_t d = 0;
    for (; d + 1 < nest.sizes.size() && rounds < 16; ++d) {
      outer.push_back(nest.sizes[d]);
      rounds *= nest.sizes[d];
    }
    if (outer.empty())
      return k.parallelLoop(vectors(), [&](Value i) { emitVector({}, i); });
    k.parallelLoop(rounds,
                   [&](Value t) { emitLoops(k.delinearize(t, outer)); });
  }

  int64_t vectors() { return (nest.sizes.back() + lanes - 1) / lanes; }

  void emitLoops(SmallVector<Value> positions) {
    if (positions.size() + 1 == nest.sizes.size())
      return k.loop(vectors(), [&](Value i) { emitVector(positions, i); });
    k.loop(nest.sizes[positions.size()], [&](Value i) {
      SmallVector<Value> next(positions);
      next.push_back(i);
      emitLoops(next);
    });
  }

  /// Vector i of the innermost dimension; the last one ends where that does.
  void emitVector(SmallVector<Value> positions, Value i) {
    Value at = k.mul(i, lanes);
    if (nest.sizes.back() % lanes != 0)
      at = k.min(at, k.index(nest.sizes.back() - lanes));
    positions.push_back(at);
    SmallVector<Value> values;
    for (MapAccess &access : nest.in) {
      Value from = k.add(k.dot(positions, access.strides), access.origin);
      Type type = KernelBuilder::elementType(access.buffer);
      values.push_back(
          access.strides.back() == 0
              ? k.splat(k.load(access.buffer, from, 0, 1, type), lanes)
              : k.load(access.buffer, from, 0, lanes, type));
    }
    Value to = k.add(k.dot(positions, nest.out.strides), nest.out.origin);
    k.store(f(values, lanes), nest.out.buffer, to, 0);
  }
};

} // namespace

void mlir::lcp::cpu::emitMap(KernelBuilder &k, ArrayRef<int64_t> sizes,
                             const MapAccess &out, ArrayRef<MapAccess> in,
                             function_ref<Value(ArrayRef<Value>, int64_t)> f) {
  if (llvm::is_contained(sizes, 0))
    return;
  MapEmitter emitter{k, Nest{}, f};
  emitter.nest.sizes.assign(sizes.begin(), sizes.end());
  emitter.nest.out = out;
  emitter.nest.in.assign(in.begin(), in.end());
  emitter.nest.simplify();
  emitter.emit();
}

void mlir::lcp::cpu::emitMapCopy(KernelBuilder &k, ArrayRef<int64_t> sizes,
                                 const MapAccess &out, const MapAccess &in) {
  emitMap(k, sizes, out, in,
          [](ArrayRef<Value> values, int64_t) { return values[0]; });
}

void mlir::lcp::cpu::emitMapFill(KernelBuilder &k, ArrayRef<int64_t> sizes,
                                 const MapAccess &out, double value) {
  emitMap(k, sizes, out, {}, [&](ArrayRef<Value>, int64_t lanes) {
    Type type = KernelBuilder::elementType(out.buffer);
    return k.splat(k.constant(type, value), lanes);
  });
}
