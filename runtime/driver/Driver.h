//===- Driver.h - What runs a part of a branch ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled branch is a list of parts. Each part names the driver that can run
// it ("cpu", "gemm-functional") and carries that driver's code and weights as
// plain bytes. A driver turns them into a Program once, when the bundle is
// loaded; the executor then runs the Program as often as it likes.
//
// A driver knows nothing of bundles or FlatBuffers. It lives in
// targets/NAME/runtime and is registered by tools/RegisterDrivers.h.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_DRIVER_DRIVER_H
#define LCP_RUNTIME_DRIVER_DRIVER_H

#include "common/base/Span.h"
#include "common/base/Status.h"
#include "common/base/Tensor.h"
#include "runtime/platform/ThreadPool.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lcp::rt {

/// One part as the compiler's target left it. Everything here stays where it is
/// until the Program made from it is gone: a driver may keep the spans.
struct PartImage {
  /// Mapped from the bundle after its hash was checked; read-only; aligned to
  /// tensorAlignment; possibly empty.
  ByteSpan code;
  ByteSpan weights;
  /// The version of the driver's own contract (targets/NAME/abi).
  uint32_t abiVersion = 0;
  /// What the code was generated for, in the target's words: an instruction
  /// set ("x86_64", "aarch64"), an accelerator's configuration ("gemm-32x64").
  std::string_view isa;
  /// CPU features the code needs, by LLVM's names ("avx2", "fma", "neon").
  /// runtime/platform/CpuFeatures.h checks them.
  Span<const std::string> features;
  /// Scratch memory that run() will be handed.
  uint64_t arenaBytes = 0;
  Span<const TensorSpec> inputs;
  Span<const TensorSpec> outputs;
  /// Layers in the order in which the program runs them, if the target says.
  Span<const std::string> layerNames;
};

/// What one run works on.
struct Invocation {
  /// One pointer for every input and output of the part, in its order, each
  /// aligned to tensorAlignment and as large as its spec. Outputs overlap
  /// nothing else.
  Span<const void *const> inputs;
  Span<void *const> outputs;
  /// arenaBytes of scratch, aligned to tensorAlignment, with whatever an
  /// earlier run left in it. Null only if arenaBytes is 0.
  void *arena = nullptr;
  ThreadPool *pool = nullptr;
  /// For --profile: empty, or one counter for every name in
  /// Program::layerNames(), to which the program adds nanoseconds.
  Span<uint64_t> layerNanoseconds;
};

/// A loaded part, ready to run.
class Program {
public:
  virtual ~Program() = default;

  /// Computes the outputs from the inputs. Allocates nothing on success. The
  /// executor calls it from one thread at a time.
  virtual Status run(const Invocation &invocation) = 0;

  /// The layers that run() can time; none if the driver cannot tell them apart.
  virtual Span<const std::string> layerNames() const { return {}; }
};

/// Loads parts of one kind.
class Driver {
public:
  virtual ~Driver() = default;

  /// The name that parts ask for.
  virtual std::string_view name() const = 0;

  /// Checks the part against this machine (version, CPU features, sizes) and
  /// makes it runnable. The bytes passed their hash; whether they make sense is
  /// for the driver to check.
  virtual Result<std::unique_ptr<Program>> load(const PartImage &image) = 0;

  /// The part's code in words, for lcp-dump --disassemble.
  virtual Result<std::string> disassemble(const PartImage &image) const {
    return Status(StatusCode::Unsupported,
                  "driver '" + std::string(name()) + "' has no disassembler");
  }
};

/// The drivers of a process, by name.
class DriverRegistry {
public:
  /// Replaces a driver of the same name.
  void add(std::unique_ptr<Driver> driver);

  /// Fails with the names there are.
  Result<Driver *> find(std::string_view name) const;

  std::vector<std::string> names() const;

private:
  std::vector<std::unique_ptr<Driver>> drivers;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_DRIVER_DRIVER_H
