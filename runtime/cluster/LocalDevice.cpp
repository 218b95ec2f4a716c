//===- LocalDevice.cpp - The device that a coordinator is -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/LocalDevice.h"

#include "runtime/rpc/Limits.h"

#include <algorithm>
#include <cstring>
#include <utility>

using namespace lcp;
using namespace lcp::rt;

/// Room for values between calls, as a worker has it: more if the outputs of
/// all that is under way need it.
static constexpr uint64_t leastRoom = 64 << 20;

/// What sets its calls apart from those of the workers' transport.
static constexpr Transport::CallId localCall = Transport::CallId(1) << 63;

Result<std::unique_ptr<LocalDevice>>
LocalDevice::start(EventLoop &loop, std::vector<LocalBranch> branches,
                   Trace *trace) {
  std::unique_ptr<LocalDevice> device(new LocalDevice(loop, trace));
  for (LocalBranch &branch : branches)
    LCP_RETURN_IF_ERROR(device->add(std::move(branch)));
  device->mostKeptBytes =
      std::max(leastRoom, (inferencesOfAPeer + 1) * device->mostKeptBytes);
  LCP_ASSIGN_OR_RETURN(device->thread, EventLoop::start("lcp-local"));
  return device;
}

Status LocalDevice::add(LocalBranch function) {
  const ModelSignature &signature = function.signature;
  Branch &branch = branches[signature.name];
  for (auto [specs, pointers] :
       {std::pair(&signature.inputs, &branch.inputs),
        std::pair(&signature.outputs, &branch.outputs)})
    for (const TensorSpec &spec : *specs) {
      LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
      LCP_ASSIGN_OR_RETURN(AlignedBuffer memory, AlignedBuffer::allocate(size));
      pointers->push_back(memory.data());
      branch.memory.push_back(std::move(memory));
      mostKeptBytes += specs == &signature.outputs ? size : 0;
    }
  branch.constInputs.assign(branch.inputs.begin(), branch.inputs.end());
  branch.function = std::move(function);
  return Status();
}

LocalDevice::~LocalDevice() {
  thread = nullptr;
  // What the thread has posted still names this, and runs before. The calls'
  // timers do too.
  loop.runAndWait([this] {
    for (auto &[id, call] : calls)
      loop.cancelTimer(call.timer);
    calls.clear();
    checks.clear();
  });
}

//===----------------------------------------------------------------------===//
// On the loop's thread
//===----------------------------------------------------------------------===//

bool LocalDevice::decodes(const Branch &branch, const BranchCall::Input &input,
                          size_t index) {
  return input.image && branch.function.signature.imageOf(index);
}

LocalDevice::CallId
LocalDevice::call(const BranchCall &call, TimePoint deadline,
                  std::function<void(Result<BranchAnswer>)> done) {
  const CallId id = next++;
  const std::string name = call.model->name;
  auto job = std::make_shared<Job>();
  auto timer = loop.runAt(deadline, [this, id, name] {
    finish(id, Status(StatusCode::DeadlineExceeded,
                      "no answer for " + name +
                          " before the deadline (--deadline-ms sets it)"));
  });
  calls[id] = {job, timer, std::move(done)};
  auto branch = branches.find(name);
  if (branch == branches.end()) {
    loop.post([this, id, name] {
      finish(id, Status(StatusCode::NotFound, "it does not serve " + name));
    });
    return id;
  }
  job->branch = &branch->second;
  job->call = call;
  job->deadline = deadline;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const BranchCall::Input &input = call.inputs[i];
    const bool reads = input.tensor && !decodes(branch->second, input, i);
    job->elements.push_back(reads ? input.tensor->bytes() : nullptr);
  }
  thread->post([this, id, job] {
    if (job->isDropped)
      return;
    auto outputs = std::make_shared<Result<Tensors>>(compute(*job));
    loop.post([this, id, outputs] { finish(id, *std::move(outputs)); });
  });
  return id;
}

void LocalDevice::finish(CallId id, Result<Tensors> outputs) {
  auto found = calls.find(id);
  // It was cancelled meanwhile.
  if (found == calls.end())
    return;
  Call call = std::move(found->second);
  calls.erase(found);
  loop.cancelTimer(call.timer);
  call.job->isDropped = true;
  if (!outputs.ok())
    return call.done(std::move(outputs).status().withContext("worker local"));
  BranchAnswer answer;
  for (const std::vector<std::byte> &output : *outputs)
    answer.push_back({output.data(), output.size()});
  call.done(std::move(answer));
}

