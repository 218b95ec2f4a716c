//===- ImageInputsTest.cpp - Images from a coordinator to workers ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"
#include "TwoStageModel.h"

#include "runtime/cluster/Cluster.h"
#include "runtime/io/Pixels.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

constexpr int64_t side = 96;
constexpr size_t elements = 3 * side * side;

/// Two branches, each of which answers with the image as it sees it.
ModelInfo makeViewers() {
  ModelInfo model;
  model.name = "m";
  for (const char *name : {"x", "y0", "y1"})
    model.values.push_back({name, ElementType::F32, {1, 3, side, side}});
  model.inputs.push_back({0, {}});
  model.inputs[0].image = ImagePreprocessing{{120, 110, 100}, {0.017f}, true};
  ModelStage stage;
  stage.parallel = true;
  for (uint32_t b = 0; b < 2; ++b) {
    ModelBranch branch;
    branch.name = "s0.b" + std::to_string(b);
    branch.inputs = {0};
    branch.outputs = {1 + b};
    stage.branches.push_back(branch);
    model.outputs.push_back({1 + b, {}});
  }
  model.steps = {stage};
  return model;
}

class ImageInputs : public testing::Test {
protected:
  void SetUp() override {
    std::vector<std::byte> pixels(elements);
    uint32_t state = 1;
    for (std::byte &pixel : pixels)
      pixel = std::byte((state = state * 1664525 + 1013904223) >> 24);
    file = *encodeJpeg(pixels, 3, side, side, 90);
    plain = std::move(pixels);
  }
  /// One for branch `b`; an `older` one takes nothing but elements.
  void startWorker(unsigned b, bool older = false) {
    ModelSignature signature = branchSignature(
        model, "v1", std::get<ModelStage>(model.steps[0]).branches[b]);
    if (older)
      signature.images.clear();
    servers.push_back(serve(std::make_unique<LambdaModel>(
        signature,
        [](Span<const void *const> in, Span<void *const> out, Deadline) {
          std::memcpy(out[0], in[0], elements * sizeof(float));
          return Status();
        })));
    cluster.workers.push_back({servers.back()->address(), {b}, "", "", 2 + b});
  }
  /// This process for branch `b`; only an image is decoded here.
  void addLocal(unsigned b) {
    cluster.workers.push_back({"local", {b}, "", "", 2 + b});
    options.local.push_back(
        {branchSignature(model, "v1",
                         std::get<ModelStage>(model.steps[0]).branches[b]),
         [](Span<const void *const> in, Span<void *const> out) {
           std::memcpy(out[0], in[0], elements * sizeof(float));
           return Status();
         }});
  }
  /// The bytes that one inference sends; checks its answer.
  uint64_t send(ImageForm form, const std::vector<std::byte> &bytes) {
    std::vector<std::string> problems;
    auto connected = Cluster::connect(model, "v1", cluster, options, problems);
    EXPECT_TRUE(connected.ok()) << problems.front();
    Values values(model);
    Span<float> seen(values.floats(0), elements);
    EXPECT_TRUE(
        readImage(form, bytes, model.values[0], *model.inputs[0].image, seen)
            .ok());
    images = {
        {0, {form, std::make_shared<const std::vector<std::byte>>(bytes)}}};
    auto stages = Cluster::makeStages(*connected);
    here = stages->devicesHere();
    EXPECT_TRUE(stages->begin(noDeadline, images).ok());
    std::vector<bool> came(2, true);
    Status status = stages->runStage(std::get<ModelStage>(model.steps[0]),
                                     values.pointers, came);
    stages->end();
    EXPECT_TRUE(status.ok()) << status.message();
    for (uint32_t b = 0; b < 2; ++b)
      EXPECT_TRUE(std::equal(seen.begin(), seen.end(), values.floats(1 + b)));
    return (*connected)->traffic().sent;
  }
  /// What was sent is what is predicted, names and shapes apart.
  void expectPredicted(uint64_t sent) {
    ASSERT_TRUE(here);
    const uint64_t predicted = predictTraffic(model, images, *here)->sent;
    EXPECT_GE(sent, predicted);
    EXPECT_LE(double(sent), 1.03 * double(predicted));
  }

  ModelInfo model = makeViewers();
  std::vector<std::byte> file, plain;
  InputImages images;
  /// Of the cluster that sent.
  std::optional<std::vector<bool>> here;
  ClusterFile cluster;
  ClusterOptions options;
  std::vector<std::unique_ptr<Server>> servers;
};

} // namespace

TEST_F(ImageInputs, GoAsTheyCameAndGiveTheSameBits) {
  startWorker(0);
  startWorker(1);
  expectPredicted(send(ImageForm::File, file));
  expectPredicted(send(ImageForm::Pixels, plain));
}

TEST_F(ImageInputs, GoAsElementsToAWorkerThatTakesNoImages) {
  startWorker(0, /*older=*/true);
  startWorker(1);
  for (auto [form, bytes] : {std::pair(ImageForm::File, &file),
                             std::pair(ImageForm::Pixels, &plain)}) {
    const uint64_t sent = send(form, *bytes);
    EXPECT_GT(sent, elements * sizeof(float) + bytes->size());
    EXPECT_LT(sent, elements * sizeof(float) + bytes->size() + 1000);
  }
}

TEST_F(ImageInputs, AreNotSentToThisMachine) {
  startWorker(0);
  addLocal(1);
  expectPredicted(send(ImageForm::File, file));
  expectPredicted(send(ImageForm::Pixels, plain));
}

TEST_F(ImageInputs, AreNotSentToADeviceThatIsHereWithoutAList) {
  addLocal(0);
  addLocal(1);
  cluster.workers = {{"local", {}, "", "", 2}};
  const uint64_t sent = send(ImageForm::File, file);
  EXPECT_EQ(sent, 0u);
  expectPredicted(sent);
}
