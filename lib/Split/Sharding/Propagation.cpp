//===- Propagation.cpp - Which channels belong to which branch ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/Propagation.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include <numeric>

using namespace mlir;
using namespace mlir::lcp;

namespace {
class Propagation {
public:
  Propagation(func::FuncOp func, unsigned branches, Operation *classifier,
              ShardingPolicy &policy)
      : func(func), policy(policy), classes(func) {
    sharding.branches = branches;
    sharding.classifier = classifier;
    for (Operation &op : func.getBody().front())
      if (isLayer(&op) || llvm::any_of(op.getOperands(), [&](Value value) {
            return afterLayer.contains(value);
          }))
        afterLayer.insert(op.result_begin(), op.result_end());
  }

  Sharding run();

private:
  void visit(Operation *op);
  void startStage(Operation *op);
  bool pair(Operation *op);
  bool meetsSum(Operation *op) const;
  void ride(Operation *op);
  void stayWhole(Operation *op, const Twine &why);
  std::optional<Partition> partitionOf(Value value) const;
  std::optional<Partition> derive(Value value);
  Partition choose(Value value, int64_t quantum);
  Partition divideFreely(Value leader, int64_t width, int64_t quantum);

  func::FuncOp func;
  ShardingPolicy &policy;
  ChannelClasses classes;
  Sharding sharding;
  /// Values that depend on some layer.
  DenseSet<Value> afterLayer;
  /// By class leader; nothing while it is being worked out.
  DenseMap<Value, std::optional<Partition>> chosen;
};
} // namespace

std::optional<Partition> Propagation::partitionOf(Value value) const {
  auto it = sharding.partitions.find(value);
  return it == sharding.partitions.end() ? std::nullopt
                                         : std::make_optional(it->second);
}

/// The division of a value that is made of others (a concat), which may come
/// later than the layer that has to agree with it.
std::optional<Partition> Propagation::derive(Value value) {
  if (!value.getDefiningOp() || value.getDefiningOp() == sharding.classifier)
    return std::nullopt;
  return llvm::expectedToOptional(
      followPartitions(value.getDefiningOp(), sharding.branches,
                       [&](Value operand) -> std::optional<Partition> {
                         if (!afterLayer.contains(operand))
                           return std::nullopt; // every branch sees all of it
                         std::optional<Partition> known = partitionOf(operand);
                         return known ? *known : choose(operand, 1);
                       }));
}

/// A division that nothing but the policy decides.
Partition Propagation::divideFreely(Value leader, int64_t width,
                                    int64_t quantum) {
  if (width % quantum || width / quantum < sharding.branches)
    quantum = 1;
  Partition partition = policy.divide(width, quantum);
  sharding.choices.push_back({leader, quantum, partition});
  return partition;
}

/// The division of a layer's result: the one its class must have, or else the
/// policy's.
Partition Propagation::choose(Value value, int64_t quantum) {
  Value leader = classes.leader(value);
  auto [it, fresh] = chosen.try_emplace(leader, policy.given(leader));
  if (it->second)
    return *it->second;
  int64_t width = channelCount(value);
  if (fresh)
    for (Value other : classes.getDerived(value))
      if (std::optional<Partition> forced = derive(other);
          forced && forced->axis == 1 && forced->size() == width &&
          !forced->hasEmptyPart())
        return *(chosen[leader] = std::move(forced));
  quantum = std::lcm(quantum, classes.getQuantum(value));
  Partition partition = divideFreely(leader, width, quantum);
  chosen[leader] = partition;
  return partition;
}

void Propagation::startStage(Operation *op) {
  auto channels = cast<ChannelOpInterface>(op);
  if (!policy.divides(op))
    return;
  if (!llvm::all_of(op->getOperands().drop_front(), isConstant))
    return stayWhole(op, "its weights are not constants");
  Value result = op->getResult(0);
  int64_t width = channelCount(result), quantum = 1;
  bool grouped = channels.getChannelRole() == ChannelRole::GroupedMixer;
  if (grouped)
    quantum =
        channels.getChannelQuantum() * width / channelCount(op->getOperand(0));
  if (width / quantum < sharding.branches) {
    if (grouped)
      return stayWhole(op, "it has " + Twine(width / quantum) +
                               " groups, fewer than " +
                               Twine(sharding.branches) + " branches");
    sharding.tooNarrow = op;
    return;
  }
  Partition partition = choose(result, quantum);
  for (const ChannelList &part : partition.parts)
    for (ChannelRange range : part.ranges())
      if (range.begin % quantum || range.end % quantum)
        return stayWhole(op, "its groups would be divided");
  sharding.partitions[result] = std::move(partition);
  sharding.stages[op] = sharding.firstOfStage.size();
  sharding.firstOfStage.push_back(op);
}