LocalDevice::CallId LocalDevice::check(const ModelSignature &model,
                                       std::function<void(Status)> done) {
  const CallId id = next++;
  checks[id] = std::move(done);
  loop.post([this, id, name = model.name] {
    auto found = checks.find(id);
    if (found == checks.end())
      return;
    auto answer = std::move(found->second);
    checks.erase(found);
    answer(branches.count(name)
               ? Status()
               : Status(StatusCode::NotFound,
                        "worker local does not serve " + name));
  });
  return id;
}

void LocalDevice::cancel(CallId id) {
  checks.erase(id);
  auto found = calls.find(id);
  if (found == calls.end())
    return;
  found->second.job->isDropped = true;
  loop.cancelTimer(found->second.timer);
  calls.erase(found);
}

//===----------------------------------------------------------------------===//
// On the thread that computes
//===----------------------------------------------------------------------===//

Result<LocalDevice::Tensors> LocalDevice::compute(Job &job) {
  const ModelSignature &model = job.branch->function.signature;
  for (size_t i = 0; i < model.inputs.size(); ++i)
    LCP_RETURN_IF_ERROR(readInput(job, i));
  const TimePoint begun = Clock::now();
  LCP_RETURN_IF_ERROR(
      job.branch->function.run(job.branch->constInputs, job.branch->outputs));
  if (trace)
    trace->add({"local", model.name, "compute", begun, Clock::now()});
  Tensors outputs(model.outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    // The size was checked when the branch was added.
    const auto *data = static_cast<const std::byte *>(job.branch->outputs[i]);
    std::vector<std::byte> bytes(data, data + *byteSize(model.outputs[i]));
    const std::string &key = job.call.keepOutputsAs[i];
    if (key.empty())
      outputs[i] = std::move(bytes);
    else
      keep({job.call.request, key}, {std::move(bytes), job.deadline});
  }
  return outputs;
}

Status LocalDevice::readInput(const Job &job, size_t index) {
  const BranchCall::Input &input = job.call.inputs[index];
  const ModelSignature &model = job.branch->function.signature;
  const TensorSpec &spec = model.inputs[index];
  void *to = job.branch->inputs[index];
  if (decodes(*job.branch, input, index))
    return readImage(
        input.image->form,
        {input.image->bytes->data(), input.image->bytes->size()}, spec,
        *model.imageOf(index),
        {static_cast<float *>(to), size_t(*elementCount(spec.shape))});
  if (input.keptAs.empty()) {
    const SharedTensor::Bytes &bytes = job.elements[index];
    std::memcpy(to, bytes->data(), bytes->size());
    return Status();
  }
  auto found = kept.find({job.call.request, input.keptAs});
  if (found == kept.end())
    return Status(StatusCode::NotFound,
                  "input '" + spec.name + "' is not kept here any more");
  std::memcpy(to, found->second.bytes.data(), found->second.bytes.size());
  if (input.last)
    forget(found);
  return Status();
}

LocalDevice::KeptValues::iterator
LocalDevice::forget(KeptValues::iterator value) {
  keptBytes -= value->second.bytes.size();
  return kept.erase(value);
}

/// Values of requests that failed go with their deadline, or when there are too
/// many: what is missed can be computed again.
void LocalDevice::keep(const KeptKey &key, Kept value) {
  const TimePoint now = Clock::now();
  for (auto other = kept.begin(); other != kept.end();)
    other = other->first == key || other->second.deadline < now
                ? forget(other)
                : std::next(other);
  keptBytes += value.bytes.size();
  while (keptBytes > mostKeptBytes && !kept.empty())
    forget(std::min_element(kept.begin(), kept.end(),
                            [](const auto &a, const auto &b) {
                              return a.second.deadline < b.second.deadline;
                            }));
  kept.emplace(key, std::move(value));
}

//===----------------------------------------------------------------------===//
// As one of the workers
//===----------------------------------------------------------------------===//

void LocalTransport::start(ConnectionListener &listener) {
  others.start(listener);
  loop.post([this, &listener] { listener.connected(local); });
}

Transport::CallId
LocalTransport::call(size_t worker, const BranchCall &call, TimePoint deadline,
                     std::function<void(Result<BranchAnswer>)> done) {
  if (worker != local)
    return others.call(worker, call, deadline, std::move(done));
  return localCall | device.call(call, deadline, std::move(done));
}

Transport::CallId LocalTransport::check(size_t worker,
                                        const ModelSignature &model,
                                        TimePoint deadline,
                                        std::function<void(Status)> done) {
  if (worker != local)
    return others.check(worker, model, deadline, std::move(done));
  return localCall | device.check(model, std::move(done));
}

void LocalTransport::cancel(CallId call) {
  if (call & localCall)
    device.cancel(call & ~localCall);
  else
    others.cancel(call);
}
