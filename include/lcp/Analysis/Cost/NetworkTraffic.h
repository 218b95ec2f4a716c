//===- NetworkTraffic.h - What is handed from step to step ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_NETWORKTRAFFIC_H
#define LCP_ANALYSIS_COST_NETWORKTRAFFIC_H

#include "common/traffic/TrafficModel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// The steps of `main`, whose first input goes in that form. Constants are no
/// values, nor is an input of a branch that it does not use; an op outside
/// lcp.parallel is a serial stage.
::lcp::TrafficModel describeTraffic(func::FuncOp main,
                                    const ::lcp::InputForm &input);

/// A tensor as the network knows it.
::lcp::TensorSpec describeTensor(RankedTensorType type, std::string name);

/// Gives an input of that many elements that form; pixels take a byte each.
void setInputForm(::lcp::TrafficModel &model, uint32_t value,
                  ::lcp::InputForm form);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_NETWORKTRAFFIC_H
