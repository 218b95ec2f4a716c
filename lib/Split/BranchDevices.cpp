//===- BranchDevices.cpp - What the branches run on -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BranchDevices.h"
#include "lcp/Devices/ClusterFile.h"
#include "lcp/Devices/ModelledTime.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::ClusterFile;
using ::lcp::ClusterWorker;
using ::lcp::Device;

std::vector<Device> BranchDevices::first(size_t count) const {
  if (anyNumber)
    return std::vector<Device>(count, list[0]);
  return {list.begin(), list.begin() + count};
}

/// A problem a line; the names of unknown devices each once.
static LogicalResult report(Operation *op, ArrayRef<std::string> problems) {
  for (size_t i = 0; i < problems.size(); ++i)
    if (!llvm::is_contained(problems.take_front(i), problems[i]))
      op->emitError(problems[i]);
  return failure();
}

/// The workers by branch.
static FailureOr<SmallVector<const ClusterWorker *>>
orderWorkers(Operation *op, const ClusterFile &file) {
  SmallVector<const ClusterWorker *> order(file.workers.size());
  std::vector<std::string> problems;
  auto problem = [&](const ClusterWorker &worker, const Twine &what) {
    problems.push_back(
        (file.path + ":" + Twine(worker.line) + ": " + what).str());
  };
  for (const ClusterWorker &worker : file.workers) {
    if (worker.device.empty())
      problem(worker, "the worker names no device, by which widths are chosen "
                      "(device: NAME)");
    if (worker.branches.size() > 1)
      problem(worker, "the worker has several branches; widths are chosen for "
                      "one a worker");
    else if (!worker.branches.empty() &&
             worker.branches[0] >= file.workers.size())
      problem(worker, "there is no branch " + Twine(worker.branches[0]) +
                          " of " + Twine(file.workers.size()) + " workers");
    else if (!worker.branches.empty())
      order[worker.branches[0]] = &worker;
  }
  if (!problems.empty())
    return report(op, problems);
  auto open = order.begin();
  for (const ClusterWorker &worker : file.workers)
    if (worker.branches.empty())
      *(open = std::find(open, order.end(), nullptr)) = &worker;
  return order;
}

static FailureOr<SmallVector<std::string>>
readNames(Operation *op, StringRef device, StringRef cluster) {
  SmallVector<std::string> names;
  if (cluster.empty()) {
    SmallVector<StringRef> list;
    device.split(list, ',');
    for (StringRef name : list)
      names.push_back(name.str());
    return names;
  }
  std::vector<std::string> problems;
  std::optional<ClusterFile> file =
      ::lcp::readClusterFile(cluster.str(), problems);
  if (!file)
    return report(op, problems);
  auto workers = orderWorkers(op, *file);
  if (failed(workers))
    return failure();
  for (const ClusterWorker *worker : *workers)
    names.push_back(worker->device);
  return names;
}

/// What the file of a device should say and does not; null if all is there.
static const char *missingFigure(const Device &device, bool several) {
  if (device.memoryBytes == 0)
    return "memory_bytes";
  if (device.macPerSecond == 0)
    return "mac_per_s";
  return several && device.linkBitsPerSecond == 0 ? "link" : nullptr;
}

FailureOr<BranchDevices> mlir::lcp::readBranchDevices(Operation *op,
                                                      StringRef device,
                                                      StringRef cluster) {
  auto names = readNames(op, device, cluster);
  if (failed(names))
    return failure();
  BranchDevices result;
  result.source = (cluster.empty() ? device : cluster).str();
  result.fromCluster = !cluster.empty();
  result.anyNumber = !result.fromCluster && names->size() == 1;
  std::vector<std::string> problems;
  for (const std::string &name : *names) {
    auto found = ::lcp::findDevice(name, ::lcp::deviceFolder(), problems);
    if (!found)
      continue;
    if (const char *figure = missingFigure(*found, !result.anyNumber))
      problems.push_back("widths cannot be chosen for the device '" + name +
                         "': its file has no " + figure);
    result.list.push_back(std::move(*found));
  }
  if (!problems.empty())
    return report(op, problems);
  return result;
}

bool BranchBudget::holds(const DeviceFootprint &branch) const {
  return branch.memoryBytes() <= int64_t(device.memoryBytes) &&
         branch.macs <= macs;
}

std::string BranchBudget::compare(const DeviceFootprint &branch) const {
  std::string text =
      llvm::formatv("{0:F1} MB of {1:F1} MB", branch.memoryBytes() / 1e6,
                    device.memoryBytes / 1e6);
  if (macs != std::numeric_limits<int64_t>::max())
    text += llvm::formatv(" and {0} of {1} multiply-accumulates", branch.macs,
                          macs);
  return text;
}

BranchTime mlir::lcp::modelTime(const Device &device,
                                const DeviceFootprint &branch) {
  return {::lcp::computeSeconds(device, branch.macs),
          ::lcp::linkSeconds(device, branch.bytesIn + branch.bytesOut,
                             branch.roundTrips)};
}

std::string mlir::lcp::describeTime(BranchTime time) {
  auto ms = [](std::optional<double> seconds) -> std::string {
    return seconds ? llvm::formatv("{0:F2}", 1e3 * *seconds).str() : "unknown";
  };
  return ms(time.compute) + " + " + ms(time.link);
}
