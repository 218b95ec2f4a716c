//===- ResizeShards.cpp - Narrower and wider layers before a split --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ResizeShards.h"
#include "ResizeConstant.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include "lcp/Split/Sharding/ChannelUnits.h"
#include <cmath>
#include <map>
#include <random>

using namespace mlir;
using namespace mlir::lcp;

static constexpr int64_t kNew = LayerShardsAttr::kNew;
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

/// The unit of channels that are dropped, in a value as it was.
constexpr int kDropped = 0;

/// A value whose channels layers chose, as it was and as it will be. Units are
/// runs of channels that stay neighbours, or are new; ChannelUnit::index counts
/// Resizer::widths.
struct Resized {
  ChannelOrigin before, after;
  ChannelMap map;
  /// Whether it will be another; if not, all of it is known from the start.
  bool changes = false;
};

/// Follows the channels that layers gain and lose through a network, first as
/// it is, then, op by op, as it becomes. What an op makes of them it says
/// itself (ChannelOpInterface).
class Resizer {
public:
  /// `advice` ends a refusal.
  Resizer(func::FuncOp func, Operation *classifier, NewChannels newChannels,
          StringRef advice)
      : classes(func), classifier(classifier),
        newChannels(std::move(newChannels)), advice(advice) {}

  LogicalResult resize(func::FuncOp func);

private:
  using Slice = std::optional<ChannelSlice>;

  LogicalResult refuse(Operation *op, const Twine &why);
  LogicalResult refuseLost(Operation *op);
  const Resized *find(Value value) const;
  const Resized *findChanged(Value value) const;
  Slice wholeBefore(Value value) const;

  LogicalResult analyse(Operation *op);
  LogicalResult analyseLayer(Operation *op);
  LogicalResult analyseOther(Operation *op);
  const Resized &widthOf(Value result);

  LogicalResult rewrite(Operation *op);
  LogicalResult rewriteResult(Operation *op);
  LogicalResult resizeResult(Value result);
  void resizeConstants(Operation *op);
  void resizeOperand(Operation *op, unsigned index, const Slice &input,
                     const Slice &result);

  ChannelClasses classes;
  Operation *classifier;
  NewChannels newChannels;
  StringRef advice;
  /// Of each class of layers, in the order of ChannelUnit::index.
  SmallVector<Resized, 0> widths;
  /// Into `widths`, by leader.
  DenseMap<Value, unsigned> widthIndices;
  DenseMap<Value, Resized> values;
  Normal normal;
};
} // namespace

LogicalResult Resizer::refuse(Operation *op, const Twine &why) {
  return op->emitError() << describe(op)
                         << " cannot be given another width: " << why << advice;
}

LogicalResult Resizer::refuseLost(Operation *op) {
  return refuse(op, "its channels cannot be followed");
}

const Resized *Resizer::find(Value value) const {
  auto it = values.find(value);
  return it == values.end() ? nullptr : &it->second;
}

const Resized *Resizer::findChanged(Value value) const {
  const Resized *known = find(value);
  return known && known->changes ? known : nullptr;
}

/// All channels that a value had; none if it stays as it is.
std::optional<ChannelSlice> Resizer::wholeBefore(Value value) const {
  const Resized *known = findChanged(value);
  if (!known)
    return std::nullopt;
  int64_t width = known->before.units.size();
  return ChannelSlice{known->before.axis, ChannelList(0, width)};
}

//===----------------------------------------------------------------------===//
// The network as it is
//===----------------------------------------------------------------------===//

/// The runs of `map` for an axis that had `oldWidth` positions.
static Resized divideIntoRuns(ChannelMap map, int64_t oldWidth, int index) {
  Resized width;
  width.before.units.assign(oldWidth, {index, kDropped});
  width.changes = int64_t(map.size()) != oldWidth;
  ChannelUnit run{index, kDropped};
  int64_t last = -2; // neither new nor before any
  for (auto [position, old] : llvm::enumerate(map)) {
    bool isNew = old == kNew;
    bool goesOn = isNew ? last == kNew : last != kNew && old == last + 1;
    run.unit += !goesOn;
    width.after.units.push_back(run);
    if (!isNew)
      width.before.units[old] = run;
    width.changes |= old != int64_t(position);
    last = old;
  }
  width.map = std::move(map);
  return width;
}

