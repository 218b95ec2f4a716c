//===- ResizeShards.cpp - Narrower and wider layers before a split --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ResizeShards.h"
#include "lcp/Split/Sharding/Apportion.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include "llvm/ADT/Sequence.h"
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

using namespace mlir;
using namespace mlir::lcp;

/// Old position of each new one along an axis; kNew where there was none.
using ChannelMap = SmallVector<int64_t>;
static constexpr int64_t kNew = -1;

static constexpr double kNewWeightDeviation = 4e-2; // as the method's training
static constexpr uint64_t kSeed = 20;

namespace {
/// Standard normal numbers, the same on every platform (Box and Muller, 1958;
/// the standard library's distribution is not portable).
class Normal {
public:
  double operator()() {
    double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * 3.14159265358979323846 * uniform());
  }

private:
  /// In (0, 1].
  double uniform() { return (double(engine() >> 11) + 1) / 9007199254740992.0; }
  std::mt19937_64 engine{kSeed};
};

/// The new channels of a layer whose class has the leader `leader`, now
/// `units` times `quantum` channels wide.
using NewChannels =
    std::function<ChannelMap(Value leader, int64_t units, int64_t quantum)>;

class Resizer {
public:
  /// `advice` ends a refusal.
  Resizer(func::FuncOp func, Operation *classifier, NewChannels newChannels,
          StringRef advice)
      : classes(func), classifier(classifier),
        newChannels(std::move(newChannels)), advice(advice) {}

  LogicalResult resize(func::FuncOp func);

private:
  LogicalResult resize(Operation *op);
  LogicalResult refuse(Operation *op, const Twine &why);
  ChannelMap layerMap(Value result);
  const ChannelMap *mapOf(Value value) const;
  LogicalResult resizeLayer(Operation *op);
  LogicalResult resizeGrouped(Conv2DOp op);
  LogicalResult resizeOther(Operation *op);
  FailureOr<ChannelMap> follow(Operation *op);
  void setMap(Value value, ChannelMap map);
  void replaceConstant(Operation *op, unsigned index, int64_t axis,
                       const ChannelMap &map, float fill);
  void replaceWeight(Operation *op, const ChannelMap *rows,
                     const ChannelMap *columns);

  ChannelClasses classes;
  Operation *classifier;
  NewChannels newChannels;
  StringRef advice;
  DenseMap<Value, ChannelMap> maps;
  DenseMap<Value, int64_t> oldWidths;
  Normal normal;
};
} // namespace

LogicalResult Resizer::refuse(Operation *op, const Twine &why) {
  return op->emitError() << describe(op)
                         << " cannot be given another width: " << why << advice;
}

const ChannelMap *Resizer::mapOf(Value value) const {
  auto it = maps.find(value);
  return it == maps.end() ? nullptr : &it->second;
}

void Resizer::setMap(Value value, ChannelMap map) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  oldWidths[value] = shape[1];
  shape[1] = map.size();
  value.setType(type.clone(shape));
  maps[value] = std::move(map);
}

ChannelMap Resizer::layerMap(Value result) {
  int64_t quantum = classes.getQuantum(result);
  if (channelCount(result) % quantum)
    quantum = 1;
  return newChannels(classes.leader(result), channelCount(result) / quantum,
                     quantum);
}

/// A copy of `constant` with other positions on one or two leading axes.
static ConstantOp resizeConstant(ConstantOp constant, const ChannelMap *rows,
                                 const ChannelMap *columns,
                                 llvm::function_ref<float(bool, bool)> fill) {
  RankedTensorType type = constant.getType();
  SmallVector<int64_t> shape(type.getShape());
  int64_t oldColumns = type.getRank() > 1 ? shape[1] : 1;
  int64_t inner = type.getNumElements() / (shape[0] * oldColumns);
  if (rows)
    shape[0] = rows->size();
  if (columns)
    shape[1] = columns->size();
  int64_t newColumns = type.getRank() > 1 ? shape[1] : 1;
  OpBuilder builder(constant);
  auto hasNew = [](const ChannelMap *map) {
    return map && llvm::is_contained(*map, kNew);
  };
  // So that a trial on a network without weights takes no memory.
  if (constant.isSplat() && !hasNew(rows) && !hasNew(columns)) {
    float value =
        *reinterpret_cast<const float *>(constant.getRawData().data());
    auto splat = DenseElementsAttr::get(type.clone(shape), value);
    return builder.create<ConstantOp>(constant.getLoc(), splat);
  }
  SmallVector<float> storage;
  ArrayRef<float> values = constant.getValues<float>(storage);
  std::vector<float> resized;
  resized.reserve(shape[0] * newColumns * inner);
  for (int64_t row = 0; row < shape[0]; ++row)
    for (int64_t column = 0; column < newColumns; ++column) {
      int64_t from = rows ? (*rows)[row] : row;
      int64_t at = columns ? (*columns)[column] : column;
      for (int64_t i = 0; i < inner; ++i)
        resized.push_back(from == kNew || at == kNew
                              ? fill(from == kNew, at == kNew)
                              : values[(from * oldColumns + at) * inner + i]);
    }
  return createConstant<float>(builder, constant.getLoc(), type.clone(shape),
                               constant.getKey(), resized);
}

