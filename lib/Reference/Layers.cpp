//===- Layers.cpp - Reference of the layers that have weights ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

// Integer sums are taken modulo 2^32, hence in unsigned arithmetic
// (docs/numerics.md); int32_t may be read and written as uint32_t.
static const double *data(const Tensor &tensor, double) {
  return tensor.floats.data();
}
static double *data(Tensor &tensor, double) { return tensor.floats.data(); }
static const uint32_t *data(const Tensor &tensor, uint32_t) {
  return reinterpret_cast<const uint32_t *>(tensor.ints.data());
}
static uint32_t *data(Tensor &tensor, uint32_t) {
  return reinterpret_cast<uint32_t *>(tensor.ints.data());
}

namespace {
/// The shape of one convolution; `depth` is the length of a column.
struct ConvShape {
  int64_t inHeight, inWidth, outHeight, outWidth, channels, kernel[2];
  ArrayRef<int64_t> strides, pads, dilations;
  int64_t depth() const { return channels * kernel[0] * kernel[1]; }
  int64_t positions() const { return outHeight * outWidth; }
};
} // namespace

/// columns[(i,r,s), (y,x)] = the element that weight (i,r,s) meets at (y,x),
/// for the output rows [firstRow, endRow).
template <typename T>
static void gatherColumns(const ConvShape &c, const T *image, int64_t firstRow,
                          int64_t endRow, T *columns) {
  for (int64_t i = 0; i < c.channels; ++i)
    for (int64_t r = 0; r < c.kernel[0]; ++r)
      for (int64_t s = 0; s < c.kernel[1]; ++s)
        for (int64_t y = firstRow; y < endRow; ++y) {
          int64_t inY = y * c.strides[0] + r * c.dilations[0] - c.pads[0];
          bool rowInside = inY >= 0 && inY < c.inHeight;
          const T *row =
              image + (i * c.inHeight + (rowInside ? inY : 0)) * c.inWidth;
          for (int64_t x = 0; x < c.outWidth; ++x) {
            int64_t inX = x * c.strides[1] + s * c.dilations[1] - c.pads[1];
            bool inside = rowInside && inX >= 0 && inX < c.inWidth;
            *columns++ = inside ? row[inX] : T(0);
          }
        }
}

/// out[m,x] += sum over k of weight[m,k] * columns[k,x] for x < count, in the
/// order of k. The rows of `out` are `pitch` elements apart. Four rows at a
/// time share a column; the inner loop vectorises, which is what lets ResNet-18
/// run in seconds.
template <typename T>
static void multiply(const T *weight, const T *columns, T *out, int64_t rows,
                     int64_t depth, int64_t count, int64_t pitch) {
  int64_t m = 0;
  for (; m + 4 <= rows; m += 4) {
    T *__restrict o0 = out + m * pitch;
    T *__restrict o1 = o0 + pitch;
    T *__restrict o2 = o1 + pitch;
    T *__restrict o3 = o2 + pitch;
    for (int64_t k = 0; k < depth; ++k) {
      const T *__restrict column = columns + k * count;
      const T *w = weight + m * depth + k;
      T w0 = w[0], w1 = w[depth], w2 = w[2 * depth], w3 = w[3 * depth];
      for (int64_t x = 0; x < count; ++x) {
        o0[x] += w0 * column[x];
        o1[x] += w1 * column[x];
        o2[x] += w2 * column[x];
        o3[x] += w3 * column[x];
      }
    }
  }
  for (; m < rows; ++m)
    for (int64_t k = 0; k < depth; ++k) {
      T *__restrict o = out + m * pitch;
      const T *__restrict column = columns + k * count;
      T w = weight[m * depth + k];
      for (int64_t x = 0; x < count; ++x)
        o[x] += w * column[x];
    }
}

/// One group of one image: `rows` output channels from `shape.channels` inputs.
template <typename T>
static void convolveGroup(const ConvShape &shape, const T *image,
                          const T *weight, T *out, int64_t rows,
                          std::vector<T> &columns) {
  // About as many positions at a time as keep the sums in the nearest cache.
  int64_t step = std::max<int64_t>(1, 256 / shape.outWidth);
  for (int64_t y = 0; y < shape.outHeight; y += step) {
    int64_t end = std::min(y + step, shape.outHeight);
    int64_t count = (end - y) * shape.outWidth;
    columns.resize(shape.depth() * count);
    gatherColumns(shape, image, y, end, columns.data());
    multiply(weight, columns.data(), out + y * shape.outWidth, rows,
             shape.depth(), count, shape.positions());
  }
}

template <typename T>
static void convolve(const ConvShape &shape, int64_t groups, Operands in,
                     Tensor &out) {
  const Tensor &input = *in[0], &weight = *in[1];
  const T *bias = in.size() > 2 ? data(*in[2], T()) : nullptr;
  int64_t channelsOut = out.dim(1), rows = channelsOut / groups;
  std::vector<T> columns;
  for (int64_t n = 0; n < out.dim(0); ++n)
    for (int64_t g = 0; g < groups; ++g) {
      int64_t firstIn = n * input.dim(1) + g * shape.channels;
      int64_t firstOut = n * channelsOut + g * rows;
      T *result = data(out, T()) + firstOut * shape.positions();
      if (bias)
        for (int64_t m = 0; m < rows; ++m)
          std::fill_n(result + m * shape.positions(), shape.positions(),
                      bias[g * rows + m]);
      convolveGroup(
          shape, data(input, T()) + firstIn * shape.inHeight * shape.inWidth,
          data(weight, T()) + g * rows * shape.depth(), result, rows, columns);
    }
}

Tensor reference::run(Conv2DOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  const Tensor &input = *in[0], &weight = *in[1];
  ConvShape shape{
      input.dim(2),    input.dim(3),  out.dim(2),
      out.dim(3),      weight.dim(1), {weight.dim(2), weight.dim(3)},
      op.getStrides(), op.getPads(),  op.getDilations()};
  if (out.isFloat())
    convolve<double>(shape, op.getGroups(), in, out);
  else
    convolve<uint32_t>(shape, op.getGroups(), in, out);
  return out;
}

template <typename T> static void multiplyDense(Operands in, Tensor &out) {
  const T *bias = in.size() > 2 ? data(*in[2], T()) : nullptr;
  int64_t depth = in[0]->dim(1), rows = out.dim(1);
  for (int64_t n = 0; n < out.dim(0); ++n)
    for (int64_t o = 0; o < rows; ++o) {
      const T *x = data(*in[0], T()) + n * depth;
      const T *w = data(*in[1], T()) + o * depth;
      T sum = bias ? bias[o] : T(0);
      for (int64_t k = 0; k < depth; ++k)
        sum += w[k] * x[k];
      data(out, T())[n * rows + o] = sum;
    }
}

Tensor reference::run(DenseOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  if (out.isFloat())
    multiplyDense<double>(in, out);
  else
    multiplyDense<uint32_t>(in, out);
  return out;
}

Tensor reference::run(BatchNormOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  ArrayRef<int64_t> shape = out.shape();
  int64_t axis = op.getAxis(), channels = shape[axis];
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  double epsilon = op.getEpsilon().convertToFloat();
  for (int64_t i = 0, size = out.size(); i < size; ++i) {
    int64_t c = i / inner % channels;
    out.floats[i] = (in[0]->floats[i] - in[3]->floats[c]) /
                        std::sqrt(in[4]->floats[c] + epsilon) *
                        in[1]->floats[c] +
                    in[2]->floats[c];
  }
  return out;
}
