//===- ImportLayers.cpp - Layers with weights -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace mlir::lcp;

/// The floats of a constant, multiplied by `factor`.
static std::vector<float> scaled(const reader::Tensor &tensor, float factor) {
  auto *first = reinterpret_cast<const float *>(tensor.data.get());
  std::vector<float> values(first, first + tensor.byteSize / sizeof(float));
  for (float &value : values)
    value *= factor;
  return values;
}

static LogicalResult importConv(NodeImporter &n) {
  Value x = n.tensor(0);
  const reader::Tensor *weight = n.floatConstant(1, "weight");
  if (!x || !weight || (n.has(2) && !n.floatConstant(2, "bias")))
    return failure();
  ArrayRef<int64_t> kernel(weight->dims);
  if (kernel.size() != 4)
    return n.fail("only convolutions over two dimensions are supported, not "
                  "weights of rank " +
                  Twine(kernel.size()));
  auto window = ImportWindow::read(n, shapeOf(x), kernel.take_back(2));
  if (failed(window))
    return failure();
  SmallVector<Value> operands{x, n.tensor(1)};
  if (n.has(2))
    operands.push_back(n.tensor(2));
  if (llvm::is_contained(operands, Value()))
    return failure();
  return n.finish(n.emit<Conv2DOp>(
      operands,
      {n.attr("strides", window->strides), n.attr("pads", window->pads),
       n.attr("dilations", window->dilations),
       n.attr("groups", n.attributes().getInt("group", 1))}));
}

/// Weights OxK out of Gemm's or MatMul's B: as they are where they already
/// have that form, otherwise a new constant.
static Value denseWeight(NodeImporter &n, const reader::Tensor &b,
                         bool transposed, float alpha) {
  if (transposed && alpha == 1.0f)
    return n.tensor(1);
  std::optional<reader::Tensor> oxk =
      transposed ? b : reader::transpose(b, {1, 0}, n.budget());
  if (!oxk || (alpha != 1.0f && !n.budget().take(b.byteSize))) {
    (void)n.fail("its weight is too large");
    return {};
  }
  if (alpha == 1.0f)
    return n.materialize(*oxk, n.node().inputs[1]);
  return n.makeConstant(oxk->dims, scaled(*oxk, alpha), n.node().inputs[1]);
}

/// Whether C of Gemm holds one number for each output, or one for all.
static bool isBias(const reader::Tensor &c, int64_t outputs) {
  return c.numElements() == 1 ||
         (c.numElements() == outputs && c.dims.back() == outputs);
}

/// The bias of a dense layer, or C as a tensor to add afterwards.
static LogicalResult gemmBias(NodeImporter &n, int64_t outputs, Value &bias,
                              Value &addend) {
  const reader::Tensor *c = n.has(2) ? n.floatConstant(2, "C") : nullptr;
  if (!c)
    return success(!n.has(2));
  float beta = n.attributes().getFloat("beta", 1.0f);
  if (beta == 1.0f && c->dims == std::vector<int64_t>{outputs}) {
    bias = n.tensor(2);
  } else if (isBias(*c, outputs)) {
    std::vector<float> values = scaled(*c, beta);
    if (values.size() == 1)
      values.assign(outputs, values[0]);
    bias = n.makeConstant(outputs, values, n.node().inputs[2]);
  } else if (c->byteSize != 0) {
    addend = n.makeConstant(c->dims, scaled(*c, beta), n.node().inputs[2]);
  }
  return success(bias || addend || failed(n.fail("its C has no elements")));
}

static LogicalResult importGemm(NodeImporter &n) {
  Value x = n.tensor(0);
  const reader::Tensor *b = n.floatConstant(1, "weight (B)");
  if (!x || !b)
    return failure();
  if (shapeOf(x).size() != 2 || b->dims.size() != 2)
    return n.fail("its operands are not matrices");
  if (n.attributes().getInt("transA", 0) != 0) {
    SmallVector<int64_t> swap{1, 0};
    x = n.emit<TransposeOp>(x, n.attr("permutation", swap));
  }
  bool transposed = n.attributes().getInt("transB", 0) != 0;
  Value weight =
      denseWeight(n, *b, transposed, n.attributes().getFloat("alpha", 1.0f));
  if (!x || !weight)
    return failure();
  Value bias, addend;
  if (failed(gemmBias(n, shapeOf(weight)[0], bias, addend)))
    return failure();
  SmallVector<Value> operands{x, weight};
  if (bias)
    operands.push_back(bias);
  Value result = n.emit<DenseOp>(operands);
  if (result && addend)
    result = n.emit<AddOp>({result, addend});
  return n.finish(result);
}

// A product with a constant matrix on the right; the dimensions of the left
// operand before its last are rows.
static LogicalResult importMatMul(NodeImporter &n) {
  Value x = n.tensor(0);
  const reader::Tensor *b = n.floatConstant(1, "right operand");
  if (!x || !b)
    return failure();
  if (b->dims.size() != 2)
    return n.fail("its right operand is not a matrix, but of rank " +
                  Twine(b->dims.size()));
  std::vector<int64_t> dims = n.dims(0);
  if (dims.empty() || dims.back() != b->dims[0])
    return n.fail("its operands do not fit together");
  int64_t rows = 1;
  for (size_t d = 0; d + 1 < dims.size(); ++d)
    rows *= dims[d];
  Value matrix = n.reshape(x, {rows, dims.back()});
  Value weight = matrix ? denseWeight(n, *b, false, 1.0f) : Value();
  if (!weight)
    return failure();
  Value result = n.emit<DenseOp>({matrix, weight});
  dims.back() = b->dims[1];
  return result ? n.finish(n.reshape(result, dims)) : failure();
}

static LogicalResult importBatchNormalization(NodeImporter &n) {
  static const char *const roles[] = {"", "scale", "bias", "mean", "variance"};
  Value x = n.tensor(0);
  if (!x)
    return failure();
  if (n.attributes().getInt("training_mode", 0) != 0 || n.isUsed(1) ||
      (n.opset() < 7 && n.attributes().getInt("is_test", 0) == 0))
    return n.fail("it is in training mode; export the model for inference");
  if (n.opset() < 9 && n.attributes().getInt("spatial", 1) == 0)
    return n.fail("spatial=0 is not supported");
  SmallVector<Value> operands{x};
  for (size_t i = 1; i <= 4; ++i) {
    if (!n.floatConstant(i, roles[i]))
      return failure();
    operands.push_back(n.tensor(i));
    if (!operands.back())
      return failure();
  }
  float epsilon = n.attributes().getFloat("epsilon", 1e-5f);
  return n.finish(n.emit<BatchNormOp>(operands, n.attr("epsilon", epsilon)));
}

void mlir::lcp::addLayerHandlers(NodeHandlers &handlers) {
  handlers["Conv"] = importConv;
  handlers["Gemm"] = importGemm;
  handlers["MatMul"] = importMatMul;
  handlers["BatchNormalization"] = importBatchNormalization;
}