void Propagation::stayWhole(Operation *op, const Twine &why) {
  sharding.whole.emplace_back(op, why.str());
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

/// Why a layer that reads `input` makes no partial sums; empty: it does.
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

/// Divides a layer by its input channels if that spares the merge before it.
bool Propagation::pair(Operation *op) {
  Value input = op->getOperand(0);
  std::optional<Partition> partition = partitionOf(input);
  if (!policy.makesPartialSum(op) || !partition ||
      !llvm::all_of(op->getOperands().drop_front(), isConstant))
    return false;
  StringRef why = whyUnpaired(op, *partition);
  if (!why.empty()) {
    sharding.unpaired.emplace_back(op, why.str());
    return false;
  }
  sharding.stages[op] = sharding.stages.lookup(input.getDefiningOp());
  sharding.partialSums.insert(op);
  return true;
}

/// Whether an op beside partial sums reads what layers made and is whole: it is
/// computed beside that, for no device needs it in parts.
bool Propagation::meetsSum(Operation *op) const {
  return !sharding.partialSums.empty() &&
         llvm::any_of(op->getOperands(), [&](Value value) {
           return afterLayer.contains(value) &&
                  !sharding.partitions.contains(value);
         });
}

/// Puts an op into the stage of its latest divided operand, if it can be.
void Propagation::ride(Operation *op) {
  llvm::Expected<Partition> partition =
      followPartitions(op, sharding.branches,
                       [&](Value operand) { return partitionOf(operand); });
  if (!partition)
    return stayWhole(op, llvm::toString(partition.takeError()));
  unsigned stage = 0;
  for (Value operand : op->getOperands())
    if (sharding.partitions.contains(operand))
      stage = std::max(stage, sharding.stages.lookup(operand.getDefiningOp()));
  // What the op reads whole must be there before the stage begins.
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp();
        producer && !isConstant(operand) &&
        !sharding.stages.contains(producer) &&
        !producer->isBeforeInBlock(sharding.firstOfStage[stage]))
      return stayWhole(op, "one of its operands is made later, outside the "
                           "branches");
  sharding.partitions[op->getResult(0)] = std::move(*partition);
  sharding.stages[op] = stage;
}

void Propagation::visit(Operation *op) {
  if (op == sharding.classifier || isa<ConstantOp, func::ReturnOp>(op))
    return;
  bool divided = llvm::any_of(op->getOperands(), [&](Value operand) {
    return sharding.partitions.contains(operand);
  });
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels) {
    if (divided)
      stayWhole(op, "no rule for its channels is known");
    return;
  }
  ChannelRole role = channels.getChannelRole();
  if (role == ChannelRole::WeightedMixer && pair(op))
    return;
  if (role == ChannelRole::WeightedMixer ||
      (role == ChannelRole::GroupedMixer && !divided))
    return startStage(op);
  // A mixer without weights reads all channels: exact, so outside.
  if (divided && role != ChannelRole::WeightlessMixer && !meetsSum(op))
    ride(op);
}

Sharding Propagation::run() {
  for (Operation &op : func.getBody().front()) {
    visit(&op);
    if (sharding.tooNarrow)
      break;
  }
  return std::move(sharding);
}

Sharding mlir::lcp::propagateShards(func::FuncOp func, unsigned branches,
                                    Operation *classifier,
                                    ShardingPolicy &policy) {
  return Propagation(func, branches, classifier, policy).run();
}

std::string mlir::lcp::explainTooNarrow(Operation *layer, unsigned branches) {
  return (describe(layer) + " has " + Twine(channelCount(layer->getResult(0))) +
          " channels, too few for " + Twine(branches) +
          " branches; use a smaller factor, or round=floor")
      .str();
}
