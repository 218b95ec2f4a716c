//===- SplitIdentityTest.cpp - The splitter against a mask of its own -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The identity (docs/rationale/splitting.md): a split network equals the whole
// one with every weight between channels of different branches set to zero, the
// first layer and the classifier excepted, and the joins that are kept.
//
//===----------------------------------------------------------------------===//

#include "RandomNetwork.h"
#include "lcp/Dialect/LCP/IR/Footprint.h"
#include "lcp/Reference/Evaluate.h"
#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Sharding/Joins.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "mlir/IR/Verifier.h"
#include <gtest/gtest.h>

using namespace lcp::test;
using namespace mlir;
using mlir::lcp::JoinKind;
using mlir::lcp::MergeChoice;
using mlir::lcp::reference::Tensor;

namespace {

/// Above this, doubles no longer hold every integer and "exact" means nothing.
constexpr double maxExact = 9007199254740992.0;

class SplitNetworks : public testing::Test {
protected:
  SplitNetworks() {
    context.loadDialect<func::FuncDialect, mlir::lcp::LCPDialect>();
  }

  static mlir::lcp::SplitRequest requestFor(const RandomNetwork &network) {
    mlir::lcp::SplitRequest request;
    request.factor = network.branches();
    request.shares = network.shares();
    return request;
  }
  /// Null, or what a plan of it is.
  mlir::lcp::PlanAttr plan(ModuleOp module,
                           const mlir::lcp::SplitRequest &request) {
    ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
    auto planned = mlir::lcp::planSplit(module, request);
    return succeeded(planned) ? planned->plan : mlir::lcp::PlanAttr();
  }
  OwningOpRef<ModuleOp> split(const RandomNetwork &network, MergeChoice merge,
                              const mlir::lcp::JoinOptions &joins = {}) {
    OwningOpRef<ModuleOp> module = network.build(context, /*masked=*/false);
    mlir::lcp::SplitRequest request = requestFor(network);
    request.merge = merge;
    request.joins = joins;
    carryOut(*module, plan(*module, request));
    return module;
  }
  void carryOut(ModuleOp module, mlir::lcp::PlanAttr plan) {
    ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
    ASSERT_TRUE(plan);
    EXPECT_TRUE(succeeded(mlir::lcp::splitWidths(module, plan)));
    EXPECT_TRUE(succeeded(verify(module)));
    EXPECT_TRUE(succeeded(mlir::lcp::removeNonBranchConnections(module, plan)));
    EXPECT_TRUE(succeeded(verify(module)));
  }
  OwningOpRef<ModuleOp> widths(const RandomNetwork &network,
                               bool affinity = false, bool pairs = false) {
    OwningOpRef<ModuleOp> module = network.build(context, /*masked=*/false);
    mlir::lcp::SplitRequest request = requestFor(network);
    if (affinity)
      request.assignment = mlir::lcp::Assignment::Affinity;
    if (pairs)
      request.style = mlir::lcp::ParallelStyle::ColumnRow;
    mlir::lcp::PlanAttr planned = plan(*module, request);
    EXPECT_TRUE(planned);
    EXPECT_TRUE(succeeded(mlir::lcp::splitWidths(*module, planned)));
    EXPECT_TRUE(succeeded(verify(*module)));
    (*module)->setAttr(mlir::lcp::kPlanAttr, planned);
    return module;
  }

  struct Run {
    std::vector<double> output;
    /// Of each branch of the last parallel stage, its results.
    std::vector<std::vector<double>> branches;
    double largest = 0;
  };
  Run run(ModuleOp module, const RandomNetwork &network,
          const std::vector<float> &input);

  MLIRContext context;
};

SplitNetworks::Run SplitNetworks::run(ModuleOp module,
                                      const RandomNetwork &network,
                                      const std::vector<float> &input) {
  auto func = module.lookupSymbol<func::FuncOp>("main");
  auto type = cast<RankedTensorType>(func.getArgumentTypes()[0]);
  Tensor tensor = Tensor::zeros(type);
  tensor.floats.assign(input.begin(), input.end());
  Run result;
  result.branches.resize(network.branches());
  auto outputs = mlir::lcp::reference::evaluate(
      func, {tensor}, [&](Value value, const Tensor &seen) {
        for (double element : seen.floats)
          result.largest = std::max(result.largest, std::abs(element));
        if (auto parallel = value.getDefiningOp<mlir::lcp::ParallelOp>()) {
          unsigned number = cast<OpResult>(value).getResultNumber();
          auto &kept = result.branches[number % parallel.getNumBranches()];
          kept.insert(kept.end(), seen.floats.begin(), seen.floats.end());
        }
      });
  EXPECT_TRUE(succeeded(outputs));
  if (succeeded(outputs))
    result.output = (*outputs)[0].floats;
  return result;
}

class SplitIdentity : public SplitNetworks,
                      public testing::WithParamInterface<unsigned> {};

void expectSame(const std::vector<double> &a, const std::vector<double> &b,
                bool exact) {
  ASSERT_EQ(a.size(), b.size());
  double largest = 0;
  for (double element : b)
    largest = std::max(largest, std::abs(element));
  for (size_t i = 0; i < a.size(); ++i)
    if (exact)
      ASSERT_EQ(a[i], b[i]) << "element " << i;
    else
      ASSERT_NEAR(a[i], b[i], 1e-12 * largest) << "element " << i;
}

mlir::lcp::JoinOptions optionsOf(const KeptJoins &joins) {
  return {joins.every, joins.first,
          joins.shuffle ? JoinKind::Shuffle : JoinKind::Whole};
}

int branchesFor(unsigned seed) { return 2 + int(seed % 3); }

/// From about equal to one that has next to nothing.
std::vector<int64_t> sharesFor(unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<int64_t> shares(branchesFor(seed));
  for (int64_t &share : shares)
    share = 1 + engine() % 1000;
  return shares;
}

TEST_P(SplitIdentity, WidthsFormIsTheSameFunction) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  OwningOpRef<ModuleOp> divided = widths(network);
  Run expected = run(*whole, network, input);
  if (network.isExact()) {
    ASSERT_LT(expected.largest, maxExact);
  }
  expectSame(run(*divided, network, input).output, expected.output,
             network.isExact());
}

