//===- ConvShape.cpp - The sizes of a convolution, and cuts of them -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

ConvShape::ConvShape(Conv2DOp conv) {
  auto in = getTensorType(conv.getInput()).getShape();
  auto weight = getTensorType(conv.getWeight()).getShape();
  auto out = getTensorType(conv.getResult()).getShape();
  images = in[0];
  height = in[2];
  width = in[3];
  outHeight = out[2];
  outWidth = out[3];
  groups = conv.getGroups();
  inputs = weight[1];
  outputs = weight[0] / groups;
  kernelHeight = weight[2];
  kernelWidth = weight[3];
  strideY = conv.getStrides()[0];
  strideX = conv.getStrides()[1];
  dilationY = conv.getDilations()[0];
  dilationX = conv.getDilations()[1];
  padTop = conv.getPads()[0];
  padLeft = conv.getPads()[1];
}

int64_t ConvShape::getReduction(int64_t inputBlock) const {
  return llvm::alignTo(inputs, inputBlock) * kernelHeight * kernelWidth;
}

SmallVector<Cut::Part, 2> Cut::parts() const {
  SmallVector<Part, 2> parts;
  if (full())
    parts.push_back({0, tile, full()});
  if (rest())
    parts.push_back({full() * tile, rest(), 1});
  return parts;
}
