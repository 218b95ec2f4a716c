//===- LocalModelsTest.cpp - A bundle served, alone and as a cluster ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"
#include "TestModels.h"

#include "runtime/cluster/Cluster.h"
#include "runtime/io/Pixels.h"
#include "runtime/serving/Serve.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

/// Before gRPC starts its threads, which must not take the signal either.
static const StopSignals stop;

namespace {

class LocalModels : public testing::Test {
protected:
  LocalModels() { drivers.add(makeFakeDriver()); }

  void load(const BundleDescription &description) {
    bytes = write(description);
    auto parsed = Bundle::parse(bytes.bytes());
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    bundle = *std::move(parsed);
  }
  void SetUp() override { load(exampleBundle()); }

  /// A server of these branches.
  std::string startWorker(const std::vector<unsigned> &branches) {
    auto models = loadBranches(*bundle, drivers, branches, {});
    auto server = startServer(*std::move(models));
    servers.push_back(*std::move(server));
    return servers.back()->address();
  }
  std::shared_ptr<Cluster> connect(const std::vector<std::string> &workers) {
    ClusterFile file;
    file.path = "c.yaml";
    for (const std::string &address : workers)
      file.workers.push_back({address, {}, "", "", 1});
    std::vector<std::string> problems;
    auto cluster = Cluster::connect(bundle->model(), bundleVersion(*bundle),
                                    file, {}, problems);
    EXPECT_TRUE(cluster.ok()) << (problems.empty() ? "" : problems[0]);
    return cluster.ok() ? *std::move(cluster) : nullptr;
  }
  std::string selectionProblem(const std::vector<unsigned> &branches) {
    auto models = loadBranches(*bundle, drivers, branches, {});
    EXPECT_FALSE(models.ok());
    return models.ok() ? "" : models.status().message();
  }

  void expectAnswerOver(std::shared_ptr<Cluster> cluster) {
    auto stages = Cluster::makeStages(std::move(cluster));
    ExecutorOptions options;
    options.remote = stages.get();
    auto executor = Executor::load(*bundle, drivers, options);
    ASSERT_TRUE(executor.ok()) << executor.status().message();
    std::memcpy((*executor)->input(0).data(), x.data(),
                x.size() * sizeof(float));
    Status status = (*executor)->run();
    ASSERT_TRUE(status.ok()) << status.message();
    ByteSpan out = (*executor)->output(0);
    std::vector<float> expected = exampleOutput(x);
    ASSERT_EQ(out.size(), expected.size() * sizeof(float));
    EXPECT_EQ(std::memcmp(out.data(), expected.data(), out.size()), 0);
  }

  DriverRegistry drivers;
  AlignedBuffer bytes;
  std::unique_ptr<Bundle> bundle;
  std::vector<std::unique_ptr<Server>> servers;
  const std::vector<float> x = {1, -2, 3, 0.5f};
};

/// What the parts of an engine did.
struct Counts {
  std::atomic<int> loaded{0}, running{0}, mostAtATime{0};
};

/// The fake driver, watched.
class CountingDriver final : public Driver {
public:
  explicit CountingDriver(Counts &counts)
      : counts(counts), fake(makeFakeDriver()) {}
  std::string_view name() const override { return fake->name(); }

  Span<const SupportedFormat> formats() const override {
    return fake->formats();
  }

  Result<std::unique_ptr<Executable>> load(const PartContents &part) override {
    ++counts.loaded;
    LCP_ASSIGN_OR_RETURN(std::unique_ptr<Executable> watched, fake->load(part));
    return std::unique_ptr<Executable>(new Watched(counts, std::move(watched)));
  }

private:
  struct Watched final : Executable {
    Watched(Counts &counts, std::unique_ptr<Executable> watched)
        : counts(counts), watched(std::move(watched)) {}
    Status run(const Invocation &invocation) override {
      counts.mostAtATime = std::max<int>(counts.mostAtATime, ++counts.running);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      Status status = watched->run(invocation);
      --counts.running;
      return status;
    }
    Counts &counts;
    std::unique_ptr<Executable> watched;
  };

