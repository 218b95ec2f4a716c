//===- FuzzBundle.cpp - Damaged bundles with right hashes -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hashes would stop every mutation at the door, so they are made right again
// before the loader sees the bytes: what is fuzzed are the checks that an
// attacker who can hash would meet. Nothing is ever mapped for execution: the
// drivers here accept any code and run none.
//
//===----------------------------------------------------------------------===//

#include "runtime/bundle/Bundle.h"
#include "runtime/executor/Executor.h"
#include "runtime/executor/Golden.h"
#include "runtime/schema/Layout.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// Models that work in more are sound but would only make the fuzzer slow; the
/// executor meets them all the same and is to refuse them.
constexpr uint64_t maxMemory = 1 << 22;

/// Writes zeros, as a program of any kind may.
class NullExecutable : public Executable {
public:
  explicit NullExecutable(const PartContents &part) {
    for (const TensorSpec &output : part.outputs)
      sizes.push_back(*byteSize(output));
  }
  Status run(const Invocation &invocation) override {
    for (size_t i = 0; i < sizes.size(); ++i)
      std::memset(invocation.outputs[i], 0, sizes[i]);
    return {};
  }

private:
  std::vector<uint64_t> sizes;
};

/// Takes the parts of one format, whatever it is.
class NullDriver : public Driver {
public:
  explicit NullDriver(const PartFormat &format)
      : format(format), support{this->format.name, this->format.isa,
                                format.version, format.version} {}
  std::string_view name() const override { return format.name; }
  Span<const SupportedFormat> formats() const override {
    return Span<const SupportedFormat>(&support, 1);
  }
  Result<std::unique_ptr<Executable>> load(const PartContents &part) override {
    return std::unique_ptr<Executable>(std::make_unique<NullExecutable>(part));
  }

private:
  const PartFormat format;
  const SupportedFormat support;
};

/// The input as a bundle whose block and hashes fit its bytes.
AlignedBuffer makeFile(const uint8_t *data, size_t size) {
  AlignedBuffer file = *AlignedBuffer::allocate(size);
  std::memcpy(file.data(), data, size);
  FileHeader header;
  std::memcpy(&header, data, sizeof(header));
  const FileHeader expected;
  std::memcpy(header.magic, expected.magic, sizeof(header.magic));
  header.layoutVersion = expected.layoutVersion;
  header.headerSize = expected.headerSize;
  header.rootOffset = expected.rootOffset;
  header.fileSize = size;
  header.rootSize = std::min<uint64_t>(header.rootSize, size - sizeof(header));
  std::memset(header.reserved, 0, sizeof(header.reserved));
  header.rootSha256 =
      *sha256({file.data() + header.rootOffset, header.rootSize});
  header.headerSha256 = *headerHash(header);
  std::memcpy(file.data(), &header, sizeof(header));
  return file;
}

/// Everything that the checks are meant to make safe.
void use(const Bundle &bundle) {
  (void)bundle.checkAllSegments();
  DriverRegistry drivers;
  for (const ModelStage *stage : bundle.model().stages())
    for (const ModelBranch &branch : stage->branches)
      for (const ModelPart &part : branch.parts)
        drivers.add(std::make_unique<NullDriver>(part.format));
  ExecutorOptions options;
  options.memory = maxMemory;
  Result<std::unique_ptr<Executor>> executor =
      Executor::load(bundle, drivers, options);
  if (!executor.ok())
    return;
  for (size_t i = 0; i < bundle.model().inputs.size(); ++i)
    std::memset((*executor)->input(i).data(), 0, (*executor)->input(i).size());
  if (!(*executor)->run().ok())
    std::abort();
  (void)verifyGolden(bundle, **executor);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < sizeof(FileHeader))
    return 0;
  AlignedBuffer file = makeFile(data, size);
  Result<std::unique_ptr<Bundle>> bundle =
      Bundle::parse(static_cast<const AlignedBuffer &>(file).bytes());
  if (bundle.ok())
    use(**bundle);
  return 0;
}
