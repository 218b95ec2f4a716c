//===- LCPCPUDialect.cpp - What the CPU target decides --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "targets/cpu/compiler/dialect/Layout.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

/// [image, group, channel, row]
static FailureOr<SmallVector<Loop>> parseLoops(AsmParser &parser) {
  SmallVector<Loop> loops;
  auto parseLoop = [&]() -> ParseResult {
    StringRef keyword;
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return failure();
    std::optional<Loop> loop = symbolizeLoop(keyword);
    if (!loop)
      return parser.emitError(at) << "no loop is called '" << keyword << "'";
    loops.push_back(*loop);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseLoop))
    return failure();
  return loops;
}

static void printLoops(AsmPrinter &printer, ArrayRef<Loop> loops) {
  printer << '[';
  llvm::interleaveComma(loops, printer,
                        [&](Loop loop) { printer << stringifyLoop(loop); });
  printer << ']';
}

#include "targets/cpu/compiler/dialect/LCPCPUDialect.cpp.inc"
#include "targets/cpu/compiler/dialect/LCPCPUEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "targets/cpu/compiler/dialect/LCPCPUAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "targets/cpu/compiler/dialect/LCPCPUOps.cpp.inc"

void LCPCPUDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "targets/cpu/compiler/dialect/LCPCPUAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "targets/cpu/compiler/dialect/LCPCPUOps.cpp.inc"
      >();
}

/// An attribute of this dialect's own types where its name says so.
static LogicalResult verifyNamed(Operation *op, NamedAttribute named) {
  Attribute value = named.getValue();
  StringRef name = named.getName();
  bool isFact = name == kNonNegativeAttr || name == kFitsDoubleAttr;
  bool fits = name == kMachineAttr    ? isa<MachineAttr>(value)
              : name == kLayoutAttr   ? isa<LayoutAttr>(value)
              : name == kScheduleAttr ? isa<ScheduleAttr>(value)
              : name == kViewAttr     ? isa<TypeAttr>(value)
              : isFact                ? isa<UnitAttr>(value)
                                      : isa<IntegerAttr>(value);
  if (!fits)
    return op->emitOpError() << "'" << name << "' cannot be " << value;
  return success();
}

LogicalResult LCPCPUDialect::verifyOperationAttribute(Operation *op,
                                                      NamedAttribute named) {
  return verifyNamed(op, named);
}

LogicalResult LCPCPUDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                      unsigned,
                                                      NamedAttribute named) {
  return verifyNamed(op, named);
}

LogicalResult LCPCPUDialect::verifyRegionResultAttribute(Operation *op,
                                                         unsigned, unsigned,
                                                         NamedAttribute named) {
  return verifyNamed(op, named);
}

LogicalResult MachineAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t lanes, int64_t registers, Scalars,
                                  Dots, int64_t fmas, int64_t loads,
                                  int64_t latency, int64_t l1d, int64_t l2,
                                  int64_t memory) {
  if (lanes != 4 && lanes != 8 && lanes != 16)
    return emitError() << "vectors have 4, 8 or 16 lanes, not " << lanes;
  if (registers < 8)
    return emitError() << registers << " registers are too few, of at least 8";
  if (fmas < 1 || loads < 1 || latency < 1)
    return emitError() << "fmas, loads and latency are at least 1";
  if (l1d < 1024 || l2 < l1d)
    return emitError() << "caches of " << l1d << " and " << l2
                       << " bytes: the nearest has at least 1024, and the next "
                          "no less than it";
  if (memory < 1)
    return emitError() << "memory brings at least one byte in a cycle";
  return success();
}

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t block, DenseI64ArrayAttr halo) {
  if (block < 1)
    return emitError() << "a block of " << block << " channels";
  auto isNegative = [](int64_t size) { return size < 0; };
  if (halo && (halo.size() != 4 || llvm::any_of(halo.asArrayRef(), isNegative)))
    return emitError() << "a halo has four sizes: top, left, bottom, right";
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   StringRef, int64_t lanes, Scalars, Dots,
                                   TileAttr, ArrayRef<Loop>, WeightsAttr) {
  if (lanes != 4 && lanes != 8 && lanes != 16)
    return emitError() << "vectors have 4, 8 or 16 lanes, not " << lanes;
  return success();
}

LogicalResult ConvertLayoutOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (type.getRank() != 4 && !fromAttribute(getLayoutAttr()).isPlain())
    return emitOpError() << "only images have blocks and halos, not " << type
                         << " (C1)";
  return success();
}

FailureOr<MachineAttr> mlir::lcp::cpu::getMachineOf(Operation *op) {
  Operation *module = op;
  if (!isa<ModuleOp>(op))
    module = op->getParentOfType<ModuleOp>();
  auto machine =
      module ? module->getAttrOfType<MachineAttr>(kMachineAttr) : MachineAttr();
  if (!machine)
    return op->emitOpError() << "is in no module with " << kMachineAttr
                             << ": run lcp-cpu-attach-machine first";
  return machine;
}
