//===- Calibrate.h - A device file of what was measured ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_CALIBRATE_H
#define LCP_TOOLS_LCP_RUN_CALIBRATE_H

#include "Options.h"
#include "Report.h"
#include "runtime/cluster/BestLink.h"

namespace lcp::rt {

/// --calibrate-device=NAME.yaml: writes a device file with what this machine
/// reached, by kind of layer, in the benchmark of `report`, which has a
/// profile and the network of --counts, and with its link if that was measured.
/// What runs beside layers (pooling, layouts) is shared among them by their
/// times. Refuses a bundle with branches, a report of another one, and a file
/// that is not named like a device.
Status calibrateDevice(const RunOptions &options, const ModelInfo &model,
                       const Report &report,
                       const std::optional<MeasuredLink> &link);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_CALIBRATE_H
