//===- Channel.cpp - Calls to one server ----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Channel.h"

#include "runtime/rpc/ClientConnection.h"
#include "runtime/rpc/NameLookup.h"

#include <algorithm>
#include <optional>

using namespace lcp;
using namespace lcp::rt;
using std::chrono::milliseconds;

class Channel::Implementation final
    : public ClientConnection::Owner,
      public std::enable_shared_from_this<Implementation> {
public:
  Implementation(EventLoop &loop, Endpoint server, ChannelOptions options)
      : server(std::move(server)), loop(loop), options(std::move(options)) {}

  CallId call(std::string method, Message message, Deadline deadline,
              Done done);
  void cancel(CallId id);
  void connect();
  void shutDown();
  void setTls(std::shared_ptr<const TlsContext> tls);
  std::optional<CertificateSummary> serverCertificate() const;

  void opened(ClientConnection &) override;
  void closed(ClientConnection &which, bool wasOpen,
              const Status &reason) override;
  void leaving(ClientConnection &which) override;
  void askedForCalm() override;
  void answered(CallId id, Result<Bytes> answer) override;

  Endpoint server;
  State state = State::Connecting;
  Status reason;
  Listener listener;

private:
  struct Call {
    std::string method;
    Message message;
    Deadline deadline;
    Done done;
    EventLoop::TimerId timer;
    /// Null until it is sent.
    std::shared_ptr<ClientConnection> connection;
    int32_t stream = 0;
  };

  void send(CallId id, Call &call);
  /// The call, which is over; nothing if it was before.
  std::optional<Call> take(CallId id);
  void expire(CallId id);
  void setState(State next, Status why = Status());
  void connectAfter(milliseconds delay);
  void begin();
  void awaitName();
  void failed(const Status &why);
  void failWaiting();
  template <typename Function> auto unlessGone(Function function);

  EventLoop &loop;
  ChannelOptions options;
  std::shared_ptr<ClientConnection> connection;
  /// Those that the server is leaving, with calls it still answers.
  std::vector<std::shared_ptr<ClientConnection>> leavingConnections;
  /// By age, so that those which wait are sent in order.
  std::map<CallId, Call> calls;
  CallId callsMade = 0;
  /// Since a connection last held.
  unsigned attempts = 0;
  Deadline attempted;
  EventLoop::TimerId connectTimer;
  /// Of the attempt that begins.
  std::optional<NameLookup> lookup;
  /// The server wants few pings, on the connections that come: one that says so
  /// ends.
  bool isCalm = false;
};