void Resizer::replaceConstant(Operation *op, unsigned index, int64_t axis,
                              const ChannelMap &map, float fill) {
  auto constant = op->getOperand(index).getDefiningOp<ConstantOp>();
  op->setOperand(index, resizeConstant(constant, axis == 0 ? &map : nullptr,
                                       axis == 1 ? &map : nullptr,
                                       [&](bool, bool) { return fill; }));
}

/// A new output channel hears its inputs by small random weights; nobody hears
/// a new input channel, so the function stays.
void Resizer::replaceWeight(Operation *op, const ChannelMap *rows,
                            const ChannelMap *columns) {
  auto weight = op->getOperand(1).getDefiningOp<ConstantOp>();
  op->setOperand(
      1, resizeConstant(weight, rows, columns, [&](bool, bool newInput) {
        return newInput ? 0.0f : float(kNewWeightDeviation * normal());
      }));
}

LogicalResult Resizer::resizeLayer(Operation *op) {
  const ChannelMap *columns = mapOf(op->getOperand(0));
  Value result = op->getResult(0);
  if (!classes.getDerived(result).empty() && op != classifier)
    return refuse(op, "it has to match channels of several layers");
  ChannelMap map = op == classifier ? ChannelMap() : layerMap(result);
  const ChannelMap *rows = op == classifier ? nullptr : &map;
  replaceWeight(op, rows, columns);
  if (!rows)
    return success();
  if (op->getNumOperands() > 2)
    replaceConstant(op, 2, 0, map, 0.0f);
  setMap(result, std::move(map));
  return success();
}

LogicalResult Resizer::resizeGrouped(Conv2DOp op) {
  const ChannelMap *columns = mapOf(op.getInput());
  if (!columns)
    return success();
  int64_t inputs = op.getChannelQuantum(), groups = op.getGroups();
  int64_t outputs = channelCount(op.getResult()) / groups;
  ChannelMap rows;
  for (size_t i = 0; i < columns->size(); i += inputs) {
    int64_t first = (*columns)[i];
    if ((first != kNew && first % inputs) || i + inputs > columns->size())
      return refuse(op, "its groups would be divided");
    for (int64_t output = 0; output < outputs; ++output)
      rows.push_back(first == kNew ? kNew : first / inputs * outputs + output);
  }
  op.setGroups(columns->size() / inputs);
  replaceWeight(op, &rows, nullptr);
  if (op.getBias())
    replaceConstant(op, 2, 0, rows, 0.0f);
  setMap(op.getResult(), std::move(rows));
  return success();
}

/// The map of a reshape that keeps channels apart: each becomes a run.
static FailureOr<ChannelMap> followRuns(Operation *op, const ChannelMap &map,
                                        int64_t oldWidth) {
  auto from = cast<RankedTensorType>(op->getOperand(0).getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  if (to.getRank() < 2 || from.getDimSize(0) != to.getDimSize(0) ||
      to.getDimSize(1) % oldWidth)
    return failure();
  int64_t run = to.getDimSize(1) / oldWidth;
  ChannelMap result;
  for (int64_t channel : map)
    for (int64_t i = 0; i < run; ++i)
      result.push_back(channel == kNew ? kNew : channel * run + i);
  return result;
}

/// The map of an op without weights, some of whose operands have been resized.
FailureOr<ChannelMap> Resizer::follow(Operation *op) {
  if (isa<FlattenOp, ReshapeOp>(op))
    return followRuns(op, *mapOf(op->getOperand(0)),
                      oldWidths.lookup(op->getOperand(0)));
  auto pad = dyn_cast<PadOp>(op);
  auto concat = dyn_cast<ConcatOp>(op);
  ChannelRole role = cast<ChannelOpInterface>(op).getChannelRole();
  if ((role == ChannelRole::Structural && !concat) ||
      isa<ChannelShuffleOp>(op) ||
      (pad && (pad.getLow()[1] || pad.getHigh()[1])))
    return failure();
  ChannelMap result;
  int64_t offset = 0;
  for (Value operand : op->getOperands()) {
    if (isConstant(operand) && !concat)
      continue;
    const ChannelMap *map = mapOf(operand);
    if (!map || (concat && concat.getAxis() != 1))
      return failure();
    if (concat) {
      for (int64_t channel : *map)
        result.push_back(channel == kNew ? kNew : channel + offset);
      offset += oldWidths.lookup(operand);
    } else if (!result.empty() && *map != result) {
      return failure();
    } else {
      result = *map;
    }
  }
  return result;
}

LogicalResult Resizer::resizeOther(Operation *op) {
  if (llvm::none_of(op->getOperands(), [&](Value v) { return mapOf(v); }))
    return success();
  FailureOr<ChannelMap> map =
      isa<ChannelOpInterface>(op) ? follow(op) : FailureOr<ChannelMap>();
  if (failed(map))
    return refuse(op, "its channels cannot be followed");
  Value result = op->getResult(0);
  int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    auto constant = operand.getDefiningOp<ConstantOp>();
    if (!constant)
      continue;
    // New channels pass unchanged: scale and variance 1, the rest 0.
    bool norm = isa<BatchNormOp>(op);
    float fill = isa<MulOp>(op) || (norm && (index == 1 || index == 4));
    int64_t axis = norm ? 0 : 1 - (rank - constant.getType().getRank());
    if (axis >= 0 && constant.getType().getDimSize(axis) != 1)
      replaceConstant(op, index, axis, *map, fill);
  }
  setMap(result, std::move(*map));
  return success();
}

