//===- DeviceProbe.h - What one device answers ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_DEVICEPROBE_H
#define LCP_RUNTIME_CLUSTER_DEVICEPROBE_H

#include "common/devices/ClusterFile.h"
#include "runtime/platform/Wireless.h"
#include "runtime/rpc/Channel.h"

namespace lcp::rt {

/// What was found out about one device of a fleet.
struct DeviceFacts {
  struct Model {
    std::string name;
    /// Its bundle's hash in hexadecimal.
    std::string version;
  };
  /// Of its calendar against this machine's, in seconds: positive if the device
  /// is ahead; right to `error`.
  struct Clock {
    double ahead = 0, error = 0;
    /// What it says, in seconds since 1970.
    int64_t says = 0;
  };
  using Time = std::chrono::duration<double>;

  ClusterWorker worker;
  /// Ok, or why it does not answer.
  Status reached;
  /// Of one that answers: Ok, or why it says nothing of itself.
  Status described;
  bool usesTls = false;
  /// It is reached without leaving this machine.
  bool isLoopback = false;
  std::optional<CertificateSummary> certificate;
  std::string runtimeVersion;
  uint32_t protocol = 0;
  std::vector<Model> models;
  /// The interface that it was reached by, if that is WiFi.
  std::optional<WirelessInterface> wireless;
  std::optional<Clock> clock;
  /// Of small calls, sorted: one right after the other; and after pauses, in
  /// which a radio that may sleep does. The latter not on loopback.
  std::vector<Time> roundTrips, afterPauses;
  /// Payload in bits per second; nothing if that took too long to measure.
  std::optional<double> bitsPerSecondTo, bitsPerSecondFrom;
};

/// Of sorted times, of which there are some: the one that `q` of them, 0 to 1,
/// do not exceed, in seconds.
double quantile(const std::vector<DeviceFacts::Time> &times, double q);

/// Finds them out, one question after the other. On the loop's thread.
class DeviceProbe {
public:
  using Done = std::function<void()>;

  /// Begins to connect. `options` without certificateName and largestReply.
  DeviceProbe(EventLoop &loop, const ClusterWorker &worker,
              const Endpoint &server, ChannelOptions options);
  DeviceProbe(const DeviceProbe &) = delete;
  DeviceProbe &operator=(const DeviceProbe &) = delete;

  /// Everything but what the link carries. `done` is called once, by
  /// `deadline`.
  void ask(Deadline deadline, Done done);
  /// What the link carries, there and back: a second each at most, and some
  /// five megabytes. Of a device that was reached.
  void measureLink(Done done);

  DeviceFacts facts;

private:
  enum class Way { To, From };
  void describe(const Result<Bytes> &answer);
  void ping();
  void pinged(Deadline sent, const Result<Bytes> &answer);
  void setClock(int64_t wall, DeviceFacts::Time roundTrip);
  void measure(Way way, uint32_t bytes);
  void measured(Way way, uint32_t bytes, Deadline sent,
                const Result<Bytes> &answer);
  void finish();

  EventLoop &loop;
  const Endpoint server;
  Done done;
  Deadline until;
  std::unique_ptr<Channel> channel;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_DEVICEPROBE_H