  Counts &counts;
  std::unique_ptr<Driver> fake;
};

} // namespace

TEST_F(LocalModels, ClusterAnswersLikeOneProcess) {
  auto cluster = connect({startWorker({0}), startWorker({1})});
  ASSERT_TRUE(cluster);
  expectAnswerOver(cluster);
}

// The example's branches as two stages of one branch each, as in a pipeline.
TEST_F(LocalModels, AStageRunsOnItsDevice) {
  BundleDescription description = exampleBundle();
  std::vector<ModelStep> &steps = description.model.steps;
  ModelStage second = std::get<ModelStage>(steps[0]);
  second.firstDevice = 1;
  second.branches.erase(second.branches.begin());
  std::get<ModelStage>(steps[0]).branches.pop_back();
  steps.insert(steps.begin() + 1, second);
  load(description);
  std::string name = bundle->model().name;
  auto models = loadBranches(*bundle, drivers, {1}, {});
  ASSERT_TRUE(models.ok());
  ASSERT_EQ(models->size(), 1u);
  EXPECT_EQ((*models)[0]->signature().name, name + ".s1.b0");
  EXPECT_EQ(selectionProblem({2}),
            "there is no branch 2; " + name + " has 0 to 1");
  std::string one = startWorker({1}), zero = startWorker({0});
  auto cluster = connect({one, zero});
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->describe(),
            (std::vector<std::string>{name + ".s0.b0 on " + zero,
                                      name + ".s1.b0 on " + one}));
  expectAnswerOver(cluster);
}

TEST_F(LocalModels, OneServerForTheWholeModelAndForACluster) {
  auto whole = loadWhole(*bundle, drivers, {}, nullptr);
  auto cluster = connect({startWorker({})});
  ASSERT_TRUE(cluster);
  auto overCluster = loadWhole(*bundle, drivers, {},
                               [&] { return Cluster::makeStages(cluster); });
  ASSERT_TRUE(whole.ok() && overCluster.ok());
  for (auto *model : {&whole, &overCluster}) {
    const ModelSignature signature = (**model)->signature();
    EXPECT_EQ(signature.name, bundle->model().name);
    auto server = serve(*std::move(*model));
    ASSERT_TRUE(server);
    auto stub = connectTo(server->address());
    auto request = makeRequest(x, signature.name);
    request.mutable_inputs(0)->set_name(signature.inputs[0].name);
    inference::ModelInferResponse response;
    Status status = infer(*stub, request, response);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(rawFloats(response.raw_output_contents(0)), exampleOutput(x));
  }
}

namespace {

constexpr int64_t side = 32;

/// The example with an input that is a grey image.
BundleDescription exampleOfImages() {
  BundleDescription d = exampleBundle();
  for (TensorSpec &value : d.model.values)
    value.shape = {1, value.shape[1] / 4, side, side};
  for (ModelStep &step : d.model.steps) {
    if (auto *merge = std::get_if<ModelMerge>(&step))
      merge->order = {1, 0};
    else
      for (ModelBranch &branch : std::get<ModelStage>(step).branches)
        for (TensorSpec &slot : branch.slots)
          slot.shape = {1, slot.shape[1] / 4, side, side};
  }
  d.model.golden.clear();
  d.model.inputs[0].image = ImagePreprocessing{{100}, {0.017f}, false};
  return d;
}

/// A request to it with an image.
inference::ModelInferRequest requestOf(ImageForm form, std::string bytes) {
  inference::ModelInferRequest request;
  request.set_model_name("example");
  auto &input = *request.add_inputs();
  input.set_name("x");
  if (form == ImageForm::Pixels) {
    input.set_datatype("UINT8");
    for (int64_t size : {int64_t(1), int64_t(1), side, side})
      input.add_shape(size);
    request.add_raw_input_contents(std::move(bytes));
  } else {
    input.set_datatype("BYTES");
    input.add_shape(1);
    input.mutable_contents()->add_bytes_contents(std::move(bytes));
  }
  return request;
}

} // namespace

