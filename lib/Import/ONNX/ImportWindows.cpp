//===- ImportWindows.cpp - Pools, means and normalisation -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"

using namespace mlir;
using namespace mlir::lcp;

/// Keeps sums and products of window sizes far from overflow.
static constexpr int64_t kMaxWindow = int64_t(1) << 30;

//===----------------------------------------------------------------------===//
// ImportWindow
//===----------------------------------------------------------------------===//

FailureOr<ImportWindow> ImportWindow::read(NodeImporter &n,
                                           ArrayRef<int64_t> dims,
                                           ArrayRef<int64_t> kernel) {
  ImportWindow window;
  window.kernel.assign(kernel.begin(), kernel.end());
  if (dims.size() != 4)
    return n.fail("only images of two dimensions (rank 4) are supported, not "
                  "rank " +
                  Twine(dims.size()));
  if (failed(window.readLists(n)) ||
      failed(window.resolvePads(n, dims.take_back(2))))
    return failure();
  if (n.attributes().getInt("ceil_mode", 0) != 0)
    window.resolveCeiling(dims.take_back(2));
  return window;
}

LogicalResult ImportWindow::readLists(NodeImporter &n) {
  auto readList = [&](const char *name, size_t count, int64_t otherwise,
                      SmallVector<int64_t> &list) {
    auto values = n.attributes().getInts(name);
    if (values)
      list.assign(values->begin(), values->end());
    else
      list.assign(count, otherwise);
    if (list.size() == count && llvm::all_of(list, [&](int64_t v) {
          return v >= (otherwise ? 1 : 0) && v <= kMaxWindow;
        }))
      return success();
    return n.fail(Twine("attribute '") + name + "' needs " + Twine(count) +
                  (otherwise ? " positive" : " non-negative") + " values");
  };
  if (auto shape = n.attributes().getInts("kernel_shape")) {
    SmallVector<int64_t> declared(shape->begin(), shape->end());
    if (!kernel.empty() && declared != kernel)
      return n.fail("kernel_shape differs from its weight's shape");
  } else if (kernel.empty()) {
    return n.fail("attribute 'kernel_shape' is missing");
  }
  if (kernel.empty() && failed(readList("kernel_shape", 2, 1, kernel)))
    return failure();
  if (llvm::any_of(kernel, [](int64_t k) { return k < 1 || k > kMaxWindow; }))
    return n.fail("its kernel is empty");
  return success(succeeded(readList("strides", 2, 1, strides)) &&
                 succeeded(readList("dilations", 2, 1, dilations)) &&
                 succeeded(readList("pads", 4, 0, pads)));
}

/// SAME_* gives ceil(size / stride) results, the odd row of padding above
/// (LOWER) or below (UPPER).
LogicalResult ImportWindow::resolvePads(NodeImporter &n,
                                        ArrayRef<int64_t> image) {
  std::string mode = n.attributes().getString("auto_pad", "NOTSET");
  if (mode == "NOTSET")
    return success();
  pads.assign(4, 0);
  if (mode == "VALID")
    return success();
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER")
    return n.fail("auto_pad '" + Twine(reader::printable(mode)) +
                  "' is not known");
  for (unsigned i : {0u, 1u}) {
    int64_t results = (image[i] + strides[i] - 1) / strides[i];
    int64_t total =
        std::max<int64_t>(0, (results - 1) * strides[i] + extent(i) - image[i]);
    int64_t small = total / 2, large = total - small;
    pads[i] = mode == "SAME_UPPER" ? small : large;
    pads[i + 2] = mode == "SAME_UPPER" ? large : small;
  }
  return success();
}

/// One window more where the last would not fit, unless it would start in the
/// padding at the end.
void ImportWindow::resolveCeiling(ArrayRef<int64_t> image) {
  for (unsigned i : {0u, 1u}) {
    int64_t padded = image[i] + pads[i] + pads[i + 2];
    if (padded < extent(i))
      continue; // Refused by the op's own constraint.
    int64_t last = (padded - extent(i) + strides[i] - 1) / strides[i];
    if (last * strides[i] >= image[i] + pads[i])
      --last;
    extra[i] = std::max<int64_t>(0, last * strides[i] + extent(i) - padded);
  }
}

SmallVector<int64_t> ImportWindow::allPads() const {
  return {pads[0], pads[1], pads[2] + extra[0], pads[3] + extra[1]};
}

