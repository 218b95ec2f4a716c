//===- Worker.h - A server of branches, seen from outside -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_WORKER_H
#define LCP_RUNTIME_CLUSTER_WORKER_H

#include "runtime/executor/Executor.h"
#include "runtime/rpc/ModelSignature.h"
#include "runtime/rpc/Tls.h"

#include <memory>
#include <optional>

namespace lcp::rt {

/// A connection to one server, made once and kept: it reconnects by itself.
class Worker {
public:
  /// `largestResponse`, in bytes, is a messageLimit. Fails if the address is
  /// not one, or not loopback and there is no `tls`; whether anybody answers
  /// shows at the first call.
  static Result<std::unique_ptr<Worker>>
  connect(const std::string &address, const std::optional<TlsIdentity> &tls,
          int largestResponse);
  ~Worker();

  const std::string &address() const;
  bool usesTls() const;

  /// Whether it serves this very model: NotFound if it has none of the name,
  /// Mismatch if its version or tensors differ, Unavailable if nobody is there.
  /// Messages begin with the worker's address.
  Status check(const ModelSignature &model, Deadline deadline);

  struct State;

private:
  friend class RemoteCalls;
  explicit Worker(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

/// How the values of a RemoteModel get to its worker and back.
struct RemoteValues {
  struct Input {
    /// Under what key the worker has kept it; empty: it is sent.
    std::string keptAs;
    /// Nobody will ask for the kept value again.
    bool last = false;
  };
  /// One for every input.
  std::vector<Input> inputs;
  /// For every output, the key under which the worker keeps it for later calls
  /// of the same request; empty: it is sent back.
  std::vector<std::string> keepOutputsAs;
};

/// One model on one worker, with messages that are reused from call to call.
class RemoteModel {
public:
  /// `worker` outlives this.
  RemoteModel(Worker &worker, ModelSignature signature,
              const RemoteValues &values);
  RemoteModel(RemoteModel &&);
  ~RemoteModel();

  Worker &worker() const;
  const ModelSignature &signature() const;
  /// Of all calls so far, in bytes of protobuf messages.
  const Traffic &traffic() const;

private:
  friend class RemoteCalls;
  struct State;
  std::unique_ptr<State> state;
};

/// One call of a RemoteModel: pointers as in Servable::run, of which those of
/// kept values are not used.
struct RemoteCall {
  RemoteModel *model = nullptr;
  Span<const void *const> inputs;
  Span<void *const> outputs;
};

/// Calls on many workers at once, from one thread.
class RemoteCalls {
public:
  RemoteCalls();
  ~RemoteCalls();

  /// Starts all calls, then waits for all answers. No model may be in `calls`
  /// twice. After the first failure the others are cancelled; the error names
  /// the worker and the model. `request` is the inference that the calls are
  /// part of: kept values are found by it.
  Status run(Span<const RemoteCall> calls, const std::string &request,
             Deadline deadline);

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_WORKER_H