LogicalResult Resizer::resize(Operation *op) {
  if (isa<ConstantOp, func::ReturnOp>(op))
    return success();
  if (isLayer(op) && !llvm::all_of(op->getOperands().drop_front(), isConstant))
    return refuse(op, "its weights are not constants");
  for (Value operand : op->getOperands())
    if (auto constant = operand.getDefiningOp<ConstantOp>();
        constant && !constant.getType().getElementType().isF32())
      return refuse(op, "its constants are not f32");
  if (!isLayer(op))
    return resizeOther(op);
  auto conv = dyn_cast<Conv2DOp>(op);
  bool grouped = conv && conv.getGroups() != 1;
  return grouped ? resizeGrouped(conv) : resizeLayer(op);
}

LogicalResult Resizer::resize(func::FuncOp func) {
  Block &block = func.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(block.getOperations()))
    if (failed(resize(&op)))
      return failure();
  for (auto [value, type] :
       llvm::zip(block.getTerminator()->getOperands(), func.getResultTypes()))
    if (value.getType() != type)
      return refuse(value.getDefiningOp(), "it makes a result of the network");
  eraseDeadConstants(func);
  return success();
}

/// For each branch its old channels, then new ones. `known`: the channels that
/// each branch already has.
static ChannelMap splitChannels(const SplitRequest &request,
                                const Partition *known, int64_t units,
                                int64_t quantum) {
  int64_t branches = request.factor;
  auto grow = [&](int64_t count) {
    return (count * (100 + request.fattenPercent) + 50) / 100;
  };
  SmallVector<int64_t> before, after;
  if (request.roundFloor) {
    int64_t floor = std::max<int64_t>(1, units / branches);
    for (int64_t branch = 0; branch < branches; ++branch)
      before.push_back(std::clamp<int64_t>(units - branch * floor, 0, floor));
    after.assign(branches, grow(floor));
  } else {
    before = apportion(units, request.branchShares());
    after = apportion(grow(units), request.branchShares());
  }
  int64_t next = 0;
  ChannelMap map;
  for (auto [branch, old, all] : llvm::enumerate(before, after)) {
    ChannelList olds(next * quantum, (next + old) * quantum);
    if (known)
      olds = known->parts[branch];
    for (ChannelRange range : olds.ranges())
      for (int64_t channel = range.begin; channel < range.end; ++channel)
        map.push_back(channel);
    map.append(all * quantum - olds.size(), kNew);
    next += old;
  }
  return map;
}

LogicalResult mlir::lcp::resizeLayers(func::FuncOp func,
                                      const SplitRequest &request,
                                      Operation *classifier,
                                      const ClassDivisions &divisions) {
  if (!resizes(request))
    return success();
  auto newChannels = [&](Value leader, int64_t units, int64_t quantum) {
    auto known = divisions.find(leader);
    return splitChannels(request,
                         known == divisions.end() ? nullptr : &known->second,
                         units, quantum);
  };
  return Resizer(func, classifier, newChannels,
                 "; use round=spread and fatten=0")
      .resize(func);
}

LogicalResult mlir::lcp::narrowLayers(func::FuncOp func, double share,
                                      Operation *classifier) {
  auto firstOnes = [share](Value, int64_t units, int64_t quantum) {
    int64_t kept = std::max<int64_t>(1, std::lround(units * share));
    return llvm::to_vector(llvm::seq<int64_t>(0, kept * quantum));
  };
  return Resizer(func, classifier, firstOnes, "").resize(func);
}
