//===- BranchDevices.cpp - What the branches run on -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/BranchDevices.h"
#include "common/devices/ClusterFile.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/DenseSet.h"

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

/// How many branches the workers stand for: one each, but for replicas.
static size_t countBranches(const ClusterFile &file) {
  llvm::SmallDenseSet<unsigned> listed;
  return llvm::count_if(file.workers, [&](const ClusterWorker &worker) {
    return worker.branches.size() != 1 ||
           listed.insert(worker.branches[0]).second;
  });
}

/// The workers by branch; of replicas the first.
static FailureOr<SmallVector<const ClusterWorker *>>
orderWorkers(Operation *op, const ClusterFile &file) {
  SmallVector<const ClusterWorker *> order(countBranches(file));
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
    else if (!worker.branches.empty() && worker.branches[0] >= order.size())
      problem(worker, "there is no branch " + Twine(worker.branches[0]) +
                          " of " + Twine(order.size()) + " workers");
    else if (!worker.branches.empty()) {
      const ClusterWorker *&first = order[worker.branches[0]];
      if (first && first->device != worker.device)
        problem(worker, "the branch has another device on line " +
                            Twine(first->line) + ", of another width");
      else if (!first)
        first = &worker;
    }
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

FailureOr<std::vector<Device>>
mlir::lcp::findDevices(Operation *op, ArrayRef<std::string> names) {
  std::vector<Device> devices;
  std::vector<std::string> problems;
  for (const std::string &name : names)
    if (auto found = ::lcp::findDevice(name, ::lcp::deviceFolder(), problems))
      devices.push_back(std::move(*found));
  if (!problems.empty())
    return report(op, problems);
  return devices;
}

/// One at its peak would look fast beside one whose file says what it reaches.
static void compareAtPeakUnlessAllKnow(std::vector<Device> &devices) {
  if (llvm::all_of(devices,
                   [](auto &device) { return device.efficiency.has_value(); }))
    return;
  for (Device &device : devices)
    device.efficiency.reset();
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
  FailureOr<std::vector<Device>> devices = findDevices(op, *names);
  if (failed(devices))
    return failure();
  result.list = std::move(*devices);
  compareAtPeakUnlessAllKnow(result.list);
  return result;
}

LogicalResult mlir::lcp::checkFigures(Operation *op, ArrayRef<Device> devices,
                                      bool memory, bool link,
                                      StringRef refusal) {
  std::vector<std::string> problems;
  for (const Device &device : devices) {
    const char *missing = memory && !device.memoryBytes       ? "memory_bytes"
                          : !device.macPerSecond              ? "mac_per_s"
                          : link && !device.linkBitsPerSecond ? "link"
                                                              : nullptr;
    if (missing)
      problems.push_back((refusal + " for the device '" + device.name +
                          "': its file has no " + missing)
                             .str());
  }
  return problems.empty() ? success() : report(op, problems);
}
