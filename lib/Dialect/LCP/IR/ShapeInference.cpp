//===- ShapeInference.cpp - Result types, and the constraints they rest on ===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpFamilies.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Traits.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::lcp;

using Loc = std::optional<Location>;
using Types = SmallVectorImpl<Type>;

// A longer side than this would overflow shape arithmetic before any buffer.
static constexpr int64_t kMaxExtent = int64_t(1) << 31;

static bool inRange(ArrayRef<int64_t> values, size_t count, int64_t least) {
  return values.size() == count && llvm::all_of(values, [&](int64_t value) {
           return value >= least && value < kMaxExtent;
         });
}

static RankedTensorType rankedType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

// Integer layers accumulate in 32 bits (docs/numerics.md).
static Type accumulatorType(Type element) {
  return element.isInteger(8) ? IntegerType::get(element.getContext(), 32)
                              : element;
}

static LogicalResult verifyBias(Loc loc, Value bias, int64_t channels,
                                Type element, StringRef op,
                                StringRef constraint) {
  if (!bias)
    return success();
  RankedTensorType type = rankedType(bias);
  if (type.getRank() == 1 && type.getDimSize(0) == channels &&
      type.getElementType() == accumulatorType(element))
    return success();
  return emitOptionalError(loc, "'", op, "' bias must be ", channels,
                           " elements of ", accumulatorType(element), ", not ",
                           type, " ", constraint);
}

static LogicalResult verifyAxis(Loc loc, int64_t axis, RankedTensorType type,
                                StringRef op) {
  if (axis >= 0 && axis < type.getRank())
    return success();
  return emitOptionalError(loc, "'", op, "' axis ", axis,
                           " is not a dimension of ", type, " (C1)");
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

static LogicalResult verifyWindow(Loc loc, StringRef op, const Window &window) {
  if (inRange(window.kernel, 2, 1) && inRange(window.strides, 2, 1) &&
      inRange(window.dilations, 2, 1) && inRange(window.pads, 4, 0))
    return success();
  return emitOptionalError(loc, "'", op,
                           "' needs two positive kernel sizes, strides and "
                           "dilations and four non-negative pads (C2)");
}

static LogicalResult inferWindow(Loc loc, StringRef op, const Window &window,
                                 RankedTensorType input, int64_t channels,
                                 Types &result, StringRef fitConstraint) {
  int64_t height = window.outputSize(input.getDimSize(2), 0);
  int64_t width = window.outputSize(input.getDimSize(3), 1);
  if (height < 1 || width < 1)
    return emitOptionalError(loc, "'", op,
                             "' window is larger than the padded "
                             "image of ",
                             input, " ", fitConstraint);
  result.push_back(
      RankedTensorType::get({input.getDimSize(0), channels, height, width},
                            accumulatorType(input.getElementType())));
  return success();
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  RankedTensorType weight = rankedType(op.getWeight());
  if (input.getRank() != 4 || weight.getRank() != 4 ||
      input.getElementType() != weight.getElementType())
    return emitOptionalError(loc,
                             "'lcp.conv2d' needs input and weight of rank "
                             "4 and one element type, not ",
                             input, " and ", weight, " (C1)");
  int64_t channels = weight.getDimSize(0), groups = op.getGroups();
  if (failed(verifyBias(loc, op.getBias(), channels, input.getElementType(),
                        "lcp.conv2d", "(C1)")))
    return failure();
  Window window{weight.getShape().drop_front(2), op.getStrides(), op.getPads(),
                op.getDilations()};
  if (failed(verifyWindow(loc, "lcp.conv2d", window)))
    return failure();
  if (groups < 1 || channels % groups ||
      input.getDimSize(1) != groups * weight.getDimSize(1))
    return emitOptionalError(loc, "'lcp.conv2d' of ", input, " by ", weight,
                             " cannot have ", groups, " groups (C3)");
  return inferWindow(loc, "lcp.conv2d", window, input, channels, result,
                     "(C4)");
}

LogicalResult lcp::inferPool(Loc loc, StringRef name, Value image,
                             const Window &window, bool accumulates,
                             Types &result) {
  RankedTensorType input = rankedType(image);
  if (input.getRank() != 4)
    return emitOptionalError(loc, "'", name, "' needs an input of rank 4, not ",
                             input, " (C1)");
  if (failed(verifyWindow(loc, name, window)) ||
      failed(inferWindow(loc, name, window, input, input.getDimSize(1), result,
                         "(C3)")))
    return failure();
  auto type = cast<RankedTensorType>(result.back());
  for (unsigned i : {0u, 1u}) {
    int64_t last = (type.getDimSize(i + 2) - 1) * window.strides[i];
    if (window.extent(i) <= window.pads[i] ||
        last >= input.getDimSize(i + 2) + window.pads[i])
      return emitOptionalError(loc, "'", name,
                               "' has a window that lies wholly "
                               "in the padding of ",
                               input, " (C4)");
  }
  if (!accumulates)
    result.back() = type.clone(input.getElementType());
  return success();
}

LogicalResult GlobalAvgPoolOp::inferReturnTypes(MLIRContext *, Loc loc,
                                                Adaptor op, Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  if (input.getRank() != 4)
    return emitOptionalError(loc,
                             "'lcp.global_avg_pool' needs an input of rank "
                             "4, not ",
                             input, " (C1)");
  result.push_back(
      RankedTensorType::get({input.getDimSize(0), input.getDimSize(1), 1, 1},
                            accumulatorType(input.getElementType())));
  return success();
}

//===----------------------------------------------------------------------===//
// Dense, normalisation, elementwise
//===----------------------------------------------------------------------===//

LogicalResult DenseOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                        Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  RankedTensorType weight = rankedType(op.getWeight());
  if (input.getRank() != 2 || weight.getRank() != 2 ||
      input.getDimSize(1) != weight.getDimSize(1) ||
      input.getElementType() != weight.getElementType())
    return emitOptionalError(loc, "'lcp.dense' cannot multiply ", input, " by ",
                             weight, " (C1)");
  if (failed(verifyBias(loc, op.getBias(), weight.getDimSize(0),
                        input.getElementType(), "lcp.dense", "(C2)")))
    return failure();
  result.push_back(
      RankedTensorType::get({input.getDimSize(0), weight.getDimSize(0)},
                            accumulatorType(input.getElementType())));
  return success();
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                            Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  int64_t axis = op.getAxis();
  if (failed(verifyAxis(loc, axis, input, "lcp.batch_norm")))
    return failure();
  for (Value vector :
       {op.getScale(), op.getBias(), op.getMean(), op.getVariance()})
    if (rankedType(vector).getRank() != 1 ||
        rankedType(vector).getDimSize(0) != input.getDimSize(axis))
      return emitOptionalError(loc, "'lcp.batch_norm' needs vectors of ",
                               input.getDimSize(axis), " elements, not ",
                               vector.getType(), " (C2)");
  result.push_back(input);
  return success();
}

