//===- LCPPlan.h - How a network is to be divided ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPPLAN_H
#define LCP_DIALECT_LCP_IR_LCPPLAN_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lcp {

/// Of the module: the plan by which it is, or was, divided.
inline constexpr llvm::StringLiteral kPlanAttr = "lcp.plan";

/// Null where there is none.
inline PlanAttr getPlan(ModuleOp module) {
  return module->getAttrOfType<PlanAttr>(kPlanAttr);
}

/// The plan in `text`, or null after one diagnostic of `report` that says in
/// which line it is wrong, and how.
PlanAttr parsePlan(StringRef text, MLIRContext *context,
                   function_ref<InFlightDiagnostic()> report);

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_LCPPLAN_H
