//===- Windows.cpp - Reference of pools, softmax and LRN -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

namespace {
/// Positions of a window along one dimension: begin, begin + step, …, < end,
/// all inside the image; `padded` counts those inside the padded image.
struct Span {
  int64_t begin, end, step, padded;
};
} // namespace

static Span spanOf(int64_t out, int64_t size, int64_t kernel, int64_t stride,
                   int64_t dilation, int64_t padLow, int64_t padHigh) {
  Span span{0, 0, dilation, 0};
  for (int64_t k = kernel - 1; k >= 0; --k) {
    int64_t position = out * stride + k * dilation - padLow;
    span.padded += position < size + padHigh;
    if (position < 0 || position >= size)
      continue;
    span.begin = position;
    span.end = std::max(span.end, position + 1);
  }
  return span;
}

/// Calls visit(plane, output index, rows, columns) for every window; plane is
/// the offset of the image that the window lies in.
template <typename Visit>
static void forEachWindow(WindowOpInterface op, const Tensor &in,
                          const Tensor &out, Visit visit) {
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides(),
                    pads = op.getPads(), dilations = op.getDilations();
  int64_t index = 0, height = in.dim(2), width = in.dim(3);
  for (int64_t image = 0; image < in.dim(0) * in.dim(1); ++image)
    for (int64_t y = 0; y < out.dim(2); ++y) {
      Span rows = spanOf(y, height, kernel[0], strides[0], dilations[0],
                         pads[0], pads[2]);
      for (int64_t x = 0; x < out.dim(3); ++x)
        visit(image * height * width, index++, rows,
              spanOf(x, width, kernel[1], strides[1], dilations[1], pads[1],
                     pads[3]));
    }
}

template <typename T>
static void maxPool(MaxPool2DOp op, const std::vector<T> &from, Tensor &out,
                    std::vector<T> &to, const Tensor &in) {
  forEachWindow(
      op, in, out, [&](int64_t plane, int64_t index, Span rows, Span columns) {
        T largest = std::numeric_limits<T>::lowest();
        for (int64_t y = rows.begin; y < rows.end; y += rows.step)
          for (int64_t x = columns.begin; x < columns.end; x += columns.step) {
            T value = from[plane + y * in.dim(3) + x];
            // Negated, so that a NaN is kept.
            if (!(value <= largest))
              largest = value;
          }
        to[index] = largest;
      });
}

static Tensor run(MaxPool2DOp op, const Tensor &from) {
  Tensor out = zerosLikeResult(op);
  if (out.isFloat())
    maxPool(op, from.floats, out, out.floats, from);
  else
    maxPool(op, from.ints, out, out.ints, from);
  return out;
}

static Tensor run(AvgPool2DOp op, const Tensor &from) {
  Tensor out = zerosLikeResult(op);
  forEachWindow(
      op, from, out,
      [&](int64_t plane, int64_t index, Span rows, Span columns) {
        double sum = 0;
        uint32_t word = 0;
        int64_t inside = 0;
        for (int64_t y = rows.begin; y < rows.end; y += rows.step)
          for (int64_t x = columns.begin; x < columns.end; x += columns.step) {
            int64_t position = plane + y * from.dim(3) + x;
            if (from.isFloat())
              sum += from.floats[position];
            else
              word += static_cast<uint32_t>(from.ints[position]);
            ++inside;
          }
        if (!out.isFloat())
          out.ints[index] = static_cast<int32_t>(word);
        else
          out.floats[index] =
              sum /
              (op.getCountIncludePad() ? rows.padded * columns.padded : inside);
      });
  return out;
}

Tensor reference::runPool(WindowOpInterface op, const Tensor &in) {
  return TypeSwitch<Operation *, Tensor>(op).Case<MaxPool2DOp, AvgPool2DOp>(
      [&](auto pool) { return ::run(pool, in); });
}

Tensor reference::run(GlobalAvgPoolOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  int64_t area = in[0]->dim(2) * in[0]->dim(3);
  for (int64_t c = 0, planes = out.size(); c < planes; ++c) {
    double sum = 0;
    uint32_t word = 0;
    for (int64_t i = c * area; i < (c + 1) * area; ++i)
      if (out.isFloat())
        sum += in[0]->floats[i];
      else
        word += static_cast<uint32_t>(in[0]->ints[i]);
    if (out.isFloat())
      out.floats[c] = sum / area;
    else
      out.ints[c] = static_cast<int32_t>(word);
  }
  return out;
}

Tensor reference::run(SoftmaxOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  int64_t axis = op.getAxis(), length = out.dim(axis);
  int64_t outer = ShapedType::getNumElements(out.shape().take_front(axis));
  int64_t inner = ShapedType::getNumElements(out.shape().drop_front(axis + 1));
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      const double *from = in[0]->floats.data() + o * length * inner + i;
      double *to = out.floats.data() + o * length * inner + i;
      // Shifted by the largest: the same value, and exp cannot overflow.
      double largest = from[0], sum = 0;
      for (int64_t j = 1; j < length; ++j)
        largest = std::max(largest, from[j * inner]);
      for (int64_t j = 0; j < length; ++j)
        sum += to[j * inner] = std::exp(from[j * inner] - largest);
      for (int64_t j = 0; j < length; ++j)
        to[j * inner] /= sum;
    }
  return out;
}

Tensor reference::run(LRNOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  int64_t size = op.getSize(), channels = out.dim(1);
  int64_t inner = ShapedType::getNumElements(out.shape().drop_front(2));
  double alpha = op.getAlpha().convertToFloat() / size;
  double beta = op.getBeta().convertToFloat(), k = op.getK().convertToFloat();
  for (int64_t n = 0; n < out.dim(0); ++n)
    for (int64_t c = 0; c < channels; ++c) {
      int64_t first = std::max<int64_t>(0, c - (size - 1) / 2);
      int64_t last = std::min(channels - 1, c + size / 2);
      for (int64_t i = 0; i < inner; ++i) {
        const double *image = in[0]->floats.data() + n * channels * inner + i;
        double sum = 0;
        for (int64_t j = first; j <= last; ++j)
          sum += image[j * inner] * image[j * inner];
        out.floats[(n * channels + c) * inner + i] =
            image[c * inner] / std::pow(k + alpha * sum, beta);
      }
    }
  return out;
}
