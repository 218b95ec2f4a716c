//===- MaskedNetwork.cpp - A network without some connections -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskedNetwork.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lcp;

MaskedNetwork::MaskedNetwork(func::FuncOp func, const WidthPlan &plan,
                             ArrayRef<ThinnedLayer> thinned) {
  IRMapping mapping;
  copy = cast<func::FuncOp>(func->clone(mapping));
  output = mapping.lookup(plan.classifier->getResult(0));
  for (const ThinnedLayer &layer : thinned) {
    ConstantOp weight = layer.weight;
    Operation *op = mapping.lookup(layer.op);
    AsmResourceBlob blob = HeapAsmResourceBlob::allocate(
        getByteSize(weight.getType()), /*align=*/64);
    MutableArrayRef<float> values(
        reinterpret_cast<float *>(blob.getMutableData().data()),
        weight.getType().getNumElements());
    OpBuilder builder(op);
    ConstantOp own = createConstant(builder, weight.getLoc(), weight.getType(),
                                    weight.getKey(), std::move(blob));
    op->setOperand(1, own);
    layers.push_back({layer, own, values});
  }
}

MaskedNetwork::~MaskedNetwork() {
  // The context would keep the values for as long as it lives.
  for (Layer &layer : layers)
    DenseResourceElementsHandle::getManagerInterface((*copy)->getContext())
        .update(layer.weight.getKey(), AsmResourceBlob());
}

void MaskedNetwork::mask(const PartOfUnit &parts) {
  for (Layer &layer : layers) {
    ConstantOp weight = layer.original.weight;
    SmallVector<float> storage;
    const float *from = weight.getValues<float>(storage).data();
    float *to = layer.values.data();
    const ChannelOrigin &output = *layer.original.output;
    const ChannelOrigin &input = *layer.original.input;
    int64_t inner =
        layer.values.size() / (output.units.size() * input.units.size());
    for (ChannelUnit row : output.units)
      for (ChannelUnit column : input.units) {
        bool crosses =
            row.known() && column.known() &&
            parts[row.index][row.unit] != parts[column.index][column.unit];
        if (crosses)
          std::fill_n(to, inner, 0.0f);
        else
          std::copy_n(from, inner, to);
        from += inner;
        to += inner;
      }
  }
}