TEST_F(LocalModels, AServedClusterSendsImagesOnAsTheyCame) {
  load(exampleOfImages());
  auto alone = serve(*loadWhole(*bundle, drivers, {}, nullptr));
  auto cluster = connect({startWorker({0}), startWorker({1})});
  ASSERT_TRUE(alone && cluster);
  auto over = serve(*loadWhole(*bundle, drivers, {},
                               [&] { return Cluster::makeStages(cluster); }));
  ASSERT_TRUE(over);
  std::vector<std::byte> pixels(side * side);
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = std::byte(i * 7);
  std::vector<std::byte> file = *encodeJpeg(pixels, 1, side, side, 30);
  // A request has a name, a hash and a description of its tensors besides.
  constexpr uint64_t elements = side * side * sizeof(float), slack = 400;
  for (auto [form, image] : {std::pair(ImageForm::Pixels, &pixels),
                             std::pair(ImageForm::File, &file)}) {
    const auto request = requestOf(
        form, {reinterpret_cast<const char *>(image->data()), image->size()});
    inference::ModelInferResponse expected, answer;
    ASSERT_TRUE(infer(*connectTo(alone->address()), request, expected).ok());
    const uint64_t before = cluster->traffic().sent;
    Status status = infer(*connectTo(over->address()), request, answer);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(answer.outputs(0).SerializeAsString(),
              expected.outputs(0).SerializeAsString());
    for (int i = 0; i < expected.raw_output_contents_size(); ++i)
      EXPECT_EQ(answer.raw_output_contents(i), expected.raw_output_contents(i));
    const uint64_t sent = cluster->traffic().sent - before;
    EXPECT_GE(sent, 2 * image->size());
    EXPECT_LT(sent, 2 * (image->size() + slack));
    EXPECT_LT(sent, 2 * elements);
  }
  // The next request's elements are not taken for that image's.
  auto request = requestOf(ImageForm::File, "");
  request.mutable_inputs(0)->set_datatype("FP32");
  *request.mutable_inputs(0)->mutable_shape() =
      requestOf(ImageForm::Pixels, "").inputs(0).shape();
  request.mutable_inputs(0)->clear_contents();
  request.add_raw_input_contents(std::string(elements, '\0'));
  inference::ModelInferResponse answer;
  const uint64_t before = cluster->traffic().sent;
  ASSERT_TRUE(infer(*connectTo(over->address()), request, answer).ok());
  EXPECT_EQ(rawFloats(answer.raw_output_contents(0))[0], 10);
  EXPECT_GE(cluster->traffic().sent - before, 2 * elements);
}

TEST_F(LocalModels, SaysWhichBranchesThereAre) {
  std::string name = bundle->model().name;
  EXPECT_EQ(selectionProblem({2}),
            "there is no branch 2; " + name + " has 0 to 1");
  BundleDescription description = exampleBundle();
  auto &stage = std::get<ModelStage>(description.model.steps[0]);
  stage.branches[1].omitted = true;
  stage.branches[1].parts.clear();
  load(description);
  EXPECT_EQ(selectionProblem({1}), "branch s0.b1 is not in this bundle, which "
                                   "was made for another device");
  EXPECT_FALSE(bundle->model().isComplete());
  auto rest = loadBranches(*bundle, drivers, {}, {});
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0]->signature().name, name + ".s0.b0");
}

