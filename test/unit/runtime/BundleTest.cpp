//===- BundleTest.cpp - The loader takes sound bundles and no others ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"
#include "runtime/executor/Golden.h"
#include "runtime/schema/Layout.h"

#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

/// Loads and hashes everything; the message, or "" if all is well.
std::string loadAll(ByteSpan bytes) {
  Result<std::unique_ptr<Bundle>> bundle = Bundle::parse(bytes);
  if (!bundle.ok())
    return bundle.status().message();
  return (*bundle)->checkAllSegments().message();
}

std::string loadAll(const BundleDescription &description) {
  AlignedBuffer bytes = write(description);
  return loadAll(bytes.bytes());
}

ModelStage &stage(BundleDescription &d, size_t step = 0) {
  return std::get<ModelStage>(d.model.steps[step]);
}

ModelMerge &merge(BundleDescription &d) {
  return std::get<ModelMerge>(d.model.steps[1]);
}

TEST(Bundle, LoadsWhatWasWritten) {
  AlignedBuffer bytes = write(exampleBundle());
  Result<std::unique_ptr<Bundle>> bundle = Bundle::parse(bytes.bytes());
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  const ModelInfo &model = (*bundle)->model();
  EXPECT_EQ("example", model.name);
  EXPECT_EQ(2u, model.split);
  EXPECT_FALSE(model.trainedAfterSplit);
  ASSERT_EQ(2u, model.stages().size());
  EXPECT_EQ("s0.b1", model.stages()[0]->branches[1].name);
  EXPECT_EQ("s1.b0", model.stages()[1]->branches[0].name);
  EXPECT_EQ(8u, std::get<ModelMerge>(model.steps[1]).order.size());
  EXPECT_TRUE((*bundle)->checkAllSegments().ok());
  EXPECT_EQ((*bundle)->rootHash(), (*bundle)->identity());
}

TEST(Bundle, KnowsWhichDevicesAStageIsFor) {
  BundleDescription d = exampleBundle();
  EXPECT_EQ(2u, d.model.deviceCount());
  std::get<ModelStage>(d.model.steps[0]).firstDevice = 4094;
  AlignedBuffer bytes = write(d);
  Result<std::unique_ptr<Bundle>> bundle = Bundle::parse(bytes.bytes());
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  EXPECT_EQ(4094u, (*bundle)->model().stages()[0]->firstDevice);
  EXPECT_EQ(4096u, (*bundle)->model().deviceCount());
}

TEST(Bundle, RefusesEveryTruncation) {
  AlignedBuffer bytes = write(exampleBundle());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE("", loadAll({bytes.data(), size})) << size;
  EXPECT_EQ("", loadAll(bytes.bytes()));
}

TEST(Bundle, RefusesTrailingBytes) {
  AlignedBuffer bytes = write(exampleBundle());
  AlignedBuffer longer = *AlignedBuffer::allocate(bytes.size() + 1);
  std::memcpy(longer.data(), bytes.data(), bytes.size());
  EXPECT_NE("", loadAll(longer.bytes()));
}

TEST(Bundle, RefusesEveryBitFlip) {
  AlignedBuffer bytes = write(exampleBundle());
  for (size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes.data()[at] ^= std::byte(1 << bit);
      EXPECT_NE("", loadAll(bytes.bytes())) << "byte " << at << " bit " << bit;
      bytes.data()[at] ^= std::byte(1 << bit);
    }
}

TEST(Bundle, RefusesOtherVersions) {
  BundleDescription d = exampleBundle();
  d.schemaVersion = bundleSchemaVersion + 1;
  EXPECT_NE(std::string::npos, loadAll(d).find("schema version"));
  d.schemaVersion = 0;
  EXPECT_NE(std::string::npos, loadAll(d).find("schema version"));
  d = exampleBundle();
  d.damage = [](std::vector<std::byte> &file) { file[8] = std::byte(2); };
  EXPECT_NE(std::string::npos, loadAll(d).find("layout"));
}

