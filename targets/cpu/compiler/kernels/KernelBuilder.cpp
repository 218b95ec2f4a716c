//===- KernelBuilder.cpp - Index arithmetic, loops and vectors ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelBuilder.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

KernelBuilder::KernelBuilder(func::FuncOp kernel, int64_t lanes)
    : b(kernel.getContext()), location(kernel.getLoc()), maxLanes(lanes),
      kernel(kernel) {}

Value KernelBuilder::index(int64_t value) {
  // Constants live at the top of the kernel, once each.
  Value &known = indices[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&kernel.getBody().front());
    known = b.create<arith::ConstantIndexOp>(location, value);
  }
  return known;
}

static std::optional<int64_t> known(Value value) {
  return getConstantIntValue(value);
}

Value KernelBuilder::add(Value lhs, Value rhs) {
  auto l = known(lhs), r = known(rhs);
  if (l && r)
    return index(*l + *r);
  if (l == 0)
    return rhs;
  if (r == 0)
    return lhs;
  return b.create<arith::AddIOp>(location, lhs, rhs);
}

Value KernelBuilder::sub(Value lhs, Value rhs) {
  if (known(lhs) && known(rhs))
    return index(*known(lhs) - *known(rhs));
  if (known(rhs) == 0)
    return lhs;
  return b.create<arith::SubIOp>(location, lhs, rhs);
}

Value KernelBuilder::mul(Value lhs, int64_t rhs) {
  if (auto l = known(lhs))
    return index(*l * rhs);
  if (rhs == 0)
    return index(0);
  if (rhs == 1)
    return lhs;
  return b.create<arith::MulIOp>(location, lhs, index(rhs));
}

Value KernelBuilder::mul(Value lhs, Value rhs) {
  if (auto r = known(rhs))
    return mul(lhs, *r);
  return b.create<arith::MulIOp>(location, lhs, rhs);
}

Value KernelBuilder::div(Value lhs, int64_t rhs) {
  if (auto l = known(lhs))
    return index(*l / rhs);
  if (rhs == 1)
    return lhs;
  return b.create<arith::DivUIOp>(location, lhs, index(rhs));
}

Value KernelBuilder::rem(Value lhs, int64_t rhs) {
  if (auto l = known(lhs))
    return index(*l % rhs);
  if (rhs == 1)
    return index(0);
  return b.create<arith::RemUIOp>(location, lhs, index(rhs));
}

Value KernelBuilder::min(Value lhs, Value rhs) {
  return b.createOrFold<arith::MinSIOp>(location, lhs, rhs);
}

Value KernelBuilder::max(Value lhs, Value rhs) {
  return b.createOrFold<arith::MaxSIOp>(location, lhs, rhs);
}

Value KernelBuilder::dot(ValueRange positions, ArrayRef<int64_t> strides) {
  Value sum = index(0);
  for (auto [position, stride] : llvm::zip(positions, strides))
    sum = add(sum, mul(position, stride));
  return sum;
}

SmallVector<Value> KernelBuilder::delinearize(Value linear,
                                              ArrayRef<int64_t> sizes) {
  SmallVector<Value> positions(sizes.size());
  for (int64_t d = static_cast<int64_t>(sizes.size()) - 1; d > 0; --d) {
    positions[d] = rem(linear, sizes[d]);
    linear = div(linear, sizes[d]);
  }
  if (!sizes.empty())
    positions[0] = sizes[0] == 1 ? index(0) : linear;
  return positions;
}

void KernelBuilder::loop(int64_t count, Body body) {
  loop(count, {}, [&](Value i, ValueRange) {
    body(i);
    return Carry();
  });
}

void KernelBuilder::loop(Value from, Value to, Body body) {
  loop(from, to, {}, [&](Value i, ValueRange) {
    body(i);
    return Carry();
  });
}

KernelBuilder::Carry KernelBuilder::loop(int64_t count, ValueRange inits,
                                         CarryBody body) {
  if (count <= 0)
    return Carry(inits);
  if (count == 1)
    return body(index(0), inits);
  return loop(index(0), index(count), inits, body);
}

KernelBuilder::Carry KernelBuilder::loop(Value from, Value to, ValueRange inits,
                                         CarryBody body) {
  auto loop = b.create<scf::ForOp>(
      location, from, to, index(1), inits,
      [&](OpBuilder &inner, Location, Value i, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.restoreInsertionPoint(inner.saveInsertionPoint());
        Carry next = body(i, carried);
        b.create<scf::YieldOp>(location, next);
      });
  return Carry(loop.getResults());
}

KernelBuilder::Carry KernelBuilder::unrolled(int64_t count, ValueRange inits,
                                             CarryBody body) {
  Carry carried(inits);
  for (int64_t i = 0; i < count; ++i)
    carried = body(index(i), carried);
  return carried;
}