unsigned countSums(ModuleOp module) {
  unsigned sums = 0;
  module.walk([&](mlir::lcp::MergeOp merge) {
    sums += merge.getKind() == mlir::lcp::MergeKind::Sum;
  });
  return sums;
}

unsigned countStages(ModuleOp module) {
  unsigned stages = 0;
  module.walk([&](mlir::lcp::ParallelOp) { ++stages; });
  return stages;
}

// Each pair is one stage less, and no weight is held twice.
TEST_P(SplitIdentity, PairedFormIsTheSameFunction) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  std::vector<double> expected = run(*whole, network, input).output;
  unsigned stages = countStages(*widths(network));
  for (bool affinity : {false, true}) {
    OwningOpRef<ModuleOp> paired = widths(network, affinity, /*pairs=*/true);
    expectSame(run(*paired, network, input).output, expected,
               network.isExact());
    EXPECT_EQ(countStages(*paired) + countSums(*paired), stages);
    EXPECT_EQ(mlir::lcp::measureFootprint(*paired).parameters,
              mlir::lcp::measureFootprint(*whole).parameters);
  }
}

TEST_P(SplitIdentity, SplitEqualsTheMaskedNetwork) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  OwningOpRef<ModuleOp> masked = network.build(context, /*masked=*/true);
  ASSERT_TRUE(succeeded(verify(*masked)));
  Run expected = run(*masked, network, input);
  for (MergeChoice merge : {MergeChoice::Concat, MergeChoice::SumLogits}) {
    OwningOpRef<ModuleOp> divided = split(network, merge);
    expectSame(run(*divided, network, input).output, expected.output,
               network.isExact());
    EXPECT_EQ(mlir::lcp::measureFootprint(*divided).parameters,
              network.keptParameters());
    EXPECT_EQ(countStages(*divided), 1u);
  }
}

TEST_P(SplitIdentity, SplitWithJoinsEqualsItsMaskedNetwork) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  int all = mlir::lcp::countJoins(whole->lookupSymbol<func::FuncOp>("main"));
  for (KeptJoins joins : {KeptJoins{1, 0, false},
                          {2, 0, false},
                          {3, 0, false},
                          {0, 1, false},
                          {0, 3, false},
                          {3, 1, false},
                          {1, 0, true},
                          {2, 0, true},
                          {0, 2, true}}) {
    SCOPED_TRACE(testing::Message()
                 << joins.every << " " << joins.first << " " << joins.shuffle);
    network.keepJoins(joins);
    OwningOpRef<ModuleOp> masked = network.build(context, /*masked=*/true);
    Run expected = run(*masked, network, input);
    OwningOpRef<ModuleOp> divided =
        split(network, MergeChoice::Concat, optionsOf(joins));
    expectSame(run(*divided, network, input).output, expected.output,
               network.isExact());
    EXPECT_EQ(mlir::lcp::measureFootprint(*divided).parameters,
              network.keptParameters());
    bool exact = !joins.shuffle && (joins.every == 1 || joins.first >= all);
    EXPECT_EQ((*divided)->hasAttr(mlir::lcp::kSplitAttr), !exact);
  }
}

// The same identity for channels that are grouped by their weights.
TEST_P(SplitIdentity, AffinitySplitEqualsTheNetworkMaskedItsWay) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  OwningOpRef<ModuleOp> divided = widths(network, /*affinity=*/true);
  expectSame(run(*divided, network, input).output,
             run(*whole, network, input).output, network.isExact());
  std::vector<size_t> sizes = network.partSizes();
  network.relabel(*divided);
  EXPECT_EQ(network.partSizes(), sizes);
  OwningOpRef<ModuleOp> masked = network.build(context, /*masked=*/true);
  ASSERT_TRUE(succeeded(mlir::lcp::removeNonBranchConnections(
      *divided, mlir::lcp::getPlan(*divided))));
  ASSERT_TRUE(succeeded(verify(*divided)));
  expectSame(run(*divided, network, input).output,
             run(*masked, network, input).output, network.isExact());
  EXPECT_EQ(mlir::lcp::measureFootprint(*divided).parameters,
            network.keptParameters());
}

