//===- Driver.h - What runs a part of a branch ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled branch is a list of parts, each with a format (PartFormat.h), code
// and weights. An engine is what runs parts of some formats: this machine's
// CPU, a simulator, a board. A driver is the code that loads parts onto one
// engine, and bears the engine's name. It says which formats the engine
// supports; among the engines that support a part, --engine chooses, or the
// order in which they were registered.
//
// The driver makes an Executable of a part once, when the bundle is loaded; the
// executor then runs it as often as it likes.
//
// A driver knows nothing of bundles or FlatBuffers. It lives in
// targets/NAME/runtime and is registered by tools/RegisterDrivers.h.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_DRIVER_DRIVER_H
#define LCP_RUNTIME_DRIVER_DRIVER_H

#include "common/base/PartFormat.h"
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
/// until the Executable made from it is gone: a driver may keep the spans.
struct PartContents {
  /// One that the driver supports.
  PartFormat format;
  /// Mapped from the bundle after its hash was checked; read-only; aligned to
  /// tensorAlignment; possibly empty.
  ByteSpan code;
  ByteSpan weights;
  /// CPU features the code needs, by LLVM's names ("avx2", "fma", "neon").
  /// runtime/platform/CpuFeatures.h checks them.
  Span<const std::string> features;
  /// Scratch memory that run() will be handed.
  uint64_t arenaBytes = 0;
  Span<const TensorSpec> inputs;
  Span<const TensorSpec> outputs;
  /// Layers in the order in which the part runs them, if the target says.
  Span<const std::string> layerNames;
};

/// What one run works on.
struct Invocation {
  /// One pointer for every input and output of the part, in its order, each
  /// aligned to tensorAlignment, as large as its spec, and readable for
  /// tensorSlack more. Outputs overlap nothing else.
  Span<const void *const> inputs;
  Span<void *const> outputs;
  /// arenaBytes of scratch, aligned to tensorAlignment, with whatever an
  /// earlier run left in it. Null only if arenaBytes is 0.
  void *arena = nullptr;
  ThreadPool *pool = nullptr;
  /// For --profile: empty, or one counter for every name in
  /// Executable::layerNames(), to which run() adds nanoseconds.
  Span<uint64_t> layerNanoseconds;
};

/// A part on its engine, ready to run.
class Executable {
public:
  virtual ~Executable() = default;

  /// Computes the outputs from the inputs. Allocates nothing on success. The
  /// executor calls it from one thread at a time.
  virtual Status run(const Invocation &invocation) = 0;

  /// The layers that run() can time; none if the driver cannot tell them apart.
  virtual Span<const std::string> layerNames() const { return {}; }
};

/// A format that an engine runs, for one ISA and a range of versions.
struct SupportedFormat {
  std::string_view name, isa;
  uint32_t firstVersion = 0, lastVersion = 0;
};

/// Loads parts onto one engine.
class Driver {
public:
  virtual ~Driver() = default;

  /// The engine's name, as --engine takes it.
  virtual std::string_view name() const = 0;

  /// What the engine runs. Does not change.
  virtual Span<const SupportedFormat> formats() const = 0;
  bool supports(const PartFormat &format) const;

  /// Checks a part of a supported format against this machine (CPU features,
  /// sizes) and makes it runnable. The bytes passed their hash; whether they
  /// make sense is for the driver to check.
  virtual Result<std::unique_ptr<Executable>>
  load(const PartContents &part) = 0;

  /// The part's code in words, for lcp-dump --disassemble.
  virtual Result<std::string> disassemble(const PartContents &part) const {
    return Status(StatusCode::Unsupported,
                  "engine '" + std::string(name()) + "' has no disassembler");
  }
};

/// The drivers of a process, one an engine.
class DriverRegistry {
public:
  /// Replaces the driver of the same engine.
  void add(std::unique_ptr<Driver> driver);

  /// The engine of that name; fails with the names there are.
  Result<Driver *> find(std::string_view engine) const;

  /// Those that support a format, in the order in which they were registered.
  std::vector<Driver *> supporting(const PartFormat &format) const;

  /// The driver for a part: that of `preferred` if it supports the format, the
  /// first registered one that does otherwise. Fails with what the engines of
  /// this build support.
  Result<Driver *> select(const PartFormat &format,
                          const Driver *preferred = nullptr) const;

private:
  std::vector<std::unique_ptr<Driver>> drivers;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_DRIVER_DRIVER_H
