//===- InferenceScheduler.cpp - The life of an inference ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/InferenceScheduler.h"

#include "runtime/rpc/Limits.h"
#include "runtime/rpc/Parameters.h"
#include "runtime/rpc/Stations.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

struct InferenceScheduler::Inference {
  std::shared_ptr<ServerCall> call;
  ServedModel &model;
  ModelMetrics &metrics;
  InferRequest request;
  Deadline received = Deadline::clock::now();
  /// When it came to the queue, and when it was computed.
  Deadline queued = received, began = received, computed = received;
  /// Where it waits: 0 if not there.
  ShardExchange::WaiterId waiter = 0;
  ComputeQueue::JobId job = 0;
};

Result<std::unique_ptr<InferenceScheduler>>
InferenceScheduler::start(EventLoop &loop, size_t threads,
                          std::shared_ptr<const TlsContext> tls) {
  std::unique_ptr<InferenceScheduler> scheduler(new InferenceScheduler(loop));
  scheduler->exchange = std::make_unique<ShardExchange>(loop);
  scheduler->sender =
      std::make_unique<ShardSender>(loop, *scheduler->exchange, std::move(tls));
  LCP_ASSIGN_OR_RETURN(scheduler->queue,
                       ComputeQueue::start(threads, inferencesAtATime));
  return scheduler;
}

InferenceScheduler::~InferenceScheduler() {
  queue.reset();
  loop.runAndWait([&] {
    sender.reset();
    exchange.reset();
  });
}

/// The stations of an inference that ends now, as more of its answer: parts of
/// a message one behind the other are one message.
Bytes InferenceScheduler::trace(const Inference &inference) {
  std::vector<Station> stations;
  auto add = [&](const char *name, Deadline begin, Deadline end) {
    if (begin < end)
      stations.push_back(
          {name, nanosecondsSinceZero(begin), nanosecondsSinceZero(end)});
  };
  add("await", inference.received, inference.queued);
  add("queue", inference.queued, inference.began);
  add("compute", inference.began, inference.computed);
  add("push", inference.computed, Deadline::clock::now());
  inference::ModelInferResponse more;
  (*more.mutable_parameters())[traceParameter].set_string_param(
      formatStations(stations));
  return Bytes::of(more.SerializeAsString());
}

void InferenceScheduler::finish(Inference &inference, Status status,
                                Message reply) {
  if (inference.request.isTraced && status.ok())
    reply.append(trace(inference));
  inference.metrics.count(status.code());
  inference.call->finish(std::move(status), std::move(reply));
}

void InferenceScheduler::schedule(std::shared_ptr<ServerCall> call,
                                  ServedModel &model, ModelMetrics &metrics,
                                  InferRequest request) {
  auto inference = std::make_shared<Inference>(
      Inference{std::move(call), model, metrics, std::move(request)});
  auto waiter =
      exchange->await(inference->request, model.signature(), [this, inference] {
        inference->waiter = 0;
        enqueue(inference);
      });
  if (!waiter.ok())
    return finish(*inference, waiter.status(), Message());
  inference->waiter = *waiter;
  // The call keeps the callback; it must not keep itself by it.
  inference->call->onCancel([this, weak = std::weak_ptr<Inference>(inference)] {
    if (Pointer inference = weak.lock())
      abandon(*inference);
  });
  if (*waiter == 0)
    enqueue(inference);
}

/// Nobody is before it, and it is over sooner than a computing thread wakes up.
/// One a turn: where several come at once, receiving and computing them are
/// better done side by side. How long an image takes is up to the client.
bool InferenceScheduler::mayRunHere(const Inference &inference) const {
  const auto &inputs = inference.request.inputs;
  return inference.model.runsAreShort() && !*hasRunHere && queue->size() == 0 &&
         std::none_of(inputs.begin(), inputs.end(),
                      [](const auto &input) { return input.form.has_value(); });
}

void InferenceScheduler::enqueue(const Pointer &inference) {
  inference->queued = Deadline::clock::now();
  if (mayRunHere(*inference)) {
    *hasRunHere = true;
    loop.runLast([flag = hasRunHere] { *flag = false; });
    return compute(inference);
  }
  inference->job = queue->add([this, inference] { compute(inference); });
  if (inference->job == 0)
    finish(*inference,
           Status(StatusCode::ResourceExhausted,
                  std::to_string(inferencesAtATime) +
                      " requests are running or waiting here; ask again later"),
           Message());
}

void InferenceScheduler::abandon(Inference &inference) {
  bool waited = inference.waiter != 0;
  if (waited)
    exchange->leave(inference.waiter);
  if (waited || queue->remove(inference.job))
    ++inference.metrics.abandoned;
}

void InferenceScheduler::compute(const Pointer &inference) {
  ServerCall &call = *inference->call;
  const Deadline begin = Deadline::clock::now();
  if (call.cancelled() || begin > call.deadline()) {
    ++inference->metrics.abandoned;
    return call.finish(Status(StatusCode::DeadlineExceeded,
                              "the deadline passed before " +
                                  inference->model.signature().name + " began"),
                       Message());
  }
  inference->began = begin;
  inference->metrics.waiting.add(begin - inference->received);
  Result<InferAnswer> answer =
      inference->model.infer(inference->request, call.peer(), call.deadline());
  inference->computed = Deadline::clock::now();
  inference->metrics.computing.add(inference->computed - begin);
  if (!answer.ok())
    return finish(*inference, answer.status(), Message());
  inference->model.tookTime(inference->computed - begin);
  if (call.cancelled())
    inference->model.forget(inference->request, call.peer());
  if (answer->shards.empty())
    return finish(*inference, Status(), std::move(answer->message));
  loop.post([this, inference,
             answer = std::make_shared<InferAnswer>(*std::move(answer))] {
    deliver(inference, std::move(*answer));
  });
}

void InferenceScheduler::deliver(const Pointer &inference, InferAnswer answer) {
  sender->send(inference->request.id, answer.shards,
               inference->call->deadline(),
               [inference, message = std::move(answer.message)](Status status) {
                 finish(*inference, std::move(status), message);
               });
}
