//===- ChooseFactor.cpp - How far to divide -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseFactor.h"
#include "Options.h"
#include "Weightless.h"
#include "lcp/Devices/Device.h"
#include "lcp/Split/Footprint.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
struct Budget {
  std::string device;
  int64_t bytes;
  int64_t macs;

  bool holds(const DeviceFootprint &branch) const {
    return branch.memoryBytes() <= bytes && branch.macs <= macs;
  }
  /// "11.3 MB of 1024.0 MB and 1500000 of 22400000
  /// multiply-accumulates".
  std::string compare(const DeviceFootprint &branch) const {
    return llvm::formatv("{0:F1} MB of {1:F1} MB and {2} of {3} "
                         "multiply-accumulates",
                         branch.memoryBytes() / 1e6, bytes / 1e6, branch.macs,
                         macs);
  }
};
} // namespace

static FailureOr<Budget> readBudget(ModuleOp module, StringRef name,
                                    double latencyMs) {
  if (name.empty())
    return module.emitError("factor=auto needs the device that a branch has to "
                            "fit: device=NAME");
  if (!(latencyMs > 0 && latencyMs <= 1e9))
    return module.emitError("latency-ms must be from above 0 to 1e9");
  std::vector<std::string> problems;
  std::optional<::lcp::Device> device =
      ::lcp::findDevice(name.str(), ::lcp::deviceFolder(), problems);
  for (const std::string &problem : problems)
    module.emitError(problem);
  if (!device)
    return failure();
  if (device->memoryBytes == 0 || device->macPerSecond == 0)
    return module.emitError()
           << "factor=auto cannot use the device '" << name
           << "': its file has "
           << (device->memoryBytes == 0 ? "no memory_bytes" : "no mac_per_s");
  return Budget{name.str(), int64_t(device->memoryBytes),
                int64_t(device->macPerSecond * latencyMs / 1000)};
}

/// What the largest branch needs; on failure `why` has the splitter's reason.
static FailureOr<DeviceFootprint>
tryFactor(ModuleOp weightless, const SplitRequest &request, std::string &why) {
  ScopedDiagnosticHandler listen(
      weightless.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          why = diagnostic.str();
        return success();
      });
  OwningOpRef<ModuleOp> trial = weightless.clone();
  if (failed(splitWidths(*trial, request)) ||
      failed(removeNonBranchConnections(*trial, request.merge)))
    return failure();
  FailureOr<NetworkFootprint> footprint = measureNetwork(*trial);
  if (failed(footprint))
    return failure();
  return footprint->worstDevice();
}

FailureOr<int64_t> mlir::lcp::chooseFactor(ModuleOp module,
                                           SplitRequest request,
                                           StringRef device, double latencyMs) {
  FailureOr<Budget> budget = readBudget(module, device, latencyMs);
  if (failed(budget))
    return failure();
  OwningOpRef<ModuleOp> weightless = cloneWithoutWeights(module);
  // Affinity needs the weights, and changes no size.
  request.assignByAffinity = false;
  std::string tried, why;
  for (request.factor = 1; request.factor <= kMaxFactor; request.factor *= 2) {
    FailureOr<DeviceFootprint> branch = tryFactor(*weightless, request, why);
    if (failed(branch))
      break;
    tried = llvm::formatv("the largest of {0} branches needs {1}",
                          request.factor, budget->compare(*branch));
    if (!budget->holds(*branch))
      continue;
    module.emitRemark() << "factor=auto is " << request.factor << ": on "
                        << device << ' ' << tried;
    return request.factor;
  }
  if (tried.empty())
    return module.emitError(why);
  char limit[32];
  std::snprintf(limit, sizeof(limit), "%g", latencyMs);
  return module.emitError()
         << "no factor makes a branch fit " << device << " in " << limit
         << " ms: " << tried << (why.empty() ? "" : "; ") << why;
}
