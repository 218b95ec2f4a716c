//===- ReceivedCall.h - A call between the loop and its handler -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_RECEIVEDCALL_H
#define LCP_RUNTIME_RPC_RECEIVEDCALL_H

#include "runtime/rpc/ServerConnection.h"

#include <optional>

namespace lcp::rt {

class ReceivedCall final : public ServerCall {
public:
  ReceivedCall(EventLoop &loop, std::weak_ptr<ServerConnection> connection,
               int32_t stream, std::string method,
               std::shared_ptr<const PeerIdentity> peer, Bytes message,
               Deadline deadline)
      : loop(loop), connection(std::move(connection)), stream(stream),
        method_(std::move(method)), peer_(std::move(peer)),
        message_(std::move(message)), deadline_(deadline) {}

  ~ReceivedCall() override {
    if (state == State::Open)
      deliver(Status(StatusCode::Internal, "the call was left unanswered"), {});
  }

  const std::string &method() const override { return method_; }
  const PeerIdentity &peer() const override { return *peer_; }
  ByteSpan message() const override { return message_.span(); }
  Deadline deadline() const override { return deadline_; }
  bool cancelled() const override { return state == State::Cancelled; }

  void onCancel(std::function<void()> callback) override {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (state == State::Open) {
        onCancel_ = std::move(callback);
        return;
      }
      if (state != State::Cancelled)
        return;
    }
    callback();
  }

  void finish(Status status, Message reply) override {
    if (leave(State::Finished))
      deliver(std::move(status), std::move(reply));
  }

  void refuse(Status status) override {
    if (leave(State::Finished))
      deliver(std::move(status), {}, Blame::Peer);
  }

  /// On the loop's thread.
  void cancel() {
    auto callback = leave(State::Cancelled);
    if (callback && *callback)
      (*callback)();
  }

private:
  enum class State { Open, Finished, Cancelled };

  /// The callback, which is not to be called again, if the call was open.
  std::optional<std::function<void()>> leave(State next) {
    std::lock_guard<std::mutex> lock(mutex);
    if (state != State::Open)
      return std::nullopt;
    state = next;
    return std::exchange(onCancel_, nullptr);
  }

  void deliver(Status status, Message reply, Blame blame = Blame::ByCode) {
    auto answer = [connection = connection, stream = stream,
                   blame](Status status, Message reply) {
      if (auto there = connection.lock())
        there->answer(stream, std::move(status), std::move(reply), blame);
    };
    if (loop.isLoopThread())
      return answer(std::move(status), std::move(reply));
    loop.post([answer, status = std::move(status),
               reply = std::move(reply)]() mutable {
      answer(std::move(status), std::move(reply));
    });
  }

  EventLoop &loop;
  const std::weak_ptr<ServerConnection> connection;
  const int32_t stream;
  const std::string method_;
  const std::shared_ptr<const PeerIdentity> peer_;
  const Bytes message_;
  const Deadline deadline_;
  std::mutex mutex;
  std::atomic<State> state{State::Open};
  std::function<void()> onCancel_;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_RECEIVEDCALL_H