/// `function`, which takes this, as something for the loop.
template <typename Function>
auto Channel::Implementation::unlessGone(Function function) {
  return [weak = weak_from_this(), function] {
    if (auto self = weak.lock())
      function(*self);
  };
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

Channel::CallId Channel::Implementation::call(std::string method,
                                              Message message,
                                              Deadline deadline, Done done) {
  const CallId id = ++callsMade;
  Call &call = calls[id];
  call = {std::move(method),
          std::move(message),
          deadline,
          std::move(done),
          {},
          nullptr,
          0};
  auto expireThis = unlessGone([id](auto &self) { self.expire(id); });
  if (deadline <= Deadline::clock::now())
    loop.post(expireThis);
  else if (deadline != noDeadline)
    call.timer = loop.runAt(deadline, expireThis);
  if (call.message.size() > UINT32_MAX)
    loop.post(unlessGone([id](auto &self) {
      self.answered(id, Status(StatusCode::Unsupported,
                               "a message of more than 4 GiB cannot be sent"));
    }));
  else if (state == State::Ready)
    send(id, call);
  else if (state == State::Down)
    loop.post(
        unlessGone([id, why = reason](auto &self) { self.answered(id, why); }));
  return id;
}

void Channel::Implementation::send(CallId id, Call &call) {
  Result<int32_t> stream =
      connection->send(id, call.method, std::move(call.message), call.deadline);
  if (stream.ok()) {
    call.connection = connection;
    call.stream = *stream;
    return;
  }
  // Its stream numbers are used up: the next call makes a new connection.
  loop.post(unlessGone(
      [id, why = stream.status(),
       which = std::weak_ptr<ClientConnection>(connection)](auto &self) {
        self.answered(id, why);
        if (auto used = which.lock(); used && used == self.connection)
          self.leaving(*used);
      }));
}

std::optional<Channel::Implementation::Call>
Channel::Implementation::take(CallId id) {
  auto found = calls.find(id);
  if (found == calls.end())
    return std::nullopt;
  Call call = std::move(found->second);
  calls.erase(found);
  loop.cancelTimer(call.timer);
  return call;
}

void Channel::Implementation::answered(CallId id, Result<Bytes> answer) {
  if (std::optional<Call> call = take(id))
    call->done(std::move(answer));
}

void Channel::Implementation::cancel(CallId id) {
  std::optional<Call> call = take(id);
  if (call && call->connection)
    call->connection->reset(call->stream);
}

void Channel::Implementation::expire(CallId id) {
  auto found = calls.find(id);
  if (found == calls.end())
    return;
  if (found->second.connection)
    found->second.connection->reset(found->second.stream);
  answered(id, Status(StatusCode::DeadlineExceeded,
                      "no answer before the deadline"));
}

//===----------------------------------------------------------------------===//
// The connection
//===----------------------------------------------------------------------===//

void Channel::Implementation::setState(State next, Status why) {
  if (next == state && next != State::Down)
    return;
  state = next;
  reason = std::move(why);
  if (listener)
    listener(state, reason);
}

void Channel::Implementation::connect() {
  attempted = Deadline::clock::now();
  std::string name = attempts > 0 ? nameOf(server) : "";
  if (name.empty())
    return begin();
  lookup.emplace(std::move(name));
  awaitName();
}

/// The loop must not wait for a name service, which has no descriptor to watch.
void Channel::Implementation::awaitName() {
  const Deadline now = Deadline::clock::now();
  std::optional<Result<Endpoint>> answer = lookup->answer();
  if (!answer && now < attempted + options.connectTimeout) {
    connectTimer = loop.runAt(now + milliseconds(10),
                              unlessGone([](auto &self) { self.awaitName(); }));
    return;
  }
  lookup.reset();
  // Where there is no TLS, nothing leaves this machine.
  if (answer && answer->ok() && ((*answer)->loopback || options.tls))
    server = **answer;
  begin();
}

void Channel::Implementation::begin() {
  auto made = ClientConnection::connect(loop, server, options, isCalm, *this);
  if (made.ok())
    connection = *std::move(made);
  else
    failed(made.status());
}

void Channel::Implementation::connectAfter(milliseconds delay) {
  loop.cancelTimer(connectTimer);
  // Counted from the last attempt, which may have taken long itself; never at
  // once, since this is called from the midst of things.
  connectTimer = loop.runAt(std::max(attempted + delay, Deadline::clock::now()),
                            unlessGone([](auto &self) { self.connect(); }));
}

void Channel::Implementation::opened(ClientConnection &) {
  setState(State::Ready);
  for (auto &[id, call] : calls)
    if (!call.connection && state == State::Ready)
      send(id, call);
}

/// An attempt failed, or a connection that had hardly begun.
void Channel::Implementation::failed(const Status &why) {
  milliseconds delay = options.firstBackoff;
  for (unsigned i = 0; i < attempts && delay < options.longestBackoff; ++i)
    delay *= 2;
  ++attempts;
  connectAfter(std::min(delay, options.longestBackoff));
  setState(State::Down, why);
  failWaiting();
}

void Channel::Implementation::failWaiting() {
  std::vector<CallId> waiting;
  for (auto &[id, call] : calls)
    if (!call.connection)
      waiting.push_back(id);
  for (CallId id : waiting)
    answered(id, reason);
}

void Channel::Implementation::closed(ClientConnection &which, bool wasOpen,
                                     const Status &why) {
  auto keep = shared_from_this();
  auto old = std::find_if(leavingConnections.begin(), leavingConnections.end(),
                          [&](auto &c) { return c.get() == &which; });
  if (old != leavingConnections.end()) {
    leavingConnections.erase(old);
    return;
  }
  connection = nullptr;
  if (!wasOpen || Deadline::clock::now() - attempted < options.longestBackoff)
    return failed(why);
  attempts = 0;
  connectAfter(milliseconds(0));
  setState(State::Connecting);
}

void Channel::Implementation::leaving(ClientConnection &which) {
  if (connection.get() != &which)
    return;
  leavingConnections.push_back(std::move(connection));
  connection = nullptr;
  connectAfter(milliseconds(0));
  setState(State::Connecting);
}

void Channel::Implementation::askedForCalm() { isCalm = true; }

void Channel::Implementation::setTls(std::shared_ptr<const TlsContext> tls) {
  options.tls = std::move(tls);
  if (connection && !connection->socket().peerHolds(*options.tls))
    connection->close(Status(
        StatusCode::Unavailable,
        "its certificate does not hold by our certificates as they are now"));
}

std::optional<CertificateSummary>
Channel::Implementation::serverCertificate() const {
  if (state != State::Ready || !connection)
    return std::nullopt;
  return connection->socket().peerCertificate();
}

void Channel::Implementation::shutDown() {
  loop.cancelTimer(connectTimer);
  for (auto &[id, call] : calls)
    loop.cancelTimer(call.timer);
  calls.clear();
  for (auto &old : leavingConnections)
    old->abandon();
  if (connection)
    connection->abandon();
}

//===----------------------------------------------------------------------===//
// Channel
//===----------------------------------------------------------------------===//

Channel::Channel(EventLoop &loop, Endpoint server, ChannelOptions options)
    : implementation(std::make_shared<Implementation>(loop, std::move(server),
                                                      std::move(options))) {
  implementation->connect();
}

Channel::~Channel() { implementation->shutDown(); }

Channel::CallId Channel::call(std::string method, Message message,
                              Deadline deadline, Done done) {
  return implementation->call(std::move(method), std::move(message), deadline,
                              std::move(done));
}

void Channel::cancel(CallId call) { implementation->cancel(call); }

void Channel::setTls(std::shared_ptr<const TlsContext> tls) {
  implementation->setTls(std::move(tls));
}

const Endpoint &Channel::server() const { return implementation->server; }

Channel::State Channel::state() const { return implementation->state; }

const Status &Channel::reason() const { return implementation->reason; }

std::optional<CertificateSummary> Channel::serverCertificate() const {
  return implementation->serverCertificate();
}

void Channel::onStateChange(Listener listener) {
  implementation->listener = std::move(listener);
}
