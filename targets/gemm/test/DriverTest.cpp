//===- DriverTest.cpp - Streams on an engine, by its driver ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/driver/Driver.h"
#include "targets/gemm/test/StreamBuilder.h"

#include <gtest/gtest.h>

namespace lcp::rt::gemm {
void registerDrivers(DriverRegistry &registry);
}

using namespace lcp::gemm;
using namespace lcp::gemm::test;
using namespace lcp;
using namespace lcp::rt;

namespace {

/// A part of two f32 inputs of shape 1x2x1x2, their difference, and a copy of
/// it as i8.
class DriverTest : public testing::Test {
protected:
  DriverTest() {
    lcp::rt::gemm::registerDrivers(registry);
    driver = *registry.find("gemm-functional");
    auto binding = [](BindingType type, float scale, uint32_t base) {
      return Binding{type, scale, 1, 2, 1, 2, denseMap(base, 2, 1, 2), {}};
    };
    builder.inputs = {binding(BindingType::F32, 0.5f, 0),
                      binding(BindingType::F32, 0.25f, 4)};
    builder.outputs = {binding(BindingType::F32, 2.0f, 8),
                       binding(BindingType::I8, 1.0f, 8)};
    builder.memoryBytes = 12;
    Command add = neutralCommand(Kind::Add);
    add.channels = 2;
    add.width = add.inputWidth = 2;
    add.input = denseMap(0, 2, 1, 2);
    add.second = denseMap(4, 2, 1, 2);
    add.output = denseMap(8, 2, 1, 2);
    add.factors[0] = 2, add.factors[1] = -1;
    add.shift = 1;
    builder.commands = {add};
    specs = {{"a", lcp::ElementType::F32, {1, 2, 1, 2}},
             {"b", lcp::ElementType::F32, {1, 4}},
             {"c", lcp::ElementType::F32, {1, 2, 1, 2}},
             {"d", lcp::ElementType::I8, {1, 2, 1, 2}}};
    part.format = {kFormat, kIsa, kAbiVersion};
    part.arenaBytes = builder.memoryBytes;
    part.inputs = Span<const TensorSpec>(specs.data(), 2);
    part.outputs = Span<const TensorSpec>(specs.data() + 2, 2);
    part.layerNames = names;
  }

  Result<std::unique_ptr<Executable>> load() {
    code = builder.bytes();
    part.code = code.bytes();
    return driver->load(part);
  }

  std::string refusal() {
    auto executable = load();
    return executable.ok() ? "accepted" : executable.status().message();
  }

  DriverRegistry registry;
  Driver *driver;
  StreamBuilder builder;
  std::vector<TensorSpec> specs;
  std::vector<std::string> names{"difference"};
  AlignedBuffer code;
  PartContents part;
};

TEST_F(DriverTest, QuantisesMovesAndDequantises) {
  auto executable = load();
  ASSERT_TRUE(executable.ok()) << executable.status().message();
  // 0.75 / 0.5 = 1.5 goes to the even 2; NaN to -127; the rest is exact.
  float a[4] = {0.75f, 1e9f, -1.0f, NAN}, b[4] = {0.25f, -0.5f, 0.75f, 0.0f};
  float c[4];
  int8_t d[4];
  AlignedBuffer arena = *AlignedBuffer::allocate(builder.memoryBytes);
  const void *inputs[] = {a, b};
  void *outputs[] = {c, d};
  uint64_t nanoseconds[1] = {0};
  Invocation invocation;
  invocation.inputs = inputs;
  invocation.outputs = outputs;
  invocation.arena = arena.data();
  invocation.layerNanoseconds = nanoseconds;
  ASSERT_TRUE((*executable)->run(invocation).ok());
  // (2a - b) / 2, half up: (4-1)/2 = 1.5 to 2; (254+2)/2 = 128 to 127;
  // (-4-3)/2 = -3.5 to -3; -127.
  const int8_t expected[4] = {2, 127, -3, -127};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(d[i], expected[i]);
    EXPECT_EQ(c[i], 2.0f * expected[i]);
  }
  EXPECT_GT(nanoseconds[0], 0u);
  EXPECT_EQ((*executable)->layerNames()[0], "difference");
}

TEST_F(DriverTest, AFileThatChangesLaterOnlyChangesNumbers) {
  // One channel: 0 * 0 + bias 5, shift 0; then the table says 255.
  Command gemm = neutralCommand(Kind::Gemm);
  gemm.input = denseMap(0, 1, 1, 1);
  gemm.output = denseMap(8, 1, 1, 1);
  gemm.weightBase = 8;
  builder.commands = {gemm};
  ChannelEntry entry{5, 1, 0, 0};
  AlignedBuffer weights = *AlignedBuffer::allocate(16);
  std::memcpy(weights.data(), &entry, sizeof(entry));
  builder.weights.assign(16, 0);
  part.weights = static_cast<const AlignedBuffer &>(weights).bytes();
  auto executable = load();
  ASSERT_TRUE(executable.ok()) << executable.status().message();
  std::memset(weights.data(), 0xff, 8);
  float a[4] = {}, b[4] = {}, c[4];
  int8_t d[4] = {};
  AlignedBuffer arena = *AlignedBuffer::allocate(builder.memoryBytes);
  const void *inputs[] = {a, b};
  void *outputs[] = {c, d};
  Invocation invocation;
  invocation.inputs = inputs;
  invocation.outputs = outputs;
  invocation.arena = arena.data();
  ASSERT_TRUE((*executable)->run(invocation).ok());
  EXPECT_EQ(d[0], 5);
}

TEST_F(DriverTest, Disassembles) {
  ASSERT_TRUE(load().ok());
  auto text = driver->disassemble(part);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "add      1x2x1x2 in=0x0+[4,4,2] second=0x4+[4,4,2] "
                   "out=0x8+[4,4,2] factors=2,-1 shift=1 clamp=-127..127 "
                   "layer=0  difference\n");
}

TEST_F(DriverTest, SupportsStreamsOfItsGeometryAndVersion) {
  EXPECT_TRUE(driver->supports({kFormat, kIsa, kAbiVersion}));
  EXPECT_FALSE(driver->supports({kFormat, kIsa, kAbiVersion + 1}));
  EXPECT_FALSE(driver->supports({kFormat, "gemm-16x16", kAbiVersion}));
  EXPECT_FALSE(driver->supports({"cpu-image", kIsa, kAbiVersion}));
}

TEST_F(DriverTest, RefusesAnInterfaceThatIsNotItsOwn) {
  specs[1].shape = {1, 5};
  EXPECT_EQ(refusal(), "gemm stream: tensor 'b' is not the one it was made "
                       "for; compile the model again");
  specs[1].shape = {1, 4};
  part.inputs = Span<const TensorSpec>(specs.data(), 1);
  EXPECT_EQ(refusal(), "gemm stream: made for another number of inputs or "
                       "outputs; compile the model again");
}

TEST_F(DriverTest, RefusesTooSmallAnArena) {
  part.arenaBytes = 11;
  EXPECT_EQ(refusal(), "gemm stream: needs 12 bytes of memory, but its part "
                       "has 11; compile the model again");
}

TEST_F(DriverTest, RefusesWhatTheValidatorRefuses) {
  builder.commands[0].output.base = 9;
  EXPECT_EQ(refusal(), "gemm stream: the output exceeds activation memory (0); "
                       "compile the model again");
}

} // namespace
