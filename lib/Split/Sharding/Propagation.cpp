//===- Propagation.cpp - Which channels belong to which branch ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/Propagation.h"
#include "lcp/Split/Sharding/Apportion.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include <numeric>

using namespace mlir;
using namespace mlir::lcp;

Partition mlir::lcp::spreadChannels(int64_t width, ArrayRef<int64_t> shares,
                                    int64_t quantum) {
  int64_t begin = 0;
  Partition partition;
  for (int64_t units : apportion(width / quantum, shares)) {
    partition.parts.emplace_back(begin, begin + units * quantum);
    begin += units * quantum;
  }
  return partition;
}

namespace {
class Planner {
public:
  Planner(func::FuncOp func, ArrayRef<int64_t> shares, Operation *classifier,
          const ClassDivisions &given, bool pairLayers)
      : func(func), shares(shares), pairLayers(pairLayers), classes(func),
        given(given) {
    plan.branches = shares.size();
    plan.classifier = classifier;
    for (Operation &op : func.getBody().front())
      if (isLayer(&op) || llvm::any_of(op.getOperands(), [&](Value value) {
            return afterLayer.contains(value);
          }))
        afterLayer.insert(op.result_begin(), op.result_end());
  }

  FailureOr<WidthPlan> run();

private:
  LogicalResult planOp(Operation *op);
  LogicalResult startStage(Operation *op);
  bool pair(Operation *op);
  bool meetsSum(Operation *op) const;
  void ride(Operation *op);
  void stayWhole(Operation *op, const Twine &why);
  using Lookup = llvm::function_ref<std::optional<Partition>(Value)>;
  FailureOr<Partition> follow(Operation *op, Lookup lookup, std::string &why);
  std::optional<Partition> partitionOf(Value value) const;
  std::optional<Partition> derive(Value value);
  Partition choose(Value value, int64_t quantum);

  func::FuncOp func;
  ArrayRef<int64_t> shares;
  bool pairLayers;
  ChannelClasses classes;
  const ClassDivisions &given;
  WidthPlan plan;
  /// Values that depend on some layer.
  DenseSet<Value> afterLayer;
  /// By class leader; nothing while it is being worked out.
  DenseMap<Value, std::optional<Partition>> chosen;
  /// The op at whose place a stage's lcp.parallel will stand.
  SmallVector<Operation *> firstOfStage;
};
} // namespace

std::optional<Partition> Planner::partitionOf(Value value) const {
  auto it = plan.partitions.find(value);
  return it == plan.partitions.end() ? std::nullopt
                                     : std::make_optional(it->second);
}

/// The division that an op's divided operands give its result.
FailureOr<Partition> Planner::follow(Operation *op, Lookup lookup,
                                     std::string &why) {
  SmallVector<std::optional<Partition>> operands;
  for (Value operand : op->getOperands())
    operands.push_back(lookup(operand));
  Partition result;
  for (unsigned branch = 0; branch < plan.branches; ++branch) {
    SmallVector<std::optional<ChannelSlice>> slices(operands.size());
    for (auto [slice, partition] : llvm::zip(slices, operands))
      if (partition)
        slice = partition->slice(branch);
    FailureOr<ChannelSlice> slice = followParts(op, slices, why);
    if (failed(slice))
      return failure();
    result.axis = slice->axis;
    result.parts.push_back(slice->list);
  }
  return result;
}

/// The division of a value that is made of others (a concat), which may come
/// later than the layer that has to agree with it.
std::optional<Partition> Planner::derive(Value value) {
  if (!value.getDefiningOp() || value.getDefiningOp() == plan.classifier)
    return std::nullopt;
  std::string why;
  FailureOr<Partition> result = follow(
      value.getDefiningOp(),
      [&](Value operand) -> std::optional<Partition> {
        if (!afterLayer.contains(operand))
          return std::nullopt; // every branch sees all of it
        std::optional<Partition> known = partitionOf(operand);
        return known ? *known : choose(operand, 1);
      },
      why);
  return succeeded(result) ? std::make_optional(*result) : std::nullopt;
}

/// The division of a layer's result: the one its class must have, or else
/// one by shares.
Partition Planner::choose(Value value, int64_t quantum) {
  Value leader = classes.leader(value);
  auto [it, fresh] = chosen.try_emplace(leader, std::nullopt);
  if (!fresh && it->second)
    return *it->second;
  int64_t width = channelCount(value);
  if (fresh)
    for (Value other : classes.getDerived(value))
      if (std::optional<Partition> forced = derive(other);
          forced && forced->axis == 1 && forced->size() == width &&
          !forced->hasEmptyPart())
        return *(chosen[leader] = std::move(forced));
  quantum = std::lcm(quantum, classes.getQuantum(value));
  if (width % quantum || width / quantum < plan.branches)
    quantum = 1;
  auto known = given.find(leader);
  Partition partition = known != given.end()
                            ? known->second
                            : spreadChannels(width, shares, quantum);
  plan.choices.push_back({leader, quantum, partition});
  chosen[leader] = partition;
  return partition;
}

