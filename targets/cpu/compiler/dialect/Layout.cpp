//===- Layout.cpp - Where an element of a tensor lies in memory -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/Layout.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

void Layout::cover(ArrayRef<int64_t> pads) {
  for (unsigned i = 0; i < 4; ++i)
    halo[i] = std::max(halo[i], pads[i]);
}

LayoutAttr mlir::lcp::cpu::toAttribute(MLIRContext *context,
                                       const Layout &layout) {
  DenseI64ArrayAttr halo;
  if (layout.hasHalo())
    halo = DenseI64ArrayAttr::get(context, layout.halo);
  return LayoutAttr::get(context, layout.block, halo);
}

Layout mlir::lcp::cpu::fromAttribute(LayoutAttr attribute) {
  Layout layout;
  if (!attribute)
    return layout;
  layout.block = attribute.getBlock();
  if (DenseI64ArrayAttr halo = attribute.getHalo())
    std::copy_n(halo.asArrayRef().begin(), 4, layout.halo.begin());
  return layout;
}

Layout mlir::lcp::cpu::getLayout(Value value) {
  if (auto arg = dyn_cast<BlockArgument>(value)) {
    auto function = cast<func::FuncOp>(arg.getOwner()->getParentOp());
    return fromAttribute(
        function.getArgAttrOfType<LayoutAttr>(arg.getArgNumber(), kLayoutAttr));
  }
  Operation *op = value.getDefiningOp();
  if (auto conversion = dyn_cast<ConvertLayoutOp>(op))
    return fromAttribute(conversion.getLayout());
  return fromAttribute(op->getAttrOfType<LayoutAttr>(kLayoutAttr));
}

void mlir::lcp::cpu::setLayout(Operation *op, const Layout &layout) {
  LayoutAttr attribute = toAttribute(op->getContext(), layout);
  if (auto conversion = dyn_cast<ConvertLayoutOp>(op))
    conversion.setLayoutAttr(attribute);
  else
    op->setAttr(kLayoutAttr, attribute);
}

static SmallVector<int64_t, 6> rowMajorStrides(ArrayRef<int64_t> sizes) {
  SmallVector<int64_t, 6> strides(sizes.size(), 1);
  for (int64_t d = static_cast<int64_t>(sizes.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * sizes[d + 1];
  return strides;
}

BufferView mlir::lcp::cpu::getView(RankedTensorType type,
                                   const Layout &layout) {
  BufferView view;
  view.sizes.assign(type.getShape().begin(), type.getShape().end());
  view.strides = rowMajorStrides(view.sizes);
  view.elements = type.getNumElements();
  if (layout.isPlain())
    return view;
  auto shape = type.getShape();
  int64_t height = shape[2] + layout.halo[0] + layout.halo[2];
  int64_t width = shape[3] + layout.halo[1] + layout.halo[3];
  int64_t block = layout.block;
  int64_t blocks = llvm::divideCeil(shape[1], block);
  view.sizes = {shape[0], blocks, shape[2], shape[3]};
  view.strides = rowMajorStrides({shape[0], blocks, height, width, block});
  view.elements = shape[0] * blocks * height * width * block;
  view.origin =
      layout.halo[0] * view.strides[2] + layout.halo[1] * view.strides[3];
  if (block == 1)
    view.strides.pop_back();
  else
    view.sizes.push_back(block);
  return view;
}

bool mlir::lcp::cpu::isRowMajor(RankedTensorType type, const Layout &layout) {
  if (layout.isPlain())
    return true;
  return !layout.hasHalo() && type.getDimSize(1) % layout.block == 0 &&
         type.getDimSize(2) * type.getDimSize(3) == 1;
}

static SmallVector<int64_t, 6> alignShape(ArrayRef<int64_t> shape,
                                          unsigned rank) {
  SmallVector<int64_t, 6> aligned(rank - shape.size(), 1);
  aligned.append(shape.begin(), shape.end());
  return aligned;
}

bool mlir::lcp::cpu::canBroadcast(RankedTensorType outer,
                                  const Layout &outerLayout,
                                  RankedTensorType inner,
                                  const Layout &innerLayout) {
  if (inner.getRank() > outer.getRank())
    return false;
  if (outerLayout.block == 1)
    return innerLayout.block == 1;
  auto shape = alignShape(inner.getShape(), 4);
  if (shape[1] == 1)
    return innerLayout.block == 1;
  if (innerLayout.block == outerLayout.block)
    return true;
  return innerLayout.isPlain() && shape[2] * shape[3] == 1 &&
         shape[1] % outerLayout.block == 0;
}

BufferView mlir::lcp::cpu::getBroadcastView(RankedTensorType outer,
                                            const Layout &outerLayout,
                                            RankedTensorType inner,
                                            const Layout &innerLayout) {
  unsigned rank = outer.getRank();
  auto shape = alignShape(inner.getShape(), rank);
  BufferView view = getView(
      RankedTensorType::get(shape, inner.getElementType()), innerLayout);
  for (unsigned d = 0; d < rank; ++d)
    if (shape[d] == 1 && outer.getDimSize(d) != 1)
      view.strides[d] = 0;
  if (outerLayout.block > 1 && view.strides.size() == rank) {
    // Plain values under a blocked loop nest.
    bool oneChannel = shape[1] == 1;
    view.strides.push_back(oneChannel ? 0 : view.strides[1]);
    view.strides[1] = oneChannel ? 0 : view.strides[1] * outerLayout.block;
  }
  view.sizes = getView(outer, outerLayout).sizes;
  return view;
}