/// What becomes of a layer's channels: the same for all layers of a class.
const Resized &Resizer::widthOf(Value result) {
  Value leader = classes.leader(result);
  auto [it, fresh] = widthIndices.try_emplace(leader, widths.size());
  if (!fresh)
    return widths[it->second];
  int64_t oldWidth = channelCount(result);
  int64_t quantum = classes.getQuantum(result);
  if (oldWidth % quantum)
    quantum = 1;
  ChannelMap map = newChannels(leader, oldWidth / quantum, quantum);
  widths.push_back(divideIntoRuns(std::move(map), oldWidth, widths.size()));
  return widths.back();
}

LogicalResult Resizer::analyseLayer(Operation *op) {
  const Resized *input = findChanged(op->getOperand(0));
  if (input && input->before.axis != 1)
    return refuse(op, "its channels are not on dimension 1");
  if (op == classifier)
    return success();
  Value result = op->getResult(0);
  if (!classes.getDerived(result).empty())
    return refuse(op, "it has to match channels of several layers");
  values[result] = widthOf(result);
  return success();
}

/// Whether each channel of a mixer without weights can do without the others:
/// if not, new channels would be put between the old ones.
static bool keepsPlaces(ChannelOpInterface op, int64_t axis) {
  if (op.getChannelRole() != ChannelRole::WeightlessMixer)
    return true;
  SmallVector<std::optional<ChannelSlice>> one(op->getNumOperands());
  one[0] = ChannelSlice{axis, ChannelList(0, 1)};
  return llvm::expectedToOptional(followParts(op, one)).has_value();
}

LogicalResult Resizer::analyseOther(Operation *op) {
  bool changes = llvm::any_of(op->getOperands(),
                              [&](Value value) { return findChanged(value); });
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels)
    return changes ? refuseLost(op) : success();
  SmallVector<const ChannelOrigin *> operands;
  for (Value operand : op->getOperands()) {
    const Resized *known = find(operand);
    operands.push_back(known ? &known->before : nullptr);
  }
  bool refused = false;
  std::optional<ChannelOrigin> before =
      followUnits(op, operands, [&](ChannelUnit) { refused = true; });
  if (!before || refused || !llvm::all_of(before->units, [](ChannelUnit unit) {
        return unit.known();
      }))
    return changes ? refuseLost(op) : success();
  ChannelSlice whole{before->axis, ChannelList(0, before->units.size())};
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    // What stays as it is must not have a place for each channel.
    if (changes && !isConstant(operand) && !find(operand) &&
        !channels.getOperandSlices(index, std::nullopt, whole).empty())
      return refuseLost(op);
  }
  if (changes && !keepsPlaces(channels, before->axis))
    return refuseLost(op);
  Resized &result = values[op->getResult(0)];
  result.before = std::move(*before);
  result.changes = changes;
  if (!changes)
    result.after = result.before;
  return success();
}

LogicalResult Resizer::analyse(Operation *op) {
  if (isa<ConstantOp, func::ReturnOp>(op))
    return success();
  if (isLayer(op) && !llvm::all_of(op->getOperands().drop_front(), isConstant))
    return refuse(op, "its weights are not constants");
  for (Value operand : op->getOperands())
    if (auto constant = operand.getDefiningOp<ConstantOp>();
        constant && !constant.getType().getElementType().isF32())
      return refuse(op, "its constants are not f32");
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (channels && channels.getChannelRole() == ChannelRole::WeightedMixer)
    return analyseLayer(op);
  return analyseOther(op);
}

//===----------------------------------------------------------------------===//
// The network as it becomes
//===----------------------------------------------------------------------===//

/// Where each position of `after` was in `before`. Fails if some of a unit has
/// come or gone.
static FailureOr<ChannelMap> matchUnits(const ChannelOrigin &before,
                                        const ChannelOrigin &after) {
  std::map<ChannelUnit, std::vector<int64_t>> places;
  for (auto [position, unit] : llvm::enumerate(before.units))
    if (unit.unit != kDropped)
      places[unit].push_back(position);
  std::map<ChannelUnit, size_t> found;
  ChannelMap map;
  for (ChannelUnit unit : after.units) {
    auto old = places.find(unit);
    if (!unit.known())
      return failure();
    if (old == places.end()) {
      map.push_back(kNew);
      continue;
    }
    size_t &next = found[unit];
    if (next == old->second.size())
      return failure();
    map.push_back(old->second[next++]);
  }
  for (const auto &[unit, old] : places)
    if (found[unit] != old.size())
      return failure();
  return map;
}