// The same identity for branches of unlike widths.
TEST_P(SplitIdentity, UnevenSplitEqualsItsMaskedNetwork) {
  RandomNetwork network(GetParam(), branchesFor(GetParam()),
                        sharesFor(GetParam()));
  std::vector<float> input = network.randomInput();
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  expectSame(run(*widths(network), network, input).output,
             run(*whole, network, input).output, network.isExact());
  std::pair<KeptJoins, MergeChoice> ways[] = {
      {{}, MergeChoice::Concat},
      {{}, MergeChoice::SumLogits},
      {{2, 0, false}, MergeChoice::Concat},
      {{1, 0, true}, MergeChoice::Concat}};
  for (auto [joins, merge] : ways) {
    network.keepJoins(joins);
    OwningOpRef<ModuleOp> masked = network.build(context, /*masked=*/true);
    OwningOpRef<ModuleOp> divided = split(network, merge, optionsOf(joins));
    expectSame(run(*divided, network, input).output,
               run(*masked, network, input).output, network.isExact());
    EXPECT_EQ(mlir::lcp::measureFootprint(*divided).parameters,
              network.keptParameters());
  }
}

/// New channels are heard by nobody: each branch computes what it did before.
class Fattening : public SplitIdentity {
protected:
  void check(RandomNetwork network);
};

void Fattening::check(RandomNetwork network) {
  if (!network.isExact())
    GTEST_SKIP() << "normalisation over channels hears new ones";
  std::vector<float> input = network.randomInput();
  OwningOpRef<ModuleOp> fat = network.build(context, /*masked=*/false);
  mlir::lcp::SplitRequest request = requestFor(network);
  request.fattenPercent = 60;
  mlir::lcp::PlanAttr planned = plan(*fat, request);
  if (!planned)
    GTEST_SKIP() << "a layer is added to channels of several others";
  ASSERT_TRUE(succeeded(mlir::lcp::splitWidths(*fat, planned)));
  OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
  EXPECT_GT(mlir::lcp::measureFootprint(*fat).parameters,
            mlir::lcp::measureFootprint(*whole).parameters);
  expectSame(run(*fat, network, input).output,
             run(*whole, network, input).output, /*exact=*/true);
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  ASSERT_TRUE(succeeded(mlir::lcp::removeNonBranchConnections(*fat, planned)));
  ASSERT_TRUE(succeeded(verify(*fat)));
  expectSame(run(*fat, network, input).output,
             run(*split(network, MergeChoice::Concat), network, input).output,
             /*exact=*/true);
}

TEST_P(Fattening, ChangesNoFunction) {
  check(RandomNetwork(GetParam(), branchesFor(GetParam())));
}

TEST_P(Fattening, ChangesNoFunctionOfUnevenBranches) {
  check(RandomNetwork(GetParam(), branchesFor(GetParam()),
                      sharesFor(GetParam())));
}

TEST_P(SplitIdentity, AWeightOfOneBranchMovesNoOther) {
  int branches = branchesFor(GetParam());
  RandomNetwork network(GetParam(), branches);
  std::vector<float> input = network.randomInput();
  Run before = run(*split(network, MergeChoice::Concat), network, input);
  int changed = int(GetParam() % unsigned(branches));
  network.changeWeight(changed);
  Run after = run(*split(network, MergeChoice::Concat), network, input);
  for (int branch = 0; branch < branches; ++branch)
    if (branch != changed)
      EXPECT_EQ(before.branches[branch], after.branches[branch]) << branch;
}

// The identity would say nothing of networks that the split does not change.
TEST_F(SplitNetworks, MostNetworksAreChangedByTheSplit) {
  unsigned changed = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomNetwork network(seed, branchesFor(seed));
    std::vector<float> input = network.randomInput();
    OwningOpRef<ModuleOp> whole = network.build(context, /*masked=*/false);
    changed += run(*whole, network, input).output !=
               run(*split(network, MergeChoice::Concat), network, input).output;
  }
  EXPECT_GT(changed, 160u);
}

// Equality would say nothing of networks without a pair.
TEST_F(SplitNetworks, MostNetworksHavePairs) {
  unsigned paired = 0;
  for (unsigned seed = 0; seed < 200; ++seed)
    paired += countSums(*widths(RandomNetwork(seed, branchesFor(seed)),
                                /*affinity=*/false, /*pairs=*/true)) > 0;
  EXPECT_GT(paired, 100u);
}

INSTANTIATE_TEST_SUITE_P(Random, SplitIdentity, testing::Range(0u, 200u));
INSTANTIATE_TEST_SUITE_P(Random, Fattening, testing::Range(0u, 200u));

} // namespace
