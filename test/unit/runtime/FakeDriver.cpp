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

class FakeExecutable : public Executable {
public:
  FakeExecutable(float factor, float addend, size_t count)
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
  explicit FakeDriver(const char *engine) : engine(engine) {}
  std::string_view name() const override { return engine; }
  Span<const SupportedFormat> formats() const override {
    static constexpr SupportedFormat format = {"fake", "", 1, 1};
    return Span<const SupportedFormat>(&format, 1);
  }

  Result<std::unique_ptr<Executable>> load(const PartContents &part) override {
    std::string_view code(reinterpret_cast<const char *>(part.code.data()),
                          part.code.size());
    size_t count = *elementCount(part.inputs[0].shape);
    if (code == "increment")
      return std::unique_ptr<Executable>(
          std::make_unique<FakeExecutable>(1.0f, 1.0f, count));
    if (code != "scale" || part.weights.size() != sizeof(float) ||
        !isAligned(part.weights.data()))
      return Status(StatusCode::Corrupt, "no code of the fake driver");
    float factor;
    std::memcpy(&factor, part.weights.data(), sizeof(factor));
    return std::unique_ptr<Executable>(
        std::make_unique<FakeExecutable>(factor, 0.0f, count));
  }

private:
  const char *engine;
};

} // namespace

std::unique_ptr<Driver> makeFakeDriver(const char *engine) {
  return std::make_unique<FakeDriver>(engine);
}

} // namespace lcp::rt::test