LogicalResult lcp::inferBroadcast(Loc loc, StringRef name, Value lhs, Value rhs,
                                  Types &result) {
  RankedTensorType a = rankedType(lhs), b = rankedType(rhs);
  SmallVector<int64_t> shape;
  if (a.getElementType() != b.getElementType() ||
      !OpTrait::util::getBroadcastedShape(a.getShape(), b.getShape(), shape))
    return emitOptionalError(loc, "'", name, "' cannot broadcast ", a, " with ",
                             b, " (C1)");
  result.push_back(a.clone(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

static LogicalResult inferConcat(Loc loc, StringRef name, ValueRange inputs,
                                 int64_t axis, StringRef constraint,
                                 Types &result) {
  if (inputs.empty())
    return emitOptionalError(loc, "'", name, "' needs an operand (C1)");
  RankedTensorType first = rankedType(inputs[0]);
  if (failed(verifyAxis(loc, axis, first, name)))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : inputs.drop_front()) {
    RankedTensorType type = rankedType(input);
    bool fits = type.getRank() == first.getRank() &&
                type.getElementType() == first.getElementType();
    for (int64_t i = 0; fits && i < first.getRank(); ++i)
      fits = i == axis || type.getDimSize(i) == first.getDimSize(i);
    if (!fits)
      return emitOptionalError(loc, "'", name, "' cannot join ", first, " and ",
                               type, " along axis ", axis, " ", constraint);
    shape[axis] += type.getDimSize(axis);
  }
  result.push_back(RankedTensorType::get(shape, first.getElementType()));
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                         Types &result) {
  return inferConcat(loc, "lcp.concat", op.getInputs(), op.getAxis(), "(C2)",
                     result);
}

static bool isPermutation(ArrayRef<int64_t> order, int64_t size) {
  llvm::BitVector seen(size);
  for (int64_t position : order) {
    if (position < 0 || position >= size || seen.test(position))
      return false;
    seen.set(position);
  }
  return static_cast<int64_t>(order.size()) == size;
}

LogicalResult MergeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                        Types &result) {
  if (op.getKind() == MergeKind::Concat) {
    if (failed(inferConcat(loc, "lcp.merge", op.getInputs(), op.getAxis(),
                           "(C2)", result)))
      return failure();
    int64_t size = cast<RankedTensorType>(result[0]).getDimSize(op.getAxis());
    if (op.getOrder() && !isPermutation(*op.getOrder(), size))
      return emitOptionalError(loc,
                               "'lcp.merge' order is not a permutation of ",
                               size, " positions (C4)");
    return success();
  }
  if (op.getInputs().empty())
    return emitOptionalError(loc, "'lcp.merge' needs an operand (C1)");
  for (Value input : op.getInputs())
    if (op.getOrder() || input.getType() != op.getInputs()[0].getType())
      return emitOptionalError(loc, "'lcp.merge' sums operands of one type "
                                    "and takes no order (C3)");
  result.push_back(op.getInputs()[0].getType());
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                        Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  int64_t axis = op.getAxis(), begin = op.getBegin(), end = op.getEnd();
  if (failed(verifyAxis(loc, axis, input, "lcp.slice")))
    return failure();
  if (begin < 0 || begin >= end || end > input.getDimSize(axis))
    return emitOptionalError(loc, "'lcp.slice' [", begin, ", ", end,
                             ") does not lie in axis ", axis, " of ", input,
                             " (C2)");
  SmallVector<int64_t> shape(input.getShape());
  shape[axis] = end - begin;
  result.push_back(input.clone(shape));
  return success();
}

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                          Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  int64_t axis = op.getAxis(), sizes[2] = {1, 1};
  if (axis < 0 || axis > input.getRank())
    return emitOptionalError(loc, "'lcp.flatten' axis ", axis, " is not in ",
                             input, " (C1)");
  for (auto [i, size] : llvm::enumerate(input.getShape()))
    sizes[static_cast<int64_t>(i) >= axis] *= size;
  result.push_back(input.clone(ArrayRef<int64_t>(sizes)));
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                            Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  if (!isPermutation(op.getPermutation(), input.getRank()))
    return emitOptionalError(loc,
                             "'lcp.transpose' needs a permutation of the "
                             "dimensions of ",
                             input, " (C1)");
  SmallVector<int64_t> shape;
  for (int64_t dim : op.getPermutation())
    shape.push_back(input.getDimSize(dim));
  result.push_back(input.clone(shape));
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, Loc loc, Adaptor op,
                                      Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  size_t rank = input.getRank();
  if (!inRange(op.getLow(), rank, 0) ||
      !inRange(op.getHigh(), rank, 0))
    return emitOptionalError(loc, "'lcp.pad' needs ", rank,
                             " non-negative counts before and after (C1)");
  SmallVector<int64_t> shape(input.getShape());
  for (size_t i = 0; i < rank; ++i)
    shape[i] += op.getLow()[i] + op.getHigh()[i];
  result.push_back(input.clone(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// Integer model
//===----------------------------------------------------------------------===//

template <typename Adaptor>
static LogicalResult inferScaled(Loc loc, StringRef name, Adaptor op,
                                 Type element, Types &result) {
  APFloat scale = op.getScale();
  if (!scale.isFinite() || scale.isNegative() || scale.isZero())
    return emitOptionalError(loc, "'", name,
                             "' scale must be positive and finite (C1)");
  result.push_back(rankedType(op.getInput()).clone(element));
  return success();
}

LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *context, Loc loc,
                                           Adaptor op, Types &result) {
  return inferScaled(loc, "lcp.quantize", op, IntegerType::get(context, 8),
                     result);
}

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *context, Loc loc,
                                             Adaptor op, Types &result) {
  return inferScaled(loc, "lcp.dequantize", op, Float32Type::get(context),
                     result);
}

LogicalResult RequantizeOp::inferReturnTypes(MLIRContext *context, Loc loc,
                                             Adaptor op, Types &result) {
  RankedTensorType input = rankedType(op.getInput());
  int64_t channels = input.getRank() > 1 ? input.getDimSize(1) : 1;
  for (Value vector : {op.getMultiplier(), op.getShift()}) {
    RankedTensorType type = rankedType(vector);
    if (type.getRank() != 1 ||
        (type.getDimSize(0) != 1 && type.getDimSize(0) != channels))
      return emitOptionalError(loc, "'lcp.requantize' needs 1 or ", channels,
                               " multipliers and shifts, not ", type, " (C1)");
  }
  int32_t min = op.getMin(), max = op.getMax();
  if (min < -127 || min > max || max > 127)
    return emitOptionalError(loc, "'lcp.requantize' range [", min, ", ", max,
                             "] does not lie in [-127, 127] (C2)");
  result.push_back(input.clone(IntegerType::get(context, 8)));
  return success();
}

LogicalResult ScaledSumOp::inferReturnTypes(MLIRContext *context, Loc loc,
                                            Adaptor op, Types &result) {
  ValueRange inputs = op.getInputs();
  ArrayRef<int32_t> weights = op.getWeights();
  if (inputs.empty() || weights.size() != inputs.size() ||
      !llvm::all_equal(inputs.getTypes()))
    return emitOptionalError(loc, "'lcp.scaled_sum' needs operands of one type "
                             "and a weight for each (C1)");
  int64_t magnitude = 0;
  for (int32_t weight : weights)
    magnitude += std::abs(static_cast<int64_t>(weight));
  if (magnitude >= int64_t(1) << 24)
    return emitOptionalError(loc, "'lcp.scaled_sum' weights sum to ", magnitude,
                             ", but must stay below 2^24 (C2)");
  result.push_back(
      rankedType(inputs[0]).clone(IntegerType::get(context, 32)));
  return success();
}