/// Gives the result, whose channels are those of layers, each as often as
/// before, as many of them as there will be.
LogicalResult Resizer::resizeResult(Value result) {
  const ChannelOrigin &before = values[result].before;
  SmallVector<int64_t> counts(widths.size());
  for (ChannelUnit unit : before.units)
    ++counts[unit.index];
  int64_t size = 0;
  for (auto [count, width] : llvm::zip(counts, widths)) {
    int64_t were = width.before.units.size(), are = width.after.units.size();
    if (count * are % were)
      return failure();
    size += count * are / were;
  }
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[before.axis] = size;
  result.setType(type.clone(shape));
  return success();
}

/// Gives an op that is no weighted mixer, and whose operands have their new
/// types, the result that they make.
LogicalResult Resizer::rewriteResult(Operation *op) {
  if (failed(resizeResult(op->getResult(0))))
    return refuseLost(op);
  SmallVector<const ChannelOrigin *> operands;
  for (Value operand : op->getOperands()) {
    const Resized *known = find(operand);
    operands.push_back(known ? &known->after : nullptr);
  }
  bool refused = false;
  std::optional<ChannelOrigin> after =
      followUnits(op, operands, [&](ChannelUnit) { refused = true; });
  Resized &result = values[op->getResult(0)];
  if (!after || refused || after->axis != result.before.axis)
    return refuseLost(op);
  FailureOr<ChannelMap> map = matchUnits(result.before, *after);
  if (failed(map))
    return refuseLost(op);
  result.after = std::move(*after);
  result.map = std::move(*map);
  return success();
}

/// A new output channel hears its inputs by small random weights; nobody hears
/// a new input channel, so the function stays.
void Resizer::resizeOperand(Operation *op, unsigned index, const Slice &input,
                            const Slice &result) {
  auto channels = cast<ChannelOpInterface>(op);
  auto constant = op->getOperand(index).getDefiningOp<ConstantOp>();
  const ChannelMap *inputMap = input ? &find(op->getOperand(0))->map : nullptr;
  SmallVector<const ChannelMap *> maps(constant.getType().getRank());
  for (const ChannelSlice &slice :
       channels.getOperandSlices(index, input, result))
    maps[slice.axis] = inputMap;
  for (const ChannelSlice &slice :
       channels.getOperandSlices(index, std::nullopt, result))
    maps[slice.axis] = &find(op->getResult(0))->map;
  if (llvm::none_of(maps, [](const ChannelMap *map) { return map; }))
    return;
  bool isWeight = isLayer(op) && index == 1;
  auto fill = [&](int64_t axis) -> float {
    if (!isWeight)
      return channels.getNewChannelValue(index);
    return maps[axis] == inputMap ? 0 : kNewWeightDeviation * normal();
  };
  op->setOperand(index, resizeConstant(constant, maps, fill));
}

void Resizer::resizeConstants(Operation *op) {
  Slice input = wholeBefore(op->getOperand(0));
  Slice result = wholeBefore(op->getResult(0));
  for (unsigned index = 0; index < op->getNumOperands(); ++index)
    if (isConstant(op->getOperand(index)))
      resizeOperand(op, index, input, result);
}

LogicalResult Resizer::rewrite(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels)
    return success();
  Value result = op->getResult(0);
  if (channels.getChannelRole() != ChannelRole::WeightedMixer) {
    if (!findChanged(result))
      return success();
    if (failed(rewriteResult(op)))
      return failure();
  } else if (findChanged(result) && failed(resizeResult(result))) {
    return refuseLost(op);
  }
  resizeConstants(op);
  channels.narrowAttributes(std::nullopt, std::nullopt);
  return success();
}

LogicalResult Resizer::resize(func::FuncOp func) {
  Block &block = func.getBody().front();
  for (Operation &op : block)
    if (failed(analyse(&op)))
      return failure();
  for (Operation &op : llvm::make_early_inc_range(block.getOperations()))
    if (failed(rewrite(&op)))
      return failure();
  for (auto [value, type] :
       llvm::zip(block.getTerminator()->getOperands(), func.getResultTypes()))
    if (value.getType() != type)
      return refuse(value.getDefiningOp(), "it makes a result of the network");
  eraseDeadConstants(func);
  return success();
}

LogicalResult mlir::lcp::resizeLayers(func::FuncOp func, Operation *classifier,
                                      NewChannels newChannels,
                                      StringRef advice) {
  return Resizer(func, classifier, std::move(newChannels), advice).resize(func);
}