void KernelBuilder::parallelLoop(int64_t count, Body body) {
  // The last two arguments: this thread and how many there are.
  unsigned arguments = kernel.getNumArguments();
  Value thread = kernel.getArgument(arguments - 2);
  Value threads = kernel.getArgument(arguments - 1);
  auto bound = [&](Value part) -> Value {
    return b.create<arith::DivUIOp>(location, mul(part, count), threads);
  };
  loop(bound(thread), bound(add(thread, 1)), body);
}

Value KernelBuilder::scratch(int64_t elements, Type type) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&kernel.getBody().front());
  return b.create<memref::AllocaOp>(location, MemRefType::get({elements}, type),
                                    b.getI64IntegerAttr(64));
}

Value KernelBuilder::constant(Type type, double value) {
  if (isa<FloatType>(type))
    return b.create<arith::ConstantOp>(location, b.getFloatAttr(type, value));
  return b.create<arith::ConstantOp>(
      location, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value KernelBuilder::splat(Value scalar, int64_t lanes) {
  if (lanes == 1)
    return scalar;
  auto type = VectorType::get({lanes}, scalar.getType());
  return b.createOrFold<vector::BroadcastOp>(location, type, scalar);
}

static Value extend(OpBuilder &b, Location loc, Value value, Type element) {
  if (getElementTypeOrSelf(value) == element)
    return value;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(element);
  return b.create<arith::ExtSIOp>(loc, type, value);
}

Value KernelBuilder::load(Value buffer, Value position, int64_t offset,
                          int64_t lanes, Type type) {
  Value at = add(position, offset);
  Value value;
  if (lanes == 1)
    value = b.create<memref::LoadOp>(location, buffer, at);
  else
    value = b.create<vector::LoadOp>(
        location, VectorType::get({lanes}, elementType(buffer)), buffer, at);
  return extend(b, location, value, type);
}

Value KernelBuilder::loadStrided(Value buffer, Value position, int64_t offset,
                                 int64_t lanes, int64_t stride, Type type) {
  if (stride == 1 || lanes == 1)
    return load(buffer, position, offset, lanes, type);
  Type element = elementType(buffer);
  // With more vectors to load than lanes to fill, each lane is its own load.
  if (stride > lanes) {
    SmallVector<Value> values;
    for (int64_t i = 0; i < lanes; ++i)
      values.push_back(load(buffer, position, offset + i * stride, 1, element));
    return extend(b, location,
                  b.create<vector::FromElementsOp>(
                      location, VectorType::get({lanes}, element), values),
                  type);
  }
  Value wide = load(buffer, position, offset, lanes * stride, element);
  SmallVector<int64_t> pick;
  for (int64_t i = 0; i < lanes; ++i)
    pick.push_back(i * stride);
  return extend(b, location, shuffle(wide, wide, pick), type);
}

void KernelBuilder::store(Value value, Value buffer, Value position,
                          int64_t offset, int64_t count) {
  Value at = add(position, offset);
  auto type = dyn_cast<VectorType>(value.getType());
  if (!type) {
    b.create<memref::StoreOp>(location, value, buffer, at);
    return;
  }
  if (count == 1) {
    b.create<memref::StoreOp>(location, extract(value, 0), buffer, at);
    return;
  }
  if (count != 0 && count < type.getDimSize(0))
    value = b.create<vector::ExtractStridedSliceOp>(
        location, value, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  b.create<vector::StoreOp>(location, value, buffer, at);
}

void KernelBuilder::prefetch(Value buffer, Value position) {
  // LLVM's 2 of 0 to 3: the second level.
  b.create<memref::PrefetchOp>(location, buffer, position, /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
}

Value KernelBuilder::extract(Value vector, int64_t lane) {
  return b.create<vector::ExtractOp>(location, vector, lane);
}

Value KernelBuilder::shuffle(Value first, Value second,
                             ArrayRef<int64_t> lanes) {
  return b.create<vector::ShuffleOp>(location, first, second, lanes);
}

Value KernelBuilder::widen(Value vector, int64_t lanes) {
  Value zeros = zero(getElementTypeOrSelf(vector), lanes);
  return b.create<vector::InsertStridedSliceOp>(
      location, vector, zeros, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
}

Value KernelBuilder::plus(Value lhs, Value rhs) {
  if (isa<IntegerType>(getElementTypeOrSelf(lhs)))
    return b.create<arith::AddIOp>(location, lhs, rhs);
  return b.create<arith::AddFOp>(location, lhs, rhs);
}

Value KernelBuilder::multiplyAdd(Value a, Value x, Value c) {
  if (isa<IntegerType>(getElementTypeOrSelf(c))) {
    Value product = b.create<arith::MulIOp>(location, a, x);
    return b.create<arith::AddIOp>(location, product, c);
  }
  if (isa<VectorType>(c.getType()))
    return b.create<vector::FMAOp>(location, a, x, c);
  Value product = b.create<arith::MulFOp>(location, a, x);
  return b.create<arith::AddFOp>(location, product, c);
}