void ImportWindow::setAttributes(NodeImporter &n,
                                 NamedAttrList &attributes) const {
  OpBuilder &b = n.builder();
  attributes.set("kernel", b.getDenseI64ArrayAttr(kernel));
  attributes.set("strides", b.getDenseI64ArrayAttr(strides));
  attributes.set("pads", b.getDenseI64ArrayAttr(allPads()));
  attributes.set("dilations", b.getDenseI64ArrayAttr(dilations));
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

// With count_include_pad the divisor counts the padding that the model asks
// for, but not what ceil_mode adds: the two are kept apart by a pad op.
static LogicalResult importAveragePool(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  auto window = ImportWindow::read(n, shapeOf(x), {});
  if (failed(window))
    return failure();
  SmallVector<int64_t> pads = window->allPads();
  bool include = n.attributes().getInt("count_include_pad", 0) != 0;
  if (include && window->extra != SmallVector<int64_t>{0, 0}) {
    ArrayRef<int64_t> p = window->pads;
    SmallVector<int64_t> low{0, 0, p[0], p[1]}, high{0, 0, p[2], p[3]};
    x = n.emit<PadOp>(x, {n.attr("low", low), n.attr("high", high)});
    if (!x)
      return failure();
    pads = {0, 0, window->extra[0], window->extra[1]};
    include = false;
  }
  NamedAttrList attributes;
  window->setAttributes(n, attributes);
  attributes.set("pads", n.builder().getDenseI64ArrayAttr(pads));
  if (include)
    attributes.set("count_include_pad", n.builder().getUnitAttr());
  return n.finish(n.emit<AvgPool2DOp>(x, attributes));
}

static LogicalResult importReduceMean(NodeImporter &n) {
  Value x = n.tensor(0);
  auto axes = n.integers("axes", 1, 18);
  if (!x || failed(axes))
    return failure();
  std::vector<int64_t> dims = n.dims(0), sorted;
  for (int64_t axis : axes->value_or(std::vector<int64_t>()))
    sorted.push_back(reader::normalizeAxis(axis, dims.size()).value_or(-1));
  llvm::sort(sorted);
  if (dims.size() != 4 || sorted != std::vector<int64_t>{2, 3})
    return n.fail("only means over the image (axes 2 and 3 of rank 4) are "
                  "supported");
  Value mean = n.emit<GlobalAvgPoolOp>(x);
  if (mean && n.attributes().getInt("keepdims", 1) == 0)
    mean = n.reshape(mean, {dims[0], dims[1]});
  return n.finish(mean);
}

// Before opset 13 the input is taken as a matrix, flattened at the axis.
static LogicalResult importSoftmax(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  std::vector<int64_t> dims = n.dims(0);
  int64_t rank = dims.size();
  int64_t given = n.attributes().getInt("axis", n.opset() < 13 ? 1 : -1);
  auto axis = reader::normalizeAxis(given, rank);
  if (!axis)
    return n.fail("axis " + Twine(given) + " is not a dimension");
  if (n.opset() >= 13 || *axis == rank - 1)
    return n.finish(
        n.emitTyped<SoftmaxOp>(x.getType(), x, n.attr("axis", *axis)));
  int64_t outer = 1, inner = 1;
  for (int64_t d = 0; d < rank; ++d)
    (d < *axis ? outer : inner) *= dims[d];
  Value matrix = n.reshape(x, {outer, inner});
  if (!matrix)
    return failure();
  Value result = n.emitTyped<SoftmaxOp>(matrix.getType(), matrix,
                                        n.attr("axis", int64_t(1)));
  return result ? n.finish(n.reshape(result, dims)) : failure();
}

static LogicalResult importLRN(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  auto &attributes = n.attributes();
  return n.finish(
      n.emitTyped<LRNOp>(x.getType(), x,
                         {n.attr("size", attributes.getInt("size", 0)),
                          n.attr("alpha", attributes.getFloat("alpha", 1e-4f)),
                          n.attr("beta", attributes.getFloat("beta", 0.75f)),
                          n.attr("k", attributes.getFloat("bias", 1.0f))}));
}

void mlir::lcp::addWindowHandlers(NodeHandlers &handlers) {
  handlers["AveragePool"] = importAveragePool;
  handlers["ReduceMean"] = importReduceMean;
  handlers["Softmax"] = importSoftmax;
  handlers["LRN"] = importLRN;
}
