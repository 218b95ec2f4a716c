//===- ExecutorTest.cpp - Steps, memory, merges, golden tensors -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Executor.h"
#include "TestBundle.h"
#include "runtime/executor/Benchmark.h"
#include "runtime/executor/Golden.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <new>
#include <set>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

static thread_local size_t allocations = 0;

void *operator new(size_t size) {
  ++allocations;
  if (void *memory = std::malloc(size))
    return memory;
  throw std::bad_alloc();
}
__attribute__((noinline)) void operator delete(void *memory) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void *memory, size_t) noexcept {
  std::free(memory);
}

namespace {

class ExecutorTest : public testing::Test {
protected:
  void load(const BundleDescription &description,
            ExecutorOptions options = {}) {
    bytes = write(description);
    drivers.add(makeFakeDriver());
    Result<std::unique_ptr<Bundle>> parsed = Bundle::parse(bytes.bytes());
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    bundle = *std::move(parsed);
    Result<std::unique_ptr<Executor>> loaded =
        Executor::load(*bundle, drivers, options);
    if (loaded.ok())
      executor = *std::move(loaded);
    else
      error = loaded.status().message();
  }

  std::vector<float> run(const std::vector<float> &x) {
    std::memcpy(executor->input(0).data(), x.data(), executor->input(0).size());
    Status status = executor->run();
    EXPECT_TRUE(status.ok()) << status.message();
    ByteSpan out = executor->output(0);
    std::vector<float> y(out.size() / sizeof(float));
    std::memcpy(y.data(), out.data(), out.size());
    return y;
  }

