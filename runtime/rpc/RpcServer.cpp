//===- RpcServer.cpp - Calls from other machines --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/RpcServer.h"

#include "runtime/rpc/Address.h"
#include "runtime/rpc/LineLimiter.h"
#include "runtime/rpc/ServerConnection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using std::chrono::milliseconds;

/// How often connections are looked through, and how long the door stays shut
/// when the system has no descriptors.
constexpr milliseconds sweepEvery(1000), pauseOfAccepting(100);

/// All of it on the loop's thread, but for `open`.
class RpcServer::State final : public EventLoop::Watcher,
                               public ServerConnection::Owner,
                               public std::enable_shared_from_this<State> {
public:
  State(EventLoop &loop, CallHandler &handler, const RpcServerOptions &options)
      : loop(loop), handler(handler), options(options), log(options.log),
        memory(std::make_shared<MemoryQuota>(options.memory)) {}
  ~State() override {
    for (int descriptor : {listening, spare})
      if (descriptor >= 0)
        ::close(descriptor);
  }

  Status listen();
  void begin();
  void drain();
  void end();
  bool idle() const;
  void setTls(std::shared_ptr<const TlsContext> tls);

  void ready(uint32_t) override;
  void opened(ServerConnection &connection) override;
  void closed(ServerConnection &connection, bool stranger,
              const Status &reason) override;
  void refused(const ServerConnection &connection,
               const Status &reason) override;

  EventLoop &loop;
  std::string address;
  std::atomic<unsigned> open{0};

private:
  bool acceptOne();
  void turnAwayOne();
  void admit(int descriptor);
  void pause();
  void resume();
  void sweep();
  void limitToDescriptors();
  bool makeRoom(const ServerConnection &newcomer);
  std::shared_ptr<ServerConnection> longestIdle();

  using Connections = std::map<uint64_t, std::shared_ptr<ServerConnection>>;

  CallHandler &handler;
  RpcServerOptions options;
  LineLimiter log;
  std::shared_ptr<MemoryQuota> memory;
  int listening = -1;
  /// Given up for a moment to tell a peer that there is no descriptor for it.
  int spare = -1;
  bool accepting = false, draining = false;
  EventLoop::TimerId resumeTimer, sweepTimer;
  /// By age.
  Connections strangers, known;
};

//===----------------------------------------------------------------------===//
// Listening
//===----------------------------------------------------------------------===//

static int openSpare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

Status RpcServer::State::listen() {
  LCP_ASSIGN_OR_RETURN(SocketAddress numeric,
                       parseNumericAddress(options.address));
  listening =
      socket(numeric.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int one = 1;
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  auto *boundAddress = reinterpret_cast<sockaddr *>(&bound);
  if (listening < 0 ||
      setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
      bind(listening, numeric.get(), numeric.size) != 0 ||
      ::listen(listening, SOMAXCONN) != 0 ||
      getsockname(listening, boundAddress, &size) != 0)
    return Status(StatusCode::Unavailable, "cannot listen on " +
                                               options.address + ": " +
                                               std::strerror(errno));
  address = formatAddress(boundAddress, size);
  spare = openSpare();
  limitToDescriptors();
  return Status();
}

/// At least half of the descriptors are for others.
void RpcServer::State::limitToDescriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return;
  unsigned quarter = unsigned(std::min<rlim_t>(limit.rlim_cur / 4, 1u << 20));
  quarter = std::max(quarter, 1u);
  options.largestConnections = std::min(options.largestConnections, quarter);
  options.largestStrangers = std::min(options.largestStrangers, quarter);
}

void RpcServer::State::begin() {
  resume();
  sweepTimer = loop.runAt(Deadline::clock::now() + sweepEvery,
                          [self = weak_from_this()] {
                            if (auto state = self.lock())
                              state->sweep();
                          });
}

void RpcServer::State::resume() {
  if (accepting || draining)
    return;
  accepting = loop.watch(listening, EPOLLIN, *this).ok();
  if (!accepting)
    pause();
}

void RpcServer::State::pause() {
  if (accepting)
    loop.unwatch(listening);
  accepting = false;
  loop.cancelTimer(resumeTimer);
  resumeTimer = loop.runAt(Deadline::clock::now() + pauseOfAccepting,
                           [self = weak_from_this()] {
                             if (auto state = self.lock())
                               state->resume();
                           });
}

void RpcServer::State::ready(uint32_t) {
  constexpr int atATime = 16;
  auto keep = shared_from_this();
  for (int i = 0; i < atATime && accepting; ++i)
    if (!acceptOne())
      return;
}

/// False if nobody else waits or nobody else can be taken for now.
bool RpcServer::State::acceptOne() {
  int descriptor =
      accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor >= 0) {
    admit(descriptor);
    return true;
  }
  switch (errno) {
  case EAGAIN:
    return false;
  case EMFILE:
  case ENFILE:
    turnAwayOne();
    return false;
  case ENOBUFS:
  case ENOMEM:
    pause();
    return false;
  default: // The peer's own trouble: ECONNABORTED and the network's errors.
    return true;
  }
}

/// So that peers learn at once what they would otherwise wait for, and the
/// queue of the system does not fill up with them.
void RpcServer::State::turnAwayOne() {
  if (spare >= 0)
    ::close(spare);
  int descriptor =
      accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor >= 0)
    ::close(descriptor);
  spare = openSpare();
  log.write("a peer was turned away: this process has no descriptors left "
            "(ulimit -n)");
  if (spare < 0 || descriptor < 0)
    pause();
}

