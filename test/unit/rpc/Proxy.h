//===- Proxy.h - A link with faults -----------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_RPC_PROXY_H
#define LCP_TEST_UNIT_RPC_PROXY_H

#include "RawHttp2.h"

#include <atomic>
#include <random>

namespace lcp::rt::test {

/// Passes bytes on to a server and back. While `stopped` nothing passes and
/// nobody learns of it; of every chunk that passes, `flipped` of a thousand
/// have one bit of theirs changed.
class Proxy {
public:
  explicit Proxy(std::string target)
      : target(std::move(target)),
        server([this](RawSocket client) { serve(std::move(client)); }) {}
  ~Proxy() { ending = true; }

  const std::string &address() const { return server.address; }

  std::atomic<bool> stopped{false};
  std::atomic<unsigned> flipped{0};

private:
  void serve(RawSocket client) {
    RawSocket peer(target);
    std::minstd_rand random(++seeds);
    pollfd polls[2] = {{client.descriptor, POLLIN, 0},
                       {peer.descriptor, POLLIN, 0}};
    while (!ending && peer.connected()) {
      if (stopped) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      poll(polls, 2, 10);
      if (polls[0].revents && !pass(client, peer, random))
        return;
      if (polls[1].revents && !pass(peer, client, random))
        return;
    }
  }
  bool pass(RawSocket &from, RawSocket &to, std::minstd_rand &random) {
    char buffer[4096];
    ssize_t count = recv(from.descriptor, buffer, sizeof buffer, 0);
    if (count <= 0)
      return false;
    if (random() % 1000 < flipped)
      buffer[random() % size_t(count)] ^= char(1 << random() % 8);
    return to.send(std::string(buffer, size_t(count)));
  }

  const std::string target;
  std::atomic<bool> ending{false};
  std::atomic<unsigned> seeds{0};
  RawServer server;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_RPC_PROXY_H
