//===- ConnectWorkers.cpp - Which worker runs which branch ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ConnectWorkers.h"

#include "runtime/rpc/Limits.h"

#include <algorithm>
#include <system_error>
#include <thread>

using namespace lcp;
using namespace lcp::rt;
using lcp::ClusterFile;
using lcp::ClusterWorker;

namespace {

/// Signatures of what device i runs in every parallel stage, by i.
using BranchModels = std::vector<std::vector<ModelSignature>>;

/// What became of asking one worker.
struct Inquiry {
  std::unique_ptr<Worker> worker;
  std::vector<bool> serves;
  std::vector<std::string> problems;
};

} // namespace

static BranchModels listBranches(const ModelInfo &model,
                                 const std::string &version) {
  BranchModels branches(model.deviceCount());
  for (const ModelStage *stage : model.stages())
    for (size_t b = 0; stage->parallel && b < stage->branches.size(); ++b)
      branches[stage->firstDevice + b].push_back(
          branchSignature(model, version, stage->branches[b]));
  return branches;
}

static Result<int> largestResponse(const BranchModels &branches) {
  int largest = 0;
  for (const auto &models : branches)
    for (const ModelSignature &model : models) {
      LCP_ASSIGN_OR_RETURN(int limit, messageLimit(model.outputs));
      largest = std::max(largest, limit);
    }
  return largest;
}

/// Asks for one device's branches of all stages; the first refusal stands for
/// all.
static Status checkBranch(Worker &worker,
                          const std::vector<ModelSignature> &models,
                          Deadline deadline) {
  for (const ModelSignature &model : models)
    LCP_RETURN_IF_ERROR(worker.check(model, deadline));
  return Status();
}

/// Asks one worker about the branches it may run. `open` are the indices that
/// are in no list.
static void inquire(const ClusterWorker &entry, const BranchModels &branches,
                    const std::vector<unsigned> &open, Deadline deadline,
                    Inquiry &inquiry) {
  bool listed = !entry.branches.empty();
  inquiry.serves.assign(branches.size(), false);
  for (unsigned branch : listed ? entry.branches : open) {
    Status status = checkBranch(*inquiry.worker, branches[branch], deadline);
    if (status.ok()) {
      inquiry.serves[branch] = true;
    } else if (listed || status.code() != StatusCode::NotFound) {
      inquiry.problems.push_back(status.message());
      // The same trouble would be told again for every other branch.
      if (status.code() != StatusCode::NotFound)
        return;
    }
  }
  if (!listed && !open.empty() && inquiry.problems.empty() &&
      std::count(inquiry.serves.begin(), inquiry.serves.end(), true) == 0)
    inquiry.problems.push_back("worker " + entry.address +
                               " serves no branch of this model");
}

/// The indices that are in no worker's list and have something to run; a
/// problem for every one in a list that the model does not have.
static std::vector<unsigned> openBranches(const ClusterFile &file,
                                          const BranchModels &branches,
                                          std::vector<std::string> &problems) {
  const size_t count = branches.size();
  std::vector<bool> listed(count, false);
  for (const ClusterWorker &entry : file.workers)
    for (unsigned branch : entry.branches) {
      if (branch < count)
        listed[branch] = true;
      else
        problems.push_back(file.path + ":" + std::to_string(entry.line) +
                           ": there is no branch " + std::to_string(branch) +
                           "; the model has " + std::to_string(count));
    }
  std::vector<unsigned> open;
  for (unsigned i = 0; i < count; ++i)
    if (!listed[i] && !branches[i].empty())
      open.push_back(i);
  return open;
}

/// Gives every branch to a worker that serves it.
static void assign(const ClusterFile &file, const BranchModels &branches,
                   std::vector<Inquiry> &inquiries, ConnectedWorkers &placement,
                   std::vector<std::string> &problems) {
  std::vector<size_t> load(inquiries.size(), 0);
  placement.ofDevice.assign(branches.size(), nullptr);
  for (size_t i = 0; i < branches.size(); ++i) {
    if (branches[i].empty())
      continue;
    size_t best = inquiries.size();
    for (size_t w = 0; w < inquiries.size(); ++w)
      if (inquiries[w].serves[i] &&
          (best == inquiries.size() || load[w] < load[best]))
        best = w;
    if (best == inquiries.size()) {
      problems.push_back(file.path + ": no worker serves branch " +
                         std::to_string(i));
      continue;
    }
    ++load[best];
    placement.ofDevice[i] = inquiries[best].worker.get();
  }
}

/// Calls ask(0) to ask(count - 1), each in a thread of its own, or here if the
/// system has no more threads.
template <typename F> static void askAll(size_t count, const F &ask) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    try {
      threads.emplace_back([&ask, i] { ask(i); });
    } catch (const std::system_error &) {
      ask(i);
    }
  }
  for (std::thread &thread : threads)
    thread.join();
}

Result<ConnectedWorkers>
lcp::rt::placeBranches(const ModelInfo &model, const std::string &version,
                       const ClusterFile &file,
                       const std::optional<TlsIdentity> &tls, Deadline deadline,
                       std::vector<std::string> &problems) {
  size_t before = problems.size();
  Status failure(StatusCode::Unavailable,
                 file.path + ": the cluster cannot run this model");
  BranchModels branches = listBranches(model, version);
  if (branches.empty()) {
    problems.push_back(model.name + " has no parallel stage to distribute; "
                                    "split it (lcp-opt --lcp-split=N)");
    return failure;
  }
  std::vector<unsigned> open = openBranches(file, branches, problems);
  LCP_ASSIGN_OR_RETURN(int limit, largestResponse(branches));

  std::vector<Inquiry> inquiries(file.workers.size());
  for (size_t w = 0; w < inquiries.size(); ++w) {
    auto worker = Worker::connect(file.workers[w].address, tls, limit);
    if (worker.ok())
      inquiries[w].worker = *std::move(worker);
    else
      problems.push_back(worker.status().message());
  }
  if (problems.size() != before)
    return failure;

  askAll(inquiries.size(), [&](size_t w) {
    inquire(file.workers[w], branches, open, deadline, inquiries[w]);
  });
  for (const Inquiry &inquiry : inquiries)
    problems.insert(problems.end(), inquiry.problems.begin(),
                    inquiry.problems.end());
  if (problems.size() != before)
    return failure;

  ConnectedWorkers placement;
  assign(file, branches, inquiries, placement, problems);
  if (problems.size() != before)
    return failure;
  for (Inquiry &inquiry : inquiries)
    placement.workers.push_back(std::move(inquiry.worker));
  return placement;
}