LogicalResult Planner::startStage(Operation *op) {
  auto channels = cast<ChannelOpInterface>(op);
  if (!llvm::all_of(op->getOperands().drop_front(), isConstant)) {
    stayWhole(op, "its weights are not constants");
    return success();
  }
  Value result = op->getResult(0);
  int64_t width = channelCount(result), quantum = 1;
  bool grouped = channels.getChannelRole() == ChannelRole::GroupedMixer;
  if (grouped)
    quantum =
        channels.getChannelQuantum() * width / channelCount(op->getOperand(0));
  if (width / quantum < plan.branches) {
    if (!grouped)
      return op->emitError()
             << describe(op) << " has " << width << " channels, too few for "
             << plan.branches
             << " branches; use a smaller factor, or round=floor";
    stayWhole(op, "it has " + Twine(width / quantum) + " groups, fewer than " +
                      Twine(plan.branches) + " branches");
    return success();
  }
  Partition partition = choose(result, quantum);
  for (const ChannelList &part : partition.parts)
    for (ChannelRange range : part.ranges())
      if (range.begin % quantum || range.end % quantum) {
        stayWhole(op, "its groups would be divided");
        return success();
      }
  plan.partitions[result] = std::move(partition);
  plan.stages[op] = firstOfStage.size();
  firstOfStage.push_back(op);
  return success();
}

void Planner::stayWhole(Operation *op, const Twine &why) {
  plan.whole.emplace_back(op, why.str());
}

void WidthPlan::remark() const {
  for (const auto &[op, why] : whole)
    op->emitRemark() << describe(op)
                     << " stays whole, outside the branches: " << why;
  for (const auto &[op, why] : unpaired)
    op->emitRemark() << describe(op)
                     << " is not paired with the layer before it: " << why;
}

/// Whether a grouped convolution would ride in the branches of `layer`.
static bool feedsGrouped(Operation *layer) {
  SmallVector<Operation *> open{layer};
  DenseSet<Operation *> seen;
  while (!open.empty())
    for (Operation *user : open.pop_back_val()->getUsers()) {
      auto channels = dyn_cast<ChannelOpInterface>(user);
      if (!channels)
        continue;
      ChannelRole role = channels.getChannelRole();
      if (role == ChannelRole::GroupedMixer)
        return true;
      if ((role == ChannelRole::Channelwise ||
           role == ChannelRole::Structural) &&
          seen.insert(user).second)
        open.push_back(user);
    }
  return false;
}

/// Why a layer that reads `input` is not the second of a pair; empty: it is.
static StringRef whyUnpaired(Operation *layer, const Partition &input) {
  if (input.axis != 1)
    return "its channels are not on dimension 1";
  if (!layer->getOperand(0).hasOneUse())
    return "others read what it reads, which is merged anyway";
  if (feedsGrouped(layer))
    return "a grouped convolution after it rides in its branches, and would "
           "need a stage of its own";
  return "";
}

/// Makes a layer the second of a pair if that spares the merge before it.
bool Planner::pair(Operation *op) {
  Value input = op->getOperand(0);
  std::optional<Partition> partition = partitionOf(input);
  if (!pairLayers || !partition ||
      !llvm::all_of(op->getOperands().drop_front(), isConstant))
    return false;
  StringRef why = whyUnpaired(op, *partition);
  if (!why.empty()) {
    plan.unpaired.emplace_back(op, why.str());
    return false;
  }
  plan.stages[op] = plan.stages.lookup(input.getDefiningOp());
  plan.rows.insert(op);
  return true;
}

/// Whether an op, in the paired form, reads what layers made and is whole: it
/// is computed beside that, for no device needs it in parts.
bool Planner::meetsSum(Operation *op) const {
  return pairLayers && llvm::any_of(op->getOperands(), [&](Value value) {
           return afterLayer.contains(value) &&
                  !plan.partitions.contains(value);
         });
}

/// Puts an op into the stage of its latest divided operand, if it can be.
void Planner::ride(Operation *op) {
  std::string why;
  FailureOr<Partition> partition =
      follow(op, [&](Value operand) { return partitionOf(operand); }, why);
  if (failed(partition))
    return stayWhole(op, why);
  unsigned stage = 0;
  for (Value operand : op->getOperands())
    if (plan.partitions.contains(operand))
      stage = std::max(stage, plan.stages.lookup(operand.getDefiningOp()));
  // What the op reads whole must be there before the stage begins.
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp();
        producer && !isConstant(operand) && !plan.stages.contains(producer) &&
        !producer->isBeforeInBlock(firstOfStage[stage]))
      return stayWhole(op, "one of its operands is made later, outside the "
                           "branches");
  plan.partitions[op->getResult(0)] = std::move(*partition);
  plan.stages[op] = stage;
}

LogicalResult Planner::planOp(Operation *op) {
  if (op == plan.classifier || isa<ConstantOp, func::ReturnOp>(op))
    return success();
  bool divided = llvm::any_of(op->getOperands(), [&](Value operand) {
    return plan.partitions.contains(operand);
  });
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels) {
    if (divided)
      stayWhole(op, "no rule for its channels is known");
    return success();
  }
  ChannelRole role = channels.getChannelRole();
  if (role == ChannelRole::WeightedMixer && pair(op))
    return success();
  if (role == ChannelRole::WeightedMixer ||
      (role == ChannelRole::GroupedMixer && !divided))
    return startStage(op);
  // A mixer without weights reads all channels: exact, so outside.
  if (divided && role != ChannelRole::WeightlessMixer && !meetsSum(op))
    ride(op);
  return success();
}

FailureOr<WidthPlan> Planner::run() {
  for (Operation &op : func.getBody().front())
    if (failed(planOp(&op)))
      return failure();
  return std::move(plan);
}

FailureOr<WidthPlan> mlir::lcp::planWidths(func::FuncOp func,
                                           ArrayRef<int64_t> shares,
                                           Operation *classifier,
                                           const ClassDivisions &given,
                                           bool pairLayers) {
  return Planner(func, shares, classifier, given, pairLayers).run();
}
