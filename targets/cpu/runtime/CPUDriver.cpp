//===- CPUDriver.cpp - Runs executables of the CPU target -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/driver/Driver.h"
#include "runtime/platform/CpuFeatures.h"
#include "runtime/platform/ExecutableImage.h"
#include "runtime/platform/ThreadPool.h"
#include "runtime/platform/Time.h"
#include "targets/cpu/runtime/ExecutableHeader.h"

namespace lcp::rt::cpu {

namespace {

// The rest is for calls, and what a loader puts on a thread's stack.
static_assert(LCP_CPU_STACK_BYTES <= ThreadPool::kStackBytes / 2);

class CPUExecutable final : public Executable {
public:
  CPUExecutable(ExecutableImage image, const ExecutableHeader &header,
                const PartContents &part)
      : image(std::move(image)), info(header.info), weights(part.weights),
        names(part.layerNames.begin(), part.layerNames.end()) {
    const std::byte *address = this->image.base() + header.entryOffset;
    entry =
        reinterpret_cast<lcp_cpu_entry>(reinterpret_cast<uintptr_t>(address));
  }

  Status run(const Invocation &invocation) override;
  Span<const std::string> layerNames() const override { return names; }

private:
  void runSteps(lcp_cpu_call &call, const Invocation &invocation) const;

  ExecutableImage image;
  lcp_cpu_descriptor info;
  ByteSpan weights;
  std::vector<std::string> names;
  lcp_cpu_entry entry;
};

Status CPUExecutable::run(const Invocation &invocation) {
  if (invocation.inputs.size() != info.inputs ||
      invocation.outputs.size() != info.outputs)
    return Status(StatusCode::Internal,
                  "CPU part: wrong number of inputs or outputs");
  lcp_cpu_call call = {};
  call.inputs =
      reinterpret_cast<const uint8_t *const *>(invocation.inputs.data());
  call.outputs = reinterpret_cast<uint8_t *const *>(invocation.outputs.data());
  call.arena = static_cast<uint8_t *>(invocation.arena);
  call.weights = reinterpret_cast<const uint8_t *>(weights.data());
  call.threads = 1;
  ThreadPool *pool = invocation.pool;
  if (!pool || pool->threads() == 1) {
    runSteps(call, invocation);
    return {};
  }
  pool->run([&](unsigned thread, unsigned threads) {
    lcp_cpu_call mine = call;
    mine.thread = thread;
    mine.threads = threads;
    runSteps(mine, invocation);
  });
  return {};
}

/// One thread's share of every step. Threads meet behind each, and only there:
/// to fork and join for every step would make them wait twice.
void CPUExecutable::runSteps(lcp_cpu_call &call,
                             const Invocation &invocation) const {
  bool timed = call.thread == 0 && !invocation.layerNanoseconds.empty();
  for (call.step = 0; call.step < info.steps; ++call.step) {
    uint64_t start = timed ? monotonicNanoseconds() : 0;
    entry(&call);
    if (call.threads > 1)
      invocation.pool->meet();
    if (timed && call.step < invocation.layerNanoseconds.size())
      invocation.layerNanoseconds[call.step] += monotonicNanoseconds() - start;
  }
}

class CPUDriver final : public Driver {
public:
  std::string_view name() const override { return "cpu"; }
  Span<const SupportedFormat> formats() const override {
    return Span<const SupportedFormat>(&format, 1);
  }
  Result<std::unique_ptr<Executable>> load(const PartContents &part) override;

private:
  const SupportedFormat format = {LCP_CPU_FORMAT, hostIsa(),
                                  LCP_CPU_ABI_VERSION, LCP_CPU_ABI_VERSION};
};

/// The executable must be the one that the part describes.
Status checkPart(const PartContents &part, const lcp_cpu_descriptor &info) {
  auto differs = [](const char *what, uint64_t own, uint64_t bundle) {
    return Status(StatusCode::Corrupt, std::string("CPU executable: it has ") +
                                           what + ' ' + std::to_string(own) +
                                           ", the bundle says " +
                                           std::to_string(bundle));
  };
  if (info.inputs != part.inputs.size())
    return differs("inputs", info.inputs, part.inputs.size());
  if (info.outputs != part.outputs.size())
    return differs("outputs", info.outputs, part.outputs.size());
  if (info.steps != part.layerNames.size())
    return differs("steps", info.steps, part.layerNames.size());
  if (info.arena_bytes != part.arenaBytes)
    return differs("arena bytes", info.arena_bytes, part.arenaBytes);
  if (info.weight_bytes > part.weights.size())
    return differs("weight bytes", info.weight_bytes, part.weights.size());
  return {};
}

Result<std::unique_ptr<Executable>> CPUDriver::load(const PartContents &part) {
  LCP_RETURN_IF_ERROR(checkCpu(part.format.isa, part.features));
  LCP_ASSIGN_OR_RETURN(ExecutableHeader header,
                       readExecutableHeader(part.code, part.format.isa));
  LCP_RETURN_IF_ERROR(checkPart(part, header.info));
  LCP_ASSIGN_OR_RETURN(ExecutableImage image,
                       ExecutableImage::create(part.code));
  return std::unique_ptr<Executable>(
      std::make_unique<CPUExecutable>(std::move(image), header, part));
}

} // namespace

void registerDrivers(DriverRegistry &registry) {
  registry.add(std::make_unique<CPUDriver>());
}

} // namespace lcp::rt::cpu
