//===- Elementwise.cpp - Reference of elementwise ops --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

// C's fmax and fmin drop a NaN; ONNX Runtime and the targets keep it.
static double clamp(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static void runFloat(Operation *op, std::vector<double> &values) {
  auto apply = [&](auto function) {
    for (double &value : values)
      value = function(value);
  };
  TypeSwitch<Operation *>(op)
      .Case([&](ReluOp) { apply([](double x) { return x < 0 ? 0 : x; }); })
      .Case([&](LeakyReluOp leaky) {
        double alpha = leaky.getAlpha().convertToFloat();
        apply([=](double x) { return x < 0 ? alpha * x : x; });
      })
      .Case([&](ClipOp clip) {
        double low = clip.getMin().convertToFloat();
        double high = clip.getMax().convertToFloat();
        apply([=](double x) { return clamp(x, low, high); });
      })
      .Case([&](SigmoidOp) {
        apply([](double x) { return 1 / (1 + std::exp(-x)); });
      })
      .Case([&](HardSigmoidOp hard) {
        double alpha = hard.getAlpha().convertToFloat();
        double beta = hard.getBeta().convertToFloat();
        apply([=](double x) { return clamp(alpha * x + beta, 0, 1); });
      })
      .Case([&](HardSwishOp) {
        apply([](double x) { return x * clamp(x / 6 + 0.5, 0, 1); });
      })
      .Case([&](TanhOp) { apply([](double x) { return std::tanh(x); }); });
}

FailureOr<Tensor> reference::runUnary(Operation *op, const Tensor &in) {
  if (!in.isFloat() && !isa<ReluOp, IdentityOp, DropoutOp>(op))
    return op->emitOpError("has no meaning on integers (docs/numerics.md)");
  Tensor out = in;
  runFloat(op, out.floats);
  if (isa<ReluOp>(op))
    for (int32_t &value : out.ints)
      value = std::max(value, 0);
  return out;
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

/// Elements to step over in `shape` for each dimension of a result of rank
/// `rank`; 0 where the operand is repeated.
static SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> shape,
                                             size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  int64_t stride = 1;
  for (size_t i = 1; i <= shape.size(); ++i) {
    int64_t size = shape[shape.size() - i];
    strides[rank - i] = size == 1 ? 0 : stride;
    stride *= size;
  }
  return strides;
}

template <typename T, typename Function>
static void broadcast(const Tensor &lhs, const std::vector<T> &a,
                      const Tensor &rhs, const std::vector<T> &b,
                      ArrayRef<int64_t> shape, std::vector<T> &out,
                      Function function) {
  size_t rank = shape.size();
  SmallVector<int64_t> stepA = broadcastStrides(lhs.shape(), rank);
  SmallVector<int64_t> stepB = broadcastStrides(rhs.shape(), rank);
  SmallVector<int64_t> index(rank, 0);
  int64_t atA = 0, atB = 0;
  for (T &value : out) {
    value = function(a[atA], b[atB]);
    for (size_t d = rank; d-- > 0;) {
      atA += stepA[d];
      atB += stepB[d];
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
      atA -= stepA[d] * shape[d];
      atB -= stepB[d] * shape[d];
    }
  }
}

/// Integers wrap modulo 2^32, and an i8 result modulo 2^8 (docs/numerics.md).
template <typename Function>
static Tensor runBinary(Operation *op, Operands in, Function function) {
  Tensor out = zerosLikeResult(op);
  if (out.isFloat()) {
    broadcast(*in[0], in[0]->floats, *in[1], in[1]->floats, out.shape(),
              out.floats, function);
    return out;
  }
  broadcast(*in[0], in[0]->ints, *in[1], in[1]->ints, out.shape(), out.ints,
            [&](int32_t x, int32_t y) {
              return static_cast<int32_t>(
                  function(static_cast<uint32_t>(x), static_cast<uint32_t>(y)));
            });
  if (out.type.getElementType().isInteger(8))
    for (int32_t &value : out.ints)
      value = static_cast<int8_t>(value);
  return out;
}

Tensor reference::run(AddOp op, Operands in) {
  return runBinary(op, in, [](auto x, auto y) { return x + y; });
}

Tensor reference::run(SubOp op, Operands in) {
  return runBinary(op, in, [](auto x, auto y) { return x - y; });
}

Tensor reference::run(MulOp op, Operands in) {
  return runBinary(op, in, [](auto x, auto y) { return x * y; });
}

//===----------------------------------------------------------------------===//
// Between integers and floats: docs/numerics.md fixes each f32 operation
//===----------------------------------------------------------------------===//

Tensor reference::run(QuantizeOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  float scale = op.getScale().convertToFloat();
  for (auto [from, to] : llvm::zip_equal(in[0]->floats, out.ints)) {
    float quotient = static_cast<float>(from) / scale;
    // fmax drops a NaN: it becomes -127 on every target.
    to = static_cast<int32_t>(
        std::nearbyint(std::fmin(std::fmax(quotient, -127.0f), 127.0f)));
  }
  return out;
}

Tensor reference::run(DequantizeOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  float scale = op.getScale().convertToFloat();
  for (auto [from, to] : llvm::zip_equal(in[0]->ints, out.floats))
    to = static_cast<float>(from) * scale;
  return out;
}

FailureOr<Tensor> reference::run(RequantizeOp op, Operands in) {
  const std::vector<int32_t> &multiplier = in[1]->ints, &shift = in[2]->ints;
  for (int32_t amount : shift)
    if (amount < 0 || amount > 62)
      return op.emitOpError("shift ")
             << amount << " is not in [0, 62] (docs/numerics.md)";
  Tensor out = zerosLikeResult(op);
  ArrayRef<int64_t> shape = out.shape();
  int64_t channels = shape.size() > 1 ? shape[1] : 1;
  int64_t inner = product(shape.drop_front(std::min<size_t>(2, shape.size())));
  for (int64_t i = 0, size = out.size(); i < size; ++i) {
    int64_t c = shape.size() > 1 ? i / inner % channels : 0;
    int64_t amount = shift[shift.size() == 1 ? 0 : c];
    // At most 2^62 + 2^61: no overflow.
    int64_t scaled =
        int64_t(in[0]->ints[i]) * multiplier[multiplier.size() == 1 ? 0 : c];
    if (amount > 0)
      scaled = (scaled + (int64_t(1) << (amount - 1))) >> amount;
    out.ints[i] = static_cast<int32_t>(std::clamp<int64_t>(
        scaled, int32_t(op.getMin()), int32_t(op.getMax())));
  }
  return out;
}

Tensor reference::run(ScaledSumOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  // The verifier keeps the weights too small for the sum to overflow.
  for (auto [part, weight] : llvm::zip_equal(in, op.getWeights()))
    for (auto [to, from] : llvm::zip_equal(out.ints, part->ints))
      to += from * weight;
  return out;
}
