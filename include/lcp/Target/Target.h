//===- Target.h - What a compilation target is ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGET_TARGET_H
#define LCP_TARGET_TARGET_H

#include "common/base/PartFormat.h"
#include "lcp/Target/QuantSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class PassManager;
} // namespace mlir

namespace mlir::lcp {

/// What a tool has done to every pass manager before it runs: printing, timing,
/// crash reproducers. May be empty.
using PassManagerSetup = std::function<LogicalResult(PassManager &)>;

/// Sets `passes` up and runs them on `op`.
LogicalResult runPasses(PassManager &passes, Operation *op,
                        const PassManagerSetup &setUp);

/// How units are compiled, whatever for.
struct CompileSettings {
  PassManagerSetup setUpPasses;
  /// Convolutions add the products that define them, and no transform of them
  /// (docs/numerics.md).
  bool exactConv = false;
};

/// Bytes that end up as one aligned segment of a bundle.
struct Blob {
  std::vector<char> bytes;
  uint32_t alignment = 64;
};

/// One piece of a compiled branch that one engine runs without a break.
struct CompiledPart {
  /// What `code` and `weights` are. Any engine that supports the format may run
  /// the part.
  ::lcp::PartFormat format;
  /// CPU features the code needs, as LLVM names them, e.g. "avx512f".
  std::vector<std::string> features;
  Blob code;
  /// May be empty.
  Blob weights;
  /// Bytes of scratch memory that a run needs, aligned to 64.
  uint64_t arenaBytes = 0;
  /// Indices into CompiledBranch::slots, in the order of the part's interface.
  llvm::SmallVector<uint32_t> inputs, outputs;
  /// One name for each step that a profile may show.
  std::vector<std::string> layers;
};

/// A line of the report about where a layer went, and why.
struct LayerNote {
  /// The layer's location name, e.g. the ONNX node.
  std::string layer;
  /// Name of the target that compiled it.
  std::string target;
  /// Why it did not go where one would expect; empty where it did.
  std::string reason;
  /// How it is computed, in the target's words: a kernel and its tile, for
  /// whoever reads a profile. Empty where the target does not tell.
  std::string kernel;
};

/// A unit after compilation. Slots are the tensors between parts: first the
/// unit's arguments, then its results, then what only parts exchange. A result
/// that is an argument unchanged still has a slot of its own.
struct CompiledBranch {
  struct Slot {
    std::string name;
    RankedTensorType type;
  };
  std::vector<Slot> slots;
  std::vector<CompiledPart> parts;
  std::vector<LayerNote> notes;
};

/// A target compiles units: modules with one public func.func of plain lcp ops
/// (no lcp.parallel, no lcp.merge) on static tensors.
class Target {
public:
  virtual ~Target() = default;

  /// The name that --target takes, e.g. "rpi3".
  virtual StringRef getName() const = 0;
  /// One line for --list-targets.
  virtual std::string getDescription() const = 0;
  /// Name of the device file whose figures describe it (targets/devices).
  virtual StringRef getDevice() const = 0;
  /// Of a target that can compute in integers: the limits within which units
  /// are quantised (lib/Quantize) before compile() gets them, which needs a
  /// calibrated model. Nothing for one that computes in floating point only.
  virtual std::optional<QuantSpec> getQuantSpec() const { return std::nullopt; }
  /// Whether its units are quantised without being asked for (--int8).
  virtual bool prefersIntegers() const { return false; }
  /// Called on a unit before it is quantised, to set lcp.keep_float, with the
  /// reason, on ops that the target could not do as integers.
  virtual LogicalResult
  prepareForQuantize(func::FuncOp unit, const PassManagerSetup &setUp) const {
    return success();
  }
  /// Dialects that compile() creates ops of.
  virtual void registerDialects(DialectRegistry &registry) const = 0;
  /// Consumes `unit`: its contents are unspecified afterwards. Passes are run
  /// by runPasses. Reports through diagnostics.
  virtual FailureOr<CompiledBranch>
  compile(ModuleOp unit, const CompileSettings &settings) const = 0;
};

/// The targets that a tool was built with.
class TargetRegistry {
public:
  void add(std::unique_ptr<Target> target);
  /// Null when there is none of that name.
  const Target *lookup(StringRef name) const;
  /// In the order of registration.
  ArrayRef<std::unique_ptr<Target>> getTargets() const { return targets; }
  void registerDialects(DialectRegistry &registry) const;

private:
  llvm::SmallVector<std::unique_ptr<Target>> targets;
};

/// The single function of a unit. Emits an error and returns failure when the
/// module is not a unit.
FailureOr<func::FuncOp> getUnitFunction(ModuleOp unit);

} // namespace mlir::lcp

#endif // LCP_TARGET_TARGET_H
