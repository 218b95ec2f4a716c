//===- FakeDriver.cpp - A driver for tests --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"

#include <cstring>

namespace lcp::rt::test {
namespace {

bool isAligned(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer) % tensorAlignment == 0;
}

class FakeProgram : public Program {
public:
  FakeProgram(float factor, float addend, size_t count)
      : factor(factor), addend(addend), count(count) {}

  Status run(const Invocation &invocation) override {
    if (!isAligned(invocation.inputs[0]) || !isAligned(invocation.outputs[0]) ||
        !isAligned(invocation.arena) || !invocation.pool)
      return Status(StatusCode::Internal, "the executor broke its contract");
    auto *in = static_cast<const float *>(invocation.inputs[0]);
    auto *out = static_cast<float *>(invocation.outputs[0]);
    for (size_t i = 0; i < count; ++i)
      out[i] = factor * in[i] + addend;
    // Scratch is ours: nobody may be hurt by this.
    std::memset(invocation.arena, 0xff, 64);
    return {};
  }

private:
  float factor, addend;
  size_t count;
};

class FakeDriver : public Driver {
public:
  std::string_view name() const override { return "fake"; }

  Result<std::unique_ptr<Program>> load(const PartImage &image) override {
    std::string_view code(reinterpret_cast<const char *>(image.code.data()),
                          image.code.size());
    size_t count = *elementCount(image.inputs[0].shape);
    if (code == "increment")
      return std::unique_ptr<Program>(
          std::make_unique<FakeProgram>(1.0f, 1.0f, count));
    if (code != "scale" || image.weights.size() != sizeof(float) ||
        !isAligned(image.weights.data()))
      return Status(StatusCode::Corrupt, "no code of the fake driver");
    float factor;
    std::memcpy(&factor, image.weights.data(), sizeof(factor));
    return std::unique_ptr<Program>(
        std::make_unique<FakeProgram>(factor, 0.0f, count));
  }
};

} // namespace

std::unique_ptr<Driver> makeFakeDriver() {
  return std::make_unique<FakeDriver>();
}

} // namespace lcp::rt::test
