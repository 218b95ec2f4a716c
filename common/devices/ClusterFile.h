//===- ClusterFile.h - Which workers run which branches ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file behind lcp-run --cluster:
//
//   workers:
//     - address: 192.168.7.11:9000   # host:port or [ipv6]:port, or local: the
//                                    # coordinator itself, once at most
//       branches: [0, 1]             # optional: auto, whichever it serves;
//                                    # several workers may have the same
//       device: rpi3                 # optional: a name in targets/devices;
//                                    # lcp-split chooses widths by it
//       certificate: pi-1.local      # optional: the name that its certificate
//                                    # must have; the address's host
//
// The file is the user's own, so it may be wrong but is not hostile.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_CLUSTERFILE_H
#define LCP_COMMON_DEVICES_CLUSTERFILE_H

#include <optional>
#include <string>
#include <vector>

namespace lcp {

struct ClusterWorker {
  /// host:port, or "local".
  std::string address;
  /// The branches (of every stage) it may be given, sorted; empty: any, those
  /// in others' lists as a spare. Of stages that begin at a device of their
  /// own, the devices it stands for.
  std::vector<unsigned> branches;
  /// The name of a device that is known here, or empty; any name where no
  /// device files are installed.
  std::string device;
  /// The name or address that its certificate must have; empty: the address's
  /// host.
  std::string certificate;
  /// Where it stands in the file, from 1: for messages.
  unsigned line = 0;

  /// Whether it is the coordinator itself, which needs no connection.
  bool isLocal() const { return address == "local"; }
};

struct ClusterFile {
  std::string path;
  /// At least one; no address twice.
  std::vector<ClusterWorker> workers;
};

/// Reads `path`. On failure returns nothing and adds one line a problem,
/// "PATH:LINE: what is wrong", to `problems`.
std::optional<ClusterFile> readClusterFile(const std::string &path,
                                           std::vector<std::string> &problems);

/// The same, of text that is already in memory; `path` is for messages.
std::optional<ClusterFile> parseClusterFile(const std::string &text,
                                            const std::string &path,
                                            std::vector<std::string> &problems);

} // namespace lcp

#endif // LCP_COMMON_DEVICES_CLUSTERFILE_H
