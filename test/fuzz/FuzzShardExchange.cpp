//===- FuzzShardExchange.cpp - Any bytes as pushes and those who await ----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is what a worker hears, one after the other: a byte that says what
// it is (a shard, a request that may await some, a request's end), two bytes of
// length, and the message.
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Codec.h"
#include "runtime/serving/ServedModel.h"
#include "runtime/serving/ShardExchange.h"

#include <cstdlib>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static ByteSpan bytesOf(const std::string &text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

namespace {

/// out = a, which may come in two pieces, and b.
class Joiner final : public Servable {
public:
  Joiner()
      : Servable({"m",
                  "v",
                  {{"a", ElementType::I8, {4}}, {"b", ElementType::I32, {1}}},
                  {{"out", ElementType::I8, {8}}},
                  {},
                  {{{"a0", ElementType::I8, {1}}, {"a1", ElementType::I8, {3}}},
                   {}}}) {}
  Status run(ServableRun &run) override {
    std::memcpy(run.outputs[0], run.inputs[0], 4);
    std::memcpy(static_cast<char *>(run.outputs[0]) + 4, run.inputs[1], 4);
    return Status();
  }
  void merge(size_t, Span<const std::byte *const> pieces,
             void *out) const override {
    std::memcpy(out, pieces[0], 1);
    std::memcpy(static_cast<char *>(out) + 1, pieces[1], 3);
  }
};

/// Answered once at most, and never with nothing said.
class Push final : public ServerCall {
public:
  explicit Push(std::string message) : message_(std::move(message)) {}
  const std::string &method() const override { return method_; }
  const PeerIdentity &peer() const override { return peer_; }
  ByteSpan message() const override { return bytesOf(message_); }
  Deadline deadline() const override { return noDeadline; }
  bool cancelled() const override { return false; }
  void onCancel(std::function<void()>) override {}
  void finish(Status status, Message) override {
    require(!answered && (status.ok() || !status.message().empty()));
    answered = true;
  }
  void refuse(Status status) override {
    require(!status.ok());
    finish(std::move(status), Message());
  }

private:
  const std::string method_ = "/lcp.ShardExchange/Push", message_;
  const PeerIdentity peer_{"", "127.0.0.1:1", 1};
  bool answered = false;
};

class Worker {
public:
  explicit Worker(EventLoop &loop)
      : exchange(loop),
        model(*ServedModel::create(std::make_unique<Joiner>(), residents)) {}
  ~Worker() {
    while (!waiting.empty())
      leave(0);
  }

  void push(std::string message) {
    exchange.push(std::make_shared<Push>(std::move(message)));
  }
  void infer(std::string message);
  void leave(size_t place);

private:
  struct Waiting {
    std::string message;
    InferRequest request;
    ShardExchange::WaiterId id = 0;
  };
  void compute(const InferRequest &request);

  ResidentValues residents;
  ShardExchange exchange;
  std::unique_ptr<ServedModel> model;
  std::vector<std::shared_ptr<Waiting>> waiting;
};

} // namespace

void Worker::infer(std::string bytes) {
  auto one = std::make_shared<Waiting>();
  one->message = std::move(bytes);
  Result<InferMessage> message = parseInferMessage(bytesOf(one->message));
  if (!message.ok())
    return;
  Result<InferRequest> request =
      matchRequest(*std::move(message), model->signature());
  if (!request.ok())
    return;
  one->request = *std::move(request);
  auto id = exchange.await(one->request, model->signature(),
                           [this, which = one.get()] {
                             which->id = 0;
                             compute(which->request);
                           });
  if (!id.ok())
    return;
  one->id = *id;
  if (*id == 0)
    compute(one->request);
  else
    waiting.push_back(std::move(one));
}

void Worker::leave(size_t place) {
  if (place >= waiting.size())
    return;
  if (waiting[place]->id != 0)
    exchange.leave(waiting[place]->id);
  waiting.erase(waiting.begin() + long(place));
}

/// Everything that it awaits is there.
void Worker::compute(const InferRequest &request) {
  for (const InferRequest::Input &input : request.inputs)
    for (const AwaitedShard &shard : input.awaited)
      require(shard.owner && !shard.contents.empty());
  Result<InferAnswer> answer =
      model->infer(request, {"", "127.0.0.1:1", 1}, noDeadline);
  require(answer.ok() ? answer->message.size() != 0
                      : !answer.status().message().empty());
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  quietMessageLogs();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::unique_ptr<EventLoop> loop = *EventLoop::start("fuzz");
  loop->runAndWait([&] {
    Worker worker(*loop);
    while (size >= 3) {
      const unsigned what = data[0] % 3;
      const size_t length = std::min<size_t>(data[1] | data[2] << 8, size - 3);
      std::string message(reinterpret_cast<const char *>(data + 3), length);
      data += 3 + length;
      size -= 3 + length;
      if (what == 0)
        worker.push(std::move(message));
      else if (what == 1)
        worker.infer(std::move(message));
      else
        worker.leave(length);
    }
  });
  return 0;
}