/// The root damaged at every byte, with its hashes made right again: the
/// verifier and the checks alone must keep the loader from harm. Whether a
/// change makes the bundle wrong depends on the byte; it must not crash.
TEST(Bundle, SurvivesEveryChangedRootByteWithRightHashes) {
  const size_t size = write(exampleBundle()).size();
  size_t refused = 0;
  for (size_t at = sizeof(FileHeader); at < size; ++at)
    for (int value : {0x00, 0x7f, 0x80, 0xff}) {
      BundleDescription d = exampleBundle();
      d.damage = [&](std::vector<std::byte> &file) {
        file[at] = std::byte(value);
      };
      refused += !loadAll(d).empty();
    }
  EXPECT_GT(refused, size);
}

struct Unsound {
  const char *name;
  void (*change)(BundleDescription &);
  const char *message;
};

class UnsoundBundle : public testing::TestWithParam<Unsound> {};

TEST_P(UnsoundBundle, IsRefused) {
  BundleDescription d = exampleBundle();
  GetParam().change(d);
  EXPECT_NE(std::string::npos, loadAll(d).find(GetParam().message))
      << loadAll(d);
}

const Unsound unsoundBundles[] = {
    {"DeviceTooLarge",
     [](BundleDescription &d) {
       std::get<ModelStage>(d.model.steps[0]).firstDevice = 4095;
     },
     "for devices that its kind cannot have"},
    {"DeviceOverflow",
     [](BundleDescription &d) {
       std::get<ModelStage>(d.model.steps[0]).firstDevice = UINT32_MAX;
     },
     "for devices that its kind cannot have"},
    {"SerialStageOnADevice",
     [](BundleDescription &d) {
       std::get<ModelStage>(d.model.steps[2]).firstDevice = 1;
     },
     "for devices that its kind cannot have"},
    {"SegmentOverlap",
     [](BundleDescription &d) { d.segments[1].offsetError = -64; }, "overlaps"},
    {"SegmentInRoot",
     [](BundleDescription &d) { d.segments[0].offsetError = -128; },
     "overlaps"},
    {"SegmentUnaligned",
     [](BundleDescription &d) { d.segments[1].offsetError = 1; },
     "not aligned"},
    {"SegmentAlignmentTooSmall",
     [](BundleDescription &d) { d.segments[1].alignment = 32; },
     "wrong alignment"},
    {"SegmentAlignmentNoPowerOf2",
     [](BundleDescription &d) { d.segments[1].alignment = 192; },
     "wrong alignment"},
    {"SegmentAlignmentZero",
     [](BundleDescription &d) { d.segments[1].alignment = 0; },
     "wrong alignment"},
    {"SegmentPastEnd",
     [](BundleDescription &d) { d.segments[6].statedSize = 64; },
     "past the file's end"},
    {"SegmentSizeOverflow",
     [](BundleDescription &d) { d.segments[6].statedSize = UINT64_MAX; },
     "past the file's end"},
    {"SegmentOffsetOverflow",
     [](BundleDescription &d) {
       d.segments[6].offsetError = UINT64_MAX - 8191;
     },
     "past the file's end"},
    {"SomethingInPadding",
     [](BundleDescription &d) {
       d.damage = [](std::vector<std::byte> &file) {
         file[file.size() - 33] = std::byte(1);
       };
     },
     "between the bundle's segments"},
    {"TooManyValues",
     [](BundleDescription &d) {
       d.model.values.resize(40000, d.model.values[0]);
     },
     "too many values"},
    {"TooManySlots",
     [](BundleDescription &d) {
       stage(d).branches[0].slots.resize(40000, d.model.values[0]);
     },
     "too many slots"},
    {"TooManyBranches",
     [](BundleDescription &d) {
       ModelBranch idle;
       idle.target = "fake";
       stage(d).branches.resize(5000, idle);
     },
     "number of branches"},
    {"DimensionZero",
     [](BundleDescription &d) { d.model.values[1].shape = {1, 0}; },
     "dimension below 1"},
    {"DimensionNegative",
     [](BundleDescription &d) { d.model.values[1].shape = {1, -4}; },
     "dimension below 1"},
    {"ShapeProductOverflow",
     [](BundleDescription &d) {
       d.model.values[1].shape = {int64_t(1) << 32, int64_t(1) << 32};
     },
     "does not fit"},
    {"ShapeBytesOverflow",
     [](BundleDescription &d) {
       d.model.values[1].shape = {int64_t(1) << 31, int64_t(1) << 31};
     },
     "does not fit"},
    {"RankTooLarge",
     [](BundleDescription &d) { d.model.values[1].shape.assign(9, 1); },
     "more than 8"},
    {"ElementTypeUnknown",
     [](BundleDescription &d) { d.model.values[1].type = ElementType(9); },
     "element type 9"},
    {"InputOutOfRange",
     [](BundleDescription &d) { d.model.inputs[0].value = 99; },
     "does not exist"},
    {"OutputOutOfRange",
     [](BundleDescription &d) { d.model.outputs[0].value = 99; },
     "does not exist"},
    {"OutputNeverWritten",
     [](BundleDescription &d) { d.model.steps.pop_back(); },
     "before it is written"},
    {"NoOutputs", [](BundleDescription &d) { d.model.outputs.clear(); },
     "no outputs"},
    {"BranchInputOutOfRange",
     [](BundleDescription &d) { stage(d).branches[0].inputs = {5}; },
     "does not exist"},
    {"BranchReadsNeighbour",
     [](BundleDescription &d) { stage(d).branches[1].inputs = {1}; },
     "before it is written"},
    {"BranchOutputOutOfRange",
     [](BundleDescription &d) { stage(d).branches[0].outputs = {5}; },
     "its value's type"},
    {"TwoWriters",
     [](BundleDescription &d) { stage(d).branches[1].outputs = {1}; },
     "has a writer"},
    {"WritesItsInput",
     [](BundleDescription &d) { stage(d).branches[1].outputs = {0}; },
     "has a writer"},
    {"SlotOfOtherShape",
     [](BundleDescription &d) { stage(d).branches[0].slots[0].shape = {4}; },
     "its value's type"},
    {"TooFewSlots",
     [](BundleDescription &d) { stage(d).branches[0].slots.resize(1); },
     "fewer slots"},
    {"PartInputOutOfRange",
     [](BundleDescription &d) { stage(d).branches[0].parts[0].inputs = {3}; },
     "does not exist"},
    {"PartReadsTooEarly",
     [](BundleDescription &d) { stage(d).branches[0].parts[0].inputs = {2}; },
     "before it is written"},
    {"PartWritesInput",
     [](BundleDescription &d) { stage(d).branches[0].parts[0].outputs = {0}; },
     "has a writer"},
    {"OutputSlotNotWritten",
     [](BundleDescription &d) { stage(d).branches[0].parts.pop_back(); },
     "before it is written"},
    {"CodeOutOfRange",
     [](BundleDescription &d) { stage(d).branches[0].parts[0].code = 7; },
     "segment that does not exist"},
    {"WeightsOutOfRange",
     [](BundleDescription &d) { stage(d).branches[0].parts[0].weights = 7; },
     "segment that does not exist"},
    {"CodeNegative",
     [](BundleDescription &d) {
       stage(d).branches[0].parts[0].code = 0xfffffffe;
     },
     "negative index"},
    {"ArenaTooLarge",
     [](BundleDescription &d) {
       stage(d).branches[0].parts[0].arenaBytes = UINT64_MAX;
     },
     "arena size"},
    {"OmittedWithParts",
     [](BundleDescription &d) { stage(d).branches[0].omitted = true; },
     "omitted but has parts"},
    {"SerialStageOfTwo",
     [](BundleDescription &d) { stage(d).parallel = false; },
     "number of branches"},
    {"StageOfNone", [](BundleDescription &d) { stage(d).branches.clear(); },
     "number of branches"},
    {"MergeOfNothing", [](BundleDescription &d) { merge(d).inputs.clear(); },
     "no inputs"},
    {"MergeAxisOutOfRange", [](BundleDescription &d) { merge(d).axis = 2; },
     "axis does not exist"},
    {"MergeShapes", [](BundleDescription &d) { merge(d).inputs = {1, 2, 2}; },
     "do not fit"},
    {"MergeTooFew", [](BundleDescription &d) { merge(d).inputs = {1}; },
     "do not fit"},
    {"MergeOrderTwice", [](BundleDescription &d) { merge(d).order[1] = 0; },
     "not a permutation"},
    {"MergeOrderOutOfRange",
     [](BundleDescription &d) { merge(d).order[1] = 8; }, "not a permutation"},
    {"MergeOrderSize", [](BundleDescription &d) { merge(d).order.pop_back(); },
     "size of its axis"},
    {"MergeSumShapes",
     [](BundleDescription &d) {
       merge(d).kind = ModelMerge::Kind::Sum;
       merge(d).order.clear();
     },
     "sum's shapes differ"},
    {"MergeOutputOutOfRange", [](BundleDescription &d) { merge(d).output = 9; },
     "does not exist"},
    {"GoldenOutOfRange",
     [](BundleDescription &d) { d.model.golden[0].outputs = {99}; },
     "segment that does not exist"},
    {"GoldenSize",
     [](BundleDescription &d) { d.model.golden[0].outputs = {5}; },
     "its value's size"},
    {"GoldenCount",
     [](BundleDescription &d) { d.model.golden[0].inputs = {5, 5}; },
     "do not fit the inputs or outputs"},
    {"BranchGoldenSize",
     [](BundleDescription &d) {
       d = exampleWithBranchGolden();
       stage(d).branches[0].golden[0].outputs = {6};
     },
     "its value's size"},
    {"BranchGoldenCount",
     [](BundleDescription &d) {
       d = exampleWithBranchGolden();
       stage(d).branches[0].golden[0].inputs.clear();
     },
     "do not fit the inputs or outputs"},
    {"BranchGoldenOmitted",
     [](BundleDescription &d) {
       d = exampleWithBranchGolden();
       stage(d).branches[0].omitted = true;
       stage(d).branches[0].parts.clear();
     },
     "omitted but has parts or golden tensors"},
    {"GoldenTolerance",
     [](BundleDescription &d) { d.model.golden[0].tolerance = -1; },
     "tolerance"},
    {"MeanOfNothing", [](BundleDescription &d) { d.model.means = {{9, 5}}; },
     "a mean of a value that does not exist"},
    {"MeanOutOfRange", [](BundleDescription &d) { d.model.means = {{1, 7}}; },
     "a mean refers to a segment that does not exist"},
    {"MeanSize", [](BundleDescription &d) { d.model.means = {{1, 6}}; },
     "a mean has not its value's size"},
    {"LabelCount",
     [](BundleDescription &d) { d.model.outputs[0].labels = {"one"}; },
     "labels for"},
    {"ImageOfRankTwo",
     [](BundleDescription &d) { d.model.inputs[0].image.emplace(); },
     "said to be an image"},
};