TEST_F(LocalModels, RefusesScratchThatFitsNoMemory) {
  BundleDescription description = exampleBundle();
  std::get<ModelStage>(description.model.steps[0])
      .branches[1]
      .parts[0]
      .arenaBytes = uint64_t(1) << 61;
  load(description);
  EXPECT_EQ(selectionProblem({1}).rfind("the model works in ", 0), 0u)
      << selectionProblem({1});
  auto other = loadBranches(*bundle, drivers, {0}, {});
  EXPECT_TRUE(other.ok());
}

TEST_F(LocalModels, LoadsAWholeModelAndItsBranchesOnceAndRunsOneAtATime) {
  Counts counts;
  drivers.add(std::make_unique<CountingDriver>(counts));
  auto models = loadWholeAndBranches(*bundle, drivers, {});
  ASSERT_TRUE(models.ok()) << models.status().message();
  ASSERT_EQ(models->size(), 3u);
  EXPECT_EQ(counts.loaded, 5) << "the example's parts";
  std::vector<std::thread> users;
  users.reserve(3);
  std::atomic<int> right{0};
  for (size_t m = 0; m < 3; ++m)
    users.emplace_back([&, m] {
      AlignedBuffer in = *AlignedBuffer::allocate(64);
      AlignedBuffer out = *AlignedBuffer::allocate(64);
      std::memcpy(in.data(), x.data(), 16);
      std::vector<float> expected = exampleOutput(x);
      if (m < 2) // branch m: (2 + m) x + 1
        for (size_t i = 0; i < 8; ++i)
          expected[i] = i < 4 ? float(2 + m) * x[i] + 1 : 0;
      const void *inputs[] = {in.data()};
      void *outputs[] = {out.data()};
      ServableRun run;
      run.inputs = inputs;
      run.outputs = outputs;
      const auto *answer = reinterpret_cast<const float *>(out.data());
      for (int i = 0; i < 20; ++i)
        if ((*models)[m]->run(run).ok() &&
            std::equal(expected.begin(), expected.end(), answer))
          ++right;
    });
  for (std::thread &user : users)
    user.join();
  EXPECT_EQ(right, 60);
  EXPECT_EQ(counts.mostAtATime, 1);
}

TEST_F(LocalModels, UnsignedBundlesStayOnLoopback) {
  ServeOptions options;
  options.address = "0.0.0.0:0";
  auto problem = [&] {
    return serveBundle(*bundle, drivers, options, nullptr, stop, stdout)
        .message();
  };
  EXPECT_EQ(problem(), "0.0.0.0:0 can be reached from other machines and "
                       "nobody checked who made the bundle: give "
                       "--key=PUB.pem or --allow-unsigned");
  options.allowUnsigned = true;
  EXPECT_EQ(problem(), "0.0.0.0:0 can be reached from other machines: that "
                       "needs --tls=DIR (ca.pem, cert.pem, key.pem)");
}

TEST_F(LocalModels, ServesFromTheReadyLineToTheSignal) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::FILE *out = fdopen(ends[1], "w");
  ServeOptions options;
  options.address = "127.0.0.1:0";
  Status ended;
  std::thread server([&] {
    ended = serveBundle(*bundle, drivers, options, nullptr, stop, out);
  });
  std::FILE *in = fdopen(ends[0], "r");
  char line[256] = "";
  EXPECT_TRUE(std::fgets(line, sizeof line, in));
  std::string name = bundle->model().name, text = line;
  EXPECT_EQ(text.rfind("ready 127.0.0.1:", 0), 0u) << text;
  std::string models = " " + name + ".s0.b0 " + name + ".s0.b1 " + name + "\n";
  EXPECT_EQ(text.substr(text.find(' ', 6)), models);
  std::string address = text.substr(6, text.find(' ', 6) - 6);
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(connectTo(address)
                  ->call("ServerReady", inference::ServerReadyRequest(), ready)
                  .ok());
  EXPECT_TRUE(ready.ready());
  kill(getpid(), SIGTERM);
  server.join();
  EXPECT_TRUE(ended.ok()) << ended.message();
  std::fclose(in);
  std::fclose(out);
}
