//===- StageRun.cpp - One stage of one request ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/StageRun.h"

#include <algorithm>
#include <cstring>
#include <utility>

using namespace lcp;
using namespace lcp::rt;

StageRun::StageRun(Fleet &fleet, std::shared_ptr<Request> request,
                   const std::vector<PlannedBranch> &branches,
                   Span<std::byte *const> values, bool mayMiss, Done done)
    : fleet(fleet), request(std::move(request)), branches(branches),
      mayMiss(mayMiss), done(std::move(done)), came(branches.size(), false) {
  std::vector<TensorPointer> tensors(values.size());
  for (const PlannedBranch &branch : branches)
    add(branch, values, tensors);
}

void StageRun::add(const PlannedBranch &branch, Span<std::byte *const> values,
                   std::vector<TensorPointer> &tensors) {
  if (request->isLeftOut(branch.device)) {
    runs.push_back(nullptr);
    return;
  }
  auto call = std::make_shared<BranchCall>(branch.call);
  call->request = request->id();
  for (size_t i = 0; i < call->inputs.size(); ++i) {
    if (!call->inputs[i].keptAs.empty())
      continue;
    BranchCall::Input &input = call->inputs[i];
    TensorPointer &tensor = tensors[branch.inputs[i]];
    input.image = request->imageOf(branch.inputs[i]);
    if (!tensor)
      tensor = makeTensor(branch.signature.inputs[i], values[branch.inputs[i]],
                          /*hasImage=*/input.image.has_value());
    input.tensor = tensor;
  }
  BranchRun::Task task;
  task.call = std::move(call);
  task.device = branch.device;
  task.number = branch.number;
  task.deliver = [&branch, values](const BranchAnswer &answer) {
    for (size_t i = 0; i < answer.size(); ++i)
      if (branch.call.keepOutputsAs[i].empty())
        std::memcpy(values[branch.outputs[i]], answer[i].data(),
                    answer[i].size());
  };
  task.done = [this, b = runs.size()] { ended(b); };
  runs.push_back(std::make_unique<BranchRun>(fleet, *request, std::move(task)));
}

void StageRun::start() {
  busy = true;
  left = size_t(std::count_if(runs.begin(), runs.end(),
                              [](const auto &run) { return run != nullptr; }));
  for (std::unique_ptr<BranchRun> &run : runs)
    if (run)
      run->start();
  busy = false;
  concludeIfOver();
}

void StageRun::workersChanged() {
  busy = true;
  for (std::unique_ptr<BranchRun> &run : runs)
    if (run)
      run->workersChanged();
  busy = false;
  concludeIfOver();
}

void StageRun::ended(size_t branch) {
  --left;
  came[branch] = runs[branch]->outcome().ok();
  if (!came[branch] && mayMiss)
    request->leaveOut(branches[branch].device);
  lost |= !came[branch] && !mayMiss;
  if (came[branch] && mayMiss)
    allowMissing();
  concludeIfOver();
}

/// One branch is there. Before, none is given up: an answer without any is
/// none.
void StageRun::allowMissing() {
  const bool outer = std::exchange(busy, true);
  for (std::unique_ptr<BranchRun> &run : runs)
    if (run)
      run->allowMissing();
  busy = outer;
}

void StageRun::concludeIfOver() {
  if (busy || !done || (left > 0 && !lost))
    return;
  const bool none = std::count(came.begin(), came.end(), true) == 0;
  Result<std::vector<bool>> result = came;
  if (lost || none)
    result = firstFailure();
  auto conclusion = std::exchange(done, nullptr);
  conclusion(std::move(result));
}

Status StageRun::firstFailure() const {
  for (const std::unique_ptr<BranchRun> &run : runs)
    if (run && !run->outcome().ok())
      return run->outcome();
  return Status(StatusCode::Unavailable,
                "every branch of the stage was left out");
}