INSTANTIATE_TEST_SUITE_P(Loader, UnsoundBundle,
                         testing::ValuesIn(unsoundBundles),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

TEST(Bundle, MayBeLargerThan4GiB) {
  // The last segment, which nothing uses, is said to have 5 GiB; the file gets
  // them as a hole.
  constexpr uint64_t size = uint64_t(5) << 30;
  BundleDescription d = exampleBundle();
  d.segments.push_back({std::vector<std::byte>(64)});
  d.segments.back().statedSize = size;
  d.damage = [](std::vector<std::byte> &file) {
    FileHeader header;
    std::memcpy(&header, file.data(), sizeof(header));
    header.fileSize += size - 64;
    std::memcpy(file.data(), &header, sizeof(header));
  };
  AlignedBuffer bytes = write(d);
  std::string path = testing::TempDir() + "lcp_large.fb";
  FILE *file = std::fopen(path.c_str(), "wb");
  ASSERT_TRUE(file);
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  ASSERT_EQ(0, truncate(path.c_str(), off_t(bytes.size() + size - 64)));
  Result<std::unique_ptr<Bundle>> bundle = Bundle::open(path);
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  EXPECT_EQ(size, (*bundle)->segments()[7].size);
  EXPECT_TRUE((*bundle)->segment(6).ok());
  std::remove(path.c_str());
}

/// A bundle of every released version is kept and must load for ever. Each was
/// written by the write(exampleBundle()) of its time.
class OldBundle : public testing::TestWithParam<uint32_t> {};

TEST_P(OldBundle, LoadsAndRuns) {
  Result<std::unique_ptr<Bundle>> bundle = Bundle::open(
      LCP_GOLDEN_BUNDLES "/schema-" + std::to_string(GetParam()) + ".fb");
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  EXPECT_TRUE((*bundle)->checkAllSegments().ok());
  EXPECT_EQ(GetParam(), (*bundle)->model().schemaVersion);
  EXPECT_EQ("example", (*bundle)->model().name);
  DriverRegistry drivers;
  drivers.add(makeFakeDriver());
  Result<std::unique_ptr<Executor>> executor =
      Executor::load(**bundle, drivers, {});
  ASSERT_TRUE(executor.ok()) << executor.status().message();
  Result<std::vector<GoldenComparison>> golden =
      verifyGolden(**bundle, **executor);
  ASSERT_TRUE(golden.ok()) << golden.status().message();
  EXPECT_TRUE((*golden)[0].passed());
}

INSTANTIATE_TEST_SUITE_P(Schema, OldBundle,
                         testing::Range(1u, bundleSchemaVersion + 1));

/// Schema 1 named the driver of a part, and by it what the part was.
TEST(Bundle, ReadsADriverOfSchema1AsAFormat) {
  BundleDescription d = exampleBundle();
  d.schemaVersion = 1;
  for (auto [driver, format] : {std::pair{"cpu", "cpu-image"},
                                {"gemm-functional", "gemm-stream"},
                                {"another", "another"}}) {
    d.driver = driver;
    AlignedBuffer bytes = write(d);
    Result<std::unique_ptr<Bundle>> bundle = Bundle::parse(bytes.bytes());
    ASSERT_TRUE(bundle.ok()) << bundle.status().message();
    for (const ModelStage *stage : (*bundle)->model().stages())
      for (const ModelBranch &branch : stage->branches)
        for (const ModelPart &part : branch.parts)
          EXPECT_EQ(format, part.format.name);
  }
}

TEST(Bundle, RefusesASegmentWhoseBytesChanged) {
  AlignedBuffer bytes = write(exampleBundle());
  Result<std::unique_ptr<Bundle>> bundle = Bundle::parse(bytes.bytes());
  ASSERT_TRUE(bundle.ok());
  const BundleSegment &weights = (*bundle)->segments()[2];
  bytes.data()[weights.offset] ^= std::byte(1);
  EXPECT_EQ(StatusCode::Corrupt, (*bundle)->segment(2).status().code());
  EXPECT_EQ(StatusCode::Corrupt, (*bundle)->copySegment(2).status().code());
  EXPECT_TRUE((*bundle)->segment(3).ok());
  EXPECT_EQ(StatusCode::NotFound, (*bundle)->segment(7).status().code());
}

} // namespace