//===----------------------------------------------------------------------===//
// Connections
//===----------------------------------------------------------------------===//

void RpcServer::State::admit(int descriptor) {
  if (strangers.size() >= options.largestStrangers)
    strangers.begin()->second->close(
        Status(StatusCode::ResourceExhausted,
               "it had not shown who it is and others wait"));
  auto connection = ServerConnection::accept(
      loop, descriptor, options, options.tls, memory, handler, *this);
  if (!connection.ok())
    return log.write("a peer was turned away: " +
                     connection.status().message());
  uint64_t id = (*connection)->peer().connection;
  strangers[id] = *std::move(connection);
  ++open;
}

std::shared_ptr<ServerConnection> RpcServer::State::longestIdle() {
  std::shared_ptr<ServerConnection> longest;
  for (auto &[id, connection] : known)
    if (!connection->busy() &&
        (!longest || connection->lastUsed() < longest->lastUsed()))
      longest = connection;
  return longest;
}

void RpcServer::State::opened(ServerConnection &connection) {
  auto found = strangers.find(connection.peer().connection);
  std::shared_ptr<ServerConnection> self = std::move(found->second);
  strangers.erase(found);
  if (known.size() >= options.largestConnections) {
    std::shared_ptr<ServerConnection> idle = longestIdle();
    Status full(StatusCode::ResourceExhausted,
                "there are " + std::to_string(known.size()) +
                    " connections already");
    if (!idle) {
      strangers[connection.peer().connection] = self;
      return connection.close(full);
    }
    idle->close(full);
  }
  known[connection.peer().connection] = std::move(self);
}

void RpcServer::State::closed(ServerConnection &connection, bool stranger,
                              const Status &reason) {
  uint64_t id = connection.peer().connection;
  if (!draining && (stranger || !connection.endedInOrder()))
    log.write(connection.peer().address +
              (stranger ? " was turned away: " : " was left: ") +
              reason.message());
  if (strangers.erase(id) + known.erase(id) != 0)
    --open;
  if (!accepting)
    resume();
}

void RpcServer::State::refused(const ServerConnection &connection,
                               const Status &reason) {
  const PeerIdentity &peer = connection.peer();
  log.write(
      peer.address +
      (peer.certificateName.empty() ? "" : " (" + peer.certificateName + ")") +
      ": a call was refused: " + reason.message());
}

void RpcServer::State::sweep() {
  Deadline now = Deadline::clock::now();
  std::vector<std::shared_ptr<ServerConnection>> idle;
  for (auto &[id, connection] : known)
    if (!connection->busy() &&
        now >= connection->lastUsed() + options.idleTimeout)
      idle.push_back(connection);
  for (const std::shared_ptr<ServerConnection> &connection : idle)
    connection->drain();
  begin();
}

void RpcServer::State::setTls(std::shared_ptr<const TlsContext> tls) {
  std::vector<std::shared_ptr<ServerConnection>> refused;
  for (auto &[id, connection] : known)
    if (tls && !connection->socket().peerHolds(*tls))
      refused.push_back(connection);
  options.tls = std::move(tls);
  for (const std::shared_ptr<ServerConnection> &connection : refused)
    connection->close(Status(StatusCode::Untrusted,
                             "its certificate does not hold any more"));
}

//===----------------------------------------------------------------------===//
// The end
//===----------------------------------------------------------------------===//

void RpcServer::State::drain() {
  draining = true;
  if (accepting)
    loop.unwatch(listening);
  accepting = false;
  loop.cancelTimer(resumeTimer);
  loop.cancelTimer(sweepTimer);
  ::close(std::exchange(listening, -1));
  ::close(std::exchange(spare, -1));
  for (auto &[id, connection] : known)
    connection->drain();
}

bool RpcServer::State::idle() const {
  return std::none_of(known.begin(), known.end(),
                      [](const auto &entry) { return entry.second->busy(); });
}

void RpcServer::State::end() {
  if (!draining)
    drain();
  Connections all = strangers;
  all.insert(known.begin(), known.end());
  for (auto &[id, connection] : all)
    connection->close(
        Status(StatusCode::Unavailable, "it closed the connection"));
}

RpcServer::RpcServer(std::shared_ptr<State> state) : state(std::move(state)) {}

Result<std::unique_ptr<RpcServer>>
RpcServer::start(EventLoop &loop, CallHandler &handler,
                 const RpcServerOptions &options) {
  auto state = std::make_shared<State>(loop, handler, options);
  LCP_RETURN_IF_ERROR(state->listen());
  loop.runAndWait([&] { state->begin(); });
  return std::unique_ptr<RpcServer>(new RpcServer(std::move(state)));
}

RpcServer::~RpcServer() {
  // The last that is left of it goes on the loop's thread, where its
  // connections do.
  EventLoop &loop = state->loop;
  loop.runAndWait([this] {
    state->end();
    state.reset();
  });
}

const std::string &RpcServer::address() const { return state->address; }

unsigned RpcServer::connections() const { return state->open; }

void RpcServer::setTls(std::shared_ptr<const TlsContext> tls) {
  state->loop.runAndWait([&] { state->setTls(std::move(tls)); });
}

void RpcServer::stop(milliseconds grace) {
  constexpr milliseconds step(2);
  Deadline end = Deadline::clock::now() + grace;
  state->loop.runAndWait([this] { state->drain(); });
  for (bool idle = false; !idle && Deadline::clock::now() < end;) {
    state->loop.runAndWait([&] { idle = state->idle(); });
    if (!idle)
      std::this_thread::sleep_for(step);
  }
  state->loop.runAndWait([this] { state->end(); });
}
