//===- MetricsPage.cpp - GET /metrics -------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/serving/MetricsPage.h"

#include "runtime/rpc/Address.h"

#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

/// Peers at a time, what a peer may send, and how long it may take.
constexpr size_t mostPeers = 8, longestRequest = 8192;
constexpr std::chrono::seconds patience(5);

static std::string respond(const char *status, const char *type,
                           const std::string &body) {
  return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

/// One connection: reads a request's head, then writes the answer.
class MetricsPage::Peer final : public EventLoop::Watcher {
public:
  Peer(Listener &listener, int descriptor)
      : listener(listener), descriptor(descriptor) {}
  ~Peer() override { ::close(descriptor); }

  void ready(uint32_t) override;

  Listener &listener;
  const int descriptor;
  EventLoop::TimerId timer;

private:
  /// False: the connection is over.
  bool read();
  bool write();

  std::string request, answer;
};

class MetricsPage::Listener final : public EventLoop::Watcher {
public:
  Listener(EventLoop &loop, int descriptor, Writer writer)
      : loop(loop), descriptor(descriptor), writer(std::move(writer)) {}
  ~Listener() override;

  Status listen() { return loop.watch(descriptor, EPOLLIN, *this); }
  void ready(uint32_t) override;
  std::string answer(const std::string &request) const;
  void close(Peer &peer);

  EventLoop &loop;

private:
  void add(int accepted);

  const int descriptor;
  const Writer writer;
  std::map<int, std::unique_ptr<Peer>> peers;
  /// While no more can be accepted.
  bool paused = false;
  EventLoop::TimerId resume;
};

MetricsPage::Listener::~Listener() {
  loop.cancelTimer(resume);
  loop.unwatch(descriptor);
  ::close(descriptor);
  while (!peers.empty())
    close(*peers.begin()->second);
}

void MetricsPage::Listener::ready(uint32_t) {
  int accepted = peers.size() < mostPeers
                     ? ::accept4(descriptor, nullptr, nullptr,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC)
                     : -1;
  if (accepted >= 0)
    return add(accepted);
  if (peers.size() < mostPeers && errno != EMFILE && errno != ENFILE)
    return;
  // It would be called again at once, until a peer leaves.
  paused = true;
  loop.changeEvents(descriptor, 0);
  if (peers.empty())
    resume = loop.runAt(Deadline::clock::now() + patience, [this] {
      paused = false;
      loop.changeEvents(descriptor, EPOLLIN);
    });
}

void MetricsPage::Listener::add(int accepted) {
  auto &peer = peers[accepted] = std::make_unique<Peer>(*this, accepted);
  if (!loop.watch(accepted, EPOLLIN, *peer).ok()) {
    peers.erase(accepted);
    return;
  }
  peer->timer = loop.runAt(Deadline::clock::now() + patience,
                           [this, peer = peer.get()] { close(*peer); });
}

void MetricsPage::Listener::close(Peer &peer) {
  loop.cancelTimer(peer.timer);
  loop.unwatch(peer.descriptor);
  peers.erase(peer.descriptor);
  if (!paused)
    return;
  paused = false;
  loop.changeEvents(descriptor, EPOLLIN);
}

std::string MetricsPage::Listener::answer(const std::string &request) const {
  const std::string line = request.substr(0, request.find('\r'));
  if (line.rfind("GET /metrics HTTP/1.", 0) == 0)
    return respond("200 OK", "text/plain; version=0.0.4; charset=utf-8",
                   writer());
  if (line.rfind("GET ", 0) == 0)
    return respond("404 Not Found", "text/plain", "there is /metrics\n");
  return respond("405 Method Not Allowed", "text/plain", "GET /metrics\n");
}

void MetricsPage::Peer::ready(uint32_t) {
  if (!(answer.empty() ? read() : write()))
    listener.close(*this);
}

bool MetricsPage::Peer::read() {
  char bytes[2048];
  ssize_t count = ::recv(descriptor, bytes, sizeof(bytes), 0);
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  request.append(bytes, size_t(count));
  if (count == 0 || request.size() > longestRequest)
    return false;
  if (request.find("\r\n\r\n") == std::string::npos)
    return true;
  answer = listener.answer(request);
  listener.loop.changeEvents(descriptor, EPOLLOUT);
  return true;
}

bool MetricsPage::Peer::write() {
  ssize_t count =
      ::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  answer.erase(0, size_t(count));
  return !answer.empty();
}

/// A socket that listens; its address comes back in `bound`.
static Result<int> listenOn(const std::string &address, std::string &bound) {
  LCP_ASSIGN_OR_RETURN(Endpoint endpoint, resolveAddress(address));
  LCP_RETURN_IF_ERROR(checkCanListen(endpoint, address));
  LCP_ASSIGN_OR_RETURN(SocketAddress where,
                       parseNumericAddress(endpoint.numeric));
  int descriptor =
      ::socket(where.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  SocketAddress actual;
  actual.size = sizeof(actual.storage);
  if (descriptor < 0 ||
      ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
      ::bind(descriptor, where.get(), where.size) != 0 ||
      ::listen(descriptor, int(mostPeers)) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&actual.storage),
                    &actual.size) != 0) {
    Status status(StatusCode::Unavailable,
                  "cannot listen on " + address + ": " + std::strerror(errno));
    if (descriptor >= 0)
      ::close(descriptor);
    return status;
  }
  bound = formatAddress(actual.get(), actual.size);
  return descriptor;
}

Result<std::unique_ptr<MetricsPage>>
MetricsPage::start(EventLoop &loop, const std::string &address, Writer writer) {
  std::unique_ptr<MetricsPage> page(new MetricsPage(loop));
  LCP_ASSIGN_OR_RETURN(int descriptor, listenOn(address, page->address_));
  page->listener =
      std::make_unique<Listener>(loop, descriptor, std::move(writer));
  Status status;
  loop.runAndWait([&] { status = page->listener->listen(); });
  LCP_RETURN_IF_ERROR(status);
  return page;
}

MetricsPage::MetricsPage(EventLoop &loop) : loop(loop) {}

MetricsPage::~MetricsPage() {
  loop.runAndWait([&] { listener.reset(); });
}