  AlignedBuffer bytes;
  DriverRegistry drivers;
  std::unique_ptr<Bundle> bundle;
  std::unique_ptr<Executor> executor;
  std::string error;
};

const std::vector<float> x = {0.5f, -7, 4, 100};

TEST_F(ExecutorTest, RunsStagesAndMerges) {
  load(exampleBundle());
  ASSERT_TRUE(executor) << error;
  EXPECT_EQ(exampleOutput(x), run(x));
  // Inputs stay, and a second run gives the same.
  ASSERT_TRUE(executor->run().ok());
  EXPECT_EQ(exampleOutput(x), run(x));
}

TEST_F(ExecutorTest, RunsBranchesSideBySide) {
  ExecutorOptions options;
  options.threads = 2;
  load(exampleBundle(), options);
  ASSERT_TRUE(executor) << error;
  for (int i = 0; i < 100; ++i) {
    std::vector<float> input = {float(i), 1, 2, float(-i)};
    EXPECT_EQ(exampleOutput(input), run(input));
  }
}

TEST_F(ExecutorTest, AllocatesNothingInARun) {
  load(exampleBundle());
  ASSERT_TRUE(executor) << error;
  size_t before = allocations;
  Status status = executor->run();
  EXPECT_EQ(before, allocations);
  EXPECT_TRUE(status.ok());
}

TEST_F(ExecutorTest, AnswersAtThePace) {
  load(exampleBundle());
  Result<Pace> pace =
      Pace::parse({"s0.b0=20", "s0.b1=30", "s1.b0=0"}, executor->model());
  ASSERT_TRUE(pace.ok()) << pace.status().message();
  ExecutorOptions options;
  options.pace = &*pace;
  options.threads = 2;
  executor = *Executor::load(*bundle, drivers, options);
  for (float first : {0.5f, 0.5f, 2.0f}) {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<float> input = {first, -7, 4, 100};
    EXPECT_EQ(run(input), exampleOutput(input));
    // One after the other, as on one device.
    EXPECT_GE(std::chrono::steady_clock::now() - begin,
              std::chrono::milliseconds(50));
  }
  EXPECT_EQ(pace->describe(), "s0.b0 20 ms, s0.b1 30 ms, s1.b0 0 ms");
  // Nothing runs in no time; the others may be late on a busy machine.
  EXPECT_EQ(pace->find("s1.b0")->runs(), 3u);
  EXPECT_EQ(pace->find("s1.b0")->misses(), 3u);
  EXPECT_EQ(pace->describeMisses().back().find(
                "branch s1.b0 took longer here than its pace of 0 ms, up to "),
            0u);
}

TEST_F(ExecutorTest, RefusesAPaceThatIsNone) {
  load(exampleBundle());
  for (const char *wrong : {"s0.b0", "s0.b0=", "s0.b0=fast", "s0.b0=-1",
                            "s0.b0=nan", "s0.b0=3600001", "s0.b2=1", "=1"})
    EXPECT_FALSE(Pace::parse({wrong}, executor->model()).ok()) << wrong;
}

TEST_F(ExecutorTest, SumsBranches) {
  BundleDescription d = exampleBundle();
  auto &merge = std::get<ModelMerge>(d.model.steps[1]);
  merge.kind = ModelMerge::Kind::Sum;
  merge.order.clear();
  d.model.values[3].shape = d.model.values[4].shape = {1, 4};
  auto &head = std::get<ModelStage>(d.model.steps[2]).branches[0];
  head.slots = {d.model.values[3], d.model.values[4]};
  d.model.golden.clear();
  load(d);
  ASSERT_TRUE(executor) << error;
  std::vector<float> expected;
  expected.reserve(x.size());
  for (float value : x)
    expected.push_back(10 * (5 * value + 2));
  EXPECT_EQ(expected, run(x));
}

/// The example with concatenated values of this many elements in all.
BundleDescription widen(int64_t size) {
  BundleDescription d = exampleBundle();
  d.model.golden.clear();
  std::get<ModelMerge>(d.model.steps[1]).order.clear();
  for (uint32_t value : {1, 2})
    d.model.values[value].shape = {1, size / 2};
  for (uint32_t value : {3, 4})
    d.model.values[value].shape = {1, size};
  for (ModelStep &step : d.model.steps)
    if (auto *stage = std::get_if<ModelStage>(&step))
      for (ModelBranch &branch : stage->branches) {
        branch.slots[0].shape = d.model.values[branch.inputs[0]].shape;
        branch.slots[1].shape = d.model.values[branch.outputs[0]].shape;
      }
  return d;
}

TEST_F(ExecutorTest, RefusesWhatFitsNoMemoryBeforeItMakesAnything) {
  // The merge comes before the arena; a table of its positions would take all.
  load(widen(int64_t(1) << 40));
  EXPECT_EQ(0u, error.find("the model works in ")) << error;
  EXPECT_FALSE(executor);
}

TEST_F(ExecutorTest, KeepsToALimitOfMemory) {
  ExecutorOptions options;
  options.memory = 1 << 10;
  load(widen(1 << 20), options);
  EXPECT_EQ(0u, error.find("the model works in 12 MiB, the limit is 0"))
      << error;
  options.memory = 1 << 20;
  load(exampleBundle(), options);
  EXPECT_TRUE(executor);
}

TEST(Merge, TakesNoMoreThanItsInputsAndOrder) {
  BundleDescription d = widen(int64_t(1) << 40);
  size_t before = allocations;
  PreparedMerge merge(d.model, std::get<ModelMerge>(d.model.steps[1]));
  EXPECT_LT(allocations - before, 10u);
}

TEST_F(ExecutorTest, SaysWhichFormatNoEngineRuns) {
  BundleDescription d = exampleBundle();
  std::get<ModelStage>(d.model.steps[2]).branches[0].parts[0].format = {
      "gemm-stream", "gemm-32x64", 3};
  load(d);
  EXPECT_EQ("branch s1.b0, part 0: no engine here runs gemm-stream version 3 "
            "for gemm-32x64 (fake runs fake version 1); compile the model for "
            "this machine",
            error);
}

TEST_F(ExecutorTest, AMessageIsOneLineWhateverTheBundleSays) {
  BundleDescription d = exampleBundle();
  std::get<ModelStage>(d.model.steps[2]).branches[0].parts[0].format.name =
      "a\nb\x1b[2J";
  load(d);
  EXPECT_EQ("branch s1.b0, part 0: no engine here runs a\\x0ab\\x1b[2J version "
            "1 (fake runs fake version 1); compile the model for this machine",
            error);
}

TEST_F(ExecutorTest, PassesOnWhatADriverRefuses) {
  BundleDescription d = exampleBundle();
  std::get<ModelStage>(d.model.steps[2]).branches[0].parts[0].weights = {};
  load(d);
  EXPECT_EQ("branch s1.b0, part 0: no code of the fake driver", error);
}

TEST_F(ExecutorTest, RefusesAnEngineThatNoPartIsFor) {
  BundleDescription d = exampleBundle();
  for (ModelStep &step : d.model.steps)
    if (auto *stage = std::get_if<ModelStage>(&step))
      for (ModelBranch &branch : stage->branches)
        for (ModelPart &part : branch.parts)
          part.format.name = "other";
  ExecutorOptions options;
  options.engine = "fake";
  load(d, options);
  EXPECT_EQ("engine 'fake' can run no part of this bundle", error);
  options.engine = "abacus";
  load(d, options);
  EXPECT_EQ("no engine 'abacus' in this build (it has fake)", error);
}

TEST_F(ExecutorTest, AnEngineIsChosenAmongThoseThatSupportAPart) {
  drivers.add(makeFakeDriver());
  drivers.add(makeFakeDriver("fake-board"));
  auto engines = [&] {
    std::set<std::string> names;
    for (const ProfileRow &row : executor->profile())
      names.insert(row.engine);
    return names;
  };
  ExecutorOptions options;
  options.profile = true;
  load(exampleBundle(), options);
  ASSERT_TRUE(executor) << error;
  // Merges have none.
  EXPECT_EQ(engines(), (std::set<std::string>{"", "fake"}));
  options.engine = "fake-board";
  load(exampleBundle(), options);
  ASSERT_TRUE(executor) << error;
  EXPECT_EQ(engines(), (std::set<std::string>{"", "fake-board"}));
  EXPECT_EQ(exampleOutput(x), run(x));
}

TEST_F(ExecutorTest, RefusesToRunWhatIsNotInTheBundle) {
  BundleDescription d = exampleBundle();
  auto &branch = std::get<ModelStage>(d.model.steps[0]).branches[1];
  branch.omitted = true;
  branch.parts.clear();
  load(d);
  EXPECT_NE(std::string::npos, error.find("s0.b1 is not in this bundle"));
}

TEST_F(ExecutorTest, RefusesMoreMemoryThanThereIs) {
  BundleDescription d = exampleBundle();
  std::get<ModelStage>(d.model.steps[2]).branches[0].parts[0].arenaBytes =
      INT64_MAX - 63;
  load(d);
  EXPECT_NE(std::string::npos, error.find("MiB")) << error;
}

/// What the cluster's coordinator does, without a network.
class OtherPlace : public RemoteStages {
public:
  Status begin(Deadline, const InputImages &images) override {
    ++begun;
    seen = images;
    return {};
  }
  void end() override { ++ended; }
  Status ready() const override { return {}; }
  Status runStage(const ModelStage &stage, Span<std::byte *const> values,
                  std::vector<bool> &came) override {
    if (fails)
      return Status(StatusCode::Unavailable, "nobody there");
    came[0] = came[0] && !loses;
    for (size_t b = 0; b < stage.branches.size(); ++b) {
      if (!came[b])
        continue;
      const ModelBranch &branch = stage.branches[b];
      auto *in = reinterpret_cast<const float *>(values[branch.inputs[0]]);
      auto *out = reinterpret_cast<float *>(values[branch.outputs[0]]);
      for (size_t i = 0; i < 4; ++i)
        out[i] = float(b + 2) * in[i] + 1;
    }
    return {};
  }
  Traffic traffic() const override { return {}; }
  bool fails = false;
  /// Branch 0.
  bool loses = false;
  int begun = 0, ended = 0;
  InputImages seen;
};

TEST_F(ExecutorTest, LeavesParallelStagesToOthers) {
  // As on a coordinator, whose bundle may lack every branch.
  BundleDescription d = exampleBundle();
  for (auto &branch : std::get<ModelStage>(d.model.steps[0]).branches) {
    branch.omitted = true;
    branch.parts.clear();
  }
  OtherPlace other;
  ExecutorOptions options;
  options.remote = &other;
  load(d, options);
  ASSERT_TRUE(executor) << error;
  EXPECT_EQ(exampleOutput(x), run(x));
  other.fails = true;
  EXPECT_EQ(StatusCode::Unavailable, executor->run().code());
  EXPECT_EQ(other.begun, 2);
  EXPECT_EQ(other.ended, 2);
}

TEST_F(ExecutorTest, TellsOthersWhatAnInputWasMadeOf) {
  OtherPlace other;
  ExecutorOptions options;
  options.remote = &other;
  load(exampleBundle(), options);
  ASSERT_TRUE(executor) << error;
  EncodedImage image;
  image.form = ImageForm::Pixels;
  executor->setImage(0, image);
  run(x);
  const uint32_t value = executor->model().inputs[0].value;
  ASSERT_EQ(other.seen.count(value), 1u);
  EXPECT_EQ(other.seen[value].form, ImageForm::Pixels);
  executor->setImage(0, std::nullopt);
  run(x);
  EXPECT_TRUE(other.seen.empty());
}

/// The example with means: -1, -2, -3, -4 for a, 5 for all of b.
static BundleDescription exampleWithMeans() {
  BundleDescription d = exampleBundle();
  d.model.means = {{1, uint32_t(d.segments.size())},
                   {2, uint32_t(d.segments.size() + 1)}};
  d.segments.push_back({toBytes({-1, -2, -3, -4})});
  d.segments.push_back({toBytes({5, 5, 5, 5})});
  return d;
}

TEST_F(ExecutorTest, PutsMeansInThePlaceOfAMissingBranch) {
  for (unsigned threads : {1u, 2u}) {
    ExecutorOptions options;
    options.threads = threads;
    options.degrade = true;
    options.without = {0};
    load(exampleWithMeans(), options);
    ASSERT_TRUE(executor) << error;
    std::vector<float> expected = exampleOutput(x);
    for (size_t i = 0; i < 4; ++i)
      expected[2 * i] = -10.f * float(i + 1);
    EXPECT_EQ(expected, run(x));
    EXPECT_EQ(std::vector<unsigned>{0}, executor->missing());
  }
}

TEST_F(ExecutorTest, GoesOnWithoutABranchThatDoesNotCome) {
  OtherPlace other;
  ExecutorOptions options;
  options.remote = &other;
  options.degrade = true;
  load(exampleWithMeans(), options);
  ASSERT_TRUE(executor) << error;
  EXPECT_EQ(exampleOutput(x), run(x));
  EXPECT_TRUE(executor->missing().empty());
  other.loses = true;
  EXPECT_EQ(-10, run(x)[0]);
  EXPECT_EQ(std::vector<unsigned>{0}, executor->missing());
  other.loses = false;
  EXPECT_EQ(exampleOutput(x), run(x));
  EXPECT_TRUE(executor->missing().empty());
}

TEST_F(ExecutorTest, LeavesTheMissingAddendOut) {
  BundleDescription d = exampleBundle();
  auto &merge = std::get<ModelMerge>(d.model.steps[1]);
  merge.kind = ModelMerge::Kind::Sum;
  merge.axis = 0;
  merge.order.clear();
  d.model.values[3] = {"merged", ElementType::F32, {1, 4}};
  d.model.values[4] = {"y", ElementType::F32, {1, 4}};
  auto &head = std::get<ModelStage>(d.model.steps[2]).branches[0];
  head.slots = {d.model.values[3], d.model.values[4]};
  d.model.golden.clear();
  ExecutorOptions options;
  options.degrade = true;
  options.without = {1};
  load(d, options);
  ASSERT_TRUE(executor) << error;
  std::vector<float> expected = x;
  for (float &value : expected)
    value = 10 * (2 * value + 1);
  EXPECT_EQ(expected, run(x));
}

TEST_F(ExecutorTest, SaysWhyItCannotDegrade) {
  ExecutorOptions options;
  options.degrade = true;
  load(exampleBundle(), options);
  EXPECT_EQ("the bundle has no mean of 'a' to stand for a missing branch; "
            "compile the model with lcp-compile --calibrate=FILE",
            error);
  options.without = {2};
  load(exampleWithMeans(), options);
  EXPECT_EQ("there is no branch 2 to do without; example has 2", error);
  options.without = {0, 1};
  load(exampleWithMeans(), options);
  EXPECT_EQ("an answer cannot do without every branch", error);
  options.without = {};
  BundleDescription d = exampleWithMeans();
  d.model.outputs.push_back({1, {}});
  d.model.golden.clear();
  load(d, options);
  EXPECT_EQ("no branch can be missing: 'a' goes elsewhere than to a merge, and "
            "nothing can stand for it",
            error);
}

TEST_F(ExecutorTest, ProfilesParts) {
  ExecutorOptions options;
  options.profile = true;
  load(exampleBundle(), options);
  ASSERT_TRUE(executor) << error;
  run(x);
  std::vector<ProfileRow> rows = executor->profile();
  ASSERT_EQ(6u, rows.size()); // Twice two parts, the merge, the head.
  EXPECT_EQ("part 1", rows[1].layer);
  EXPECT_EQ("fake", rows[1].engine);
  EXPECT_EQ("s0.b1", rows[2].branch);
  EXPECT_EQ("merge", rows[4].layer);
}

TEST_F(ExecutorTest, ComparesWithGoldenTensors) {
  load(exampleBundle());
  ASSERT_TRUE(executor) << error;
  Result<std::vector<GoldenComparison>> result =
      verifyGolden(*bundle, *executor);
  ASSERT_TRUE(result.ok()) << result.status().message();
  ASSERT_EQ(1u, result->size());
  EXPECT_TRUE((*result)[0].passed());
}

TEST_F(ExecutorTest, SeesAWrongAnswer) {
  BundleDescription d = exampleBundle();
  d.segments[3].bytes = toBytes({3.001f});
  d.model.golden[0].tolerance = 1e-5f;
  load(d);
  ASSERT_TRUE(executor) << error;
  Result<std::vector<GoldenComparison>> result =
      verifyGolden(*bundle, *executor);
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE((*result)[0].passed());
  EXPECT_GT((*result)[0].error, 1e-5);
}

TEST_F(ExecutorTest, SaysThatThereIsNothingToCompareWith) {
  BundleDescription d = exampleBundle();
  d.model.golden.clear();
  load(d);
  ASSERT_TRUE(executor) << error;
  EXPECT_EQ(StatusCode::NotFound,
            verifyGolden(*bundle, *executor).status().code());
}

TEST_F(ExecutorTest, ChecksABranchAlone) {
  BundleDescription d = exampleWithBranchGolden();
  d.segments[3].bytes = toBytes({3.5f}); // The weight of branch 1.
  load(d);
  auto verify = [&](std::vector<unsigned> devices) {
    auto results = verifyBranches(*bundle, drivers, devices, 1, "");
    EXPECT_TRUE(results.ok()) << results.status().message();
    std::string text;
    for (const GoldenComparison &golden : *results)
      text += golden.output + (golden.passed() ? ": ok; " : ": wrong; ");
    return text;
  };
  EXPECT_EQ("s0.b0, a: ok; s0.b1, a: wrong; ", verify({}));
  EXPECT_EQ("s0.b0, a: ok; ", verify({0}));
  EXPECT_EQ("s0.b1, a: wrong; ", verify({1}));
  EXPECT_EQ(StatusCode::NotFound,
            verifyBranches(*bundle, drivers, {2}, 1, "").status().code());
}

TEST(RelativeError, IsInfiniteForWhatIsNoNumber) {
  std::vector<std::byte> good = toBytes({1, 2});
  std::vector<std::byte> bad =
      toBytes({1, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_TRUE(std::isinf(relativeError(ElementType::F32, bad, good)));
  EXPECT_TRUE(std::isinf(relativeError(ElementType::F32, good, bad)));
  EXPECT_EQ(0, relativeError(ElementType::F32, good, good));
  EXPECT_EQ(0.5, relativeError(ElementType::F32, toBytes({1, 1}), good));
}

TEST(Benchmark, CountsRuns) {
  BenchmarkOptions options;
  options.warmup = 2;
  options.iterations = 7;
  options.minSeconds = 0;
  unsigned runs = 0;
  Result<BenchmarkResult> result = benchmark(options, [&]() -> Status {
    ++runs;
    return {};
  });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(9u, runs);
  EXPECT_EQ(7u, result->runs);
  EXPECT_LE(result->min, result->median);
  EXPECT_LE(result->median, result->max);
  EXPECT_FALSE(benchmark(options, [] {
                 return Status(StatusCode::Internal, "no");
               }).ok());
}

} // namespace
