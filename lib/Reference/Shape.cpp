//===- Shape.cpp - Reference of ops that only move elements --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "lcp/Reference/Evaluate.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

/// Calls move(from, to) on the storage that the tensors use.
template <typename Move>
static void onStorage(const Tensor &in, Tensor &out, Move move) {
  if (out.isFloat())
    move(in.floats.data(), out.floats.data());
  else
    move(in.ints.data(), out.ints.data());
}

/// Copies `in` to positions [at, at + its size) of `axis` of `out`.
static void place(const Tensor &in, Tensor &out, int64_t axis, int64_t at) {
  int64_t outer = ShapedType::getNumElements(out.shape().take_front(axis));
  int64_t inner = ShapedType::getNumElements(out.shape().drop_front(axis + 1));
  int64_t chunk = in.dim(axis) * inner, pitch = out.dim(axis) * inner;
  onStorage(in, out, [&](auto *from, auto *to) {
    for (int64_t i = 0; i < outer; ++i)
      std::copy_n(from + i * chunk, chunk, to + i * pitch + at * inner);
  });
}

static Tensor concatenate(Operands in, int64_t axis) {
  SmallVector<int64_t> shape(in[0]->shape());
  for (const Tensor *part : in.drop_front())
    shape[axis] += part->dim(axis);
  Tensor out = Tensor::zeros(in[0]->type.clone(shape));
  int64_t at = 0;
  for (const Tensor *part : in) {
    place(*part, out, axis, at);
    at += part->dim(axis);
  }
  return out;
}

Tensor reference::run(ConcatOp op, Operands in) {
  return concatenate(in, op.getAxis());
}

Tensor reference::run(SliceOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  int64_t axis = op.getAxis(), begin = op.getBegin();
  int64_t outer = ShapedType::getNumElements(out.shape().take_front(axis));
  int64_t inner = ShapedType::getNumElements(out.shape().drop_front(axis + 1));
  int64_t chunk = out.dim(axis) * inner, pitch = in[0]->dim(axis) * inner;
  onStorage(*in[0], out, [&](auto *from, auto *to) {
    for (int64_t i = 0; i < outer; ++i)
      std::copy_n(from + i * pitch + begin * inner, chunk, to + i * chunk);
  });
  return out;
}

Tensor reference::runReshape(Operation *op, const Tensor &in) {
  Tensor out = in;
  out.type = cast<RankedTensorType>(op->getResult(0).getType());
  return out;
}

/// Visits the positions of `shape` in row-major order; `offset` follows them
/// with `strides`.
template <typename Visit>
static void walk(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides,
                 int64_t offset, Visit visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, size = ShapedType::getNumElements(shape); i < size; ++i) {
    visit(i, offset);
    for (size_t d = shape.size(); d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
      offset -= strides[d] * shape[d];
    }
  }
}

Tensor reference::run(TransposeOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  SmallVector<int64_t> from = computeStrides(in[0]->shape()), strides;
  for (int64_t dim : op.getPermutation())
    strides.push_back(from[dim]);
  onStorage(*in[0], out, [&](auto *source, auto *target) {
    walk(out.shape(), strides, 0,
         [&](int64_t i, int64_t offset) { target[i] = source[offset]; });
  });
  return out;
}

FailureOr<Tensor> reference::run(PadOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  double value = op.getValue().convertToFloat();
  if (out.isFloat()) {
    std::fill(out.floats.begin(), out.floats.end(), value);
  } else {
    unsigned bits = out.type.getElementTypeBitWidth();
    if (value != std::nearbyint(value) ||
        std::fabs(value) >= std::ldexp(1.0, bits - 1))
      return op.emitOpError("cannot pad ") << out.type << " with " << value;
    std::fill(out.ints.begin(), out.ints.end(), static_cast<int32_t>(value));
  }
  SmallVector<int64_t> strides = computeStrides(out.shape());
  int64_t first = 0;
  for (auto [low, stride] : llvm::zip_equal(op.getLow(), strides))
    first += low * stride;
  onStorage(*in[0], out, [&](auto *source, auto *target) {
    walk(in[0]->shape(), strides, first,
         [&](int64_t i, int64_t offset) { target[offset] = source[i]; });
  });
  return out;
}

/// Position i of `axis` becomes position order[i] of `in`.
static Tensor reorder(const Tensor &in, int64_t axis, ArrayRef<int64_t> order) {
  Tensor out = Tensor::zeros(in.type);
  int64_t outer = ShapedType::getNumElements(in.shape().take_front(axis));
  int64_t inner = ShapedType::getNumElements(in.shape().drop_front(axis + 1));
  int64_t count = order.size();
  onStorage(in, out, [&](auto *from, auto *to) {
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < count; ++i)
        std::copy_n(from + (o * count + order[i]) * inner, inner,
                    to + (o * count + i) * inner);
  });
  return out;
}

Tensor reference::run(ChannelShuffleOp op, Operands in) {
  int64_t channels = in[0]->dim(1), groups = op.getGroups();
  SmallVector<int64_t> order(channels);
  for (int64_t i = 0; i < channels; ++i)
    order[i] = i % groups * (channels / groups) + i / groups;
  return reorder(*in[0], /*axis=*/1, order);
}

Tensor reference::run(MergeOp op, Operands in) {
  return mergeTensors(op.getKind(), op.getAxis(),
                      op.getOrder().value_or(ArrayRef<int64_t>()), in);
}

Tensor reference::mergeTensors(MergeKind kind, int64_t axis,
                               ArrayRef<int64_t> order, Operands in) {
  if (kind == MergeKind::Concat) {
    Tensor out = concatenate(in, axis);
    return order.empty() ? out : reorder(out, axis, order);
  }
  Tensor out = *in[0];
  for (const Tensor *part : in.drop_front()) {
    for (size_t i = 0; i < out.floats.size(); ++i)
      out.floats[i] += part->floats[i];
    for (size_t i = 0; i < out.ints.size(); ++i)
      out.ints[i] = static_cast<int32_t>(static_cast<uint32_t>(out.ints[i]) +
                                         static_cast<uint32_t>(part->ints[i]));
  }
  return out;
}
