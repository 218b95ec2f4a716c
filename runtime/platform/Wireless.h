//===- Wireless.h - WiFi interfaces of this machine -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_WIRELESS_H
#define LCP_RUNTIME_PLATFORM_WIRELESS_H

#include <string>
#include <vector>

namespace lcp::rt {

enum class PowerSave { Unknown, Off, On };

struct WirelessInterface {
  /// "wlan0".
  std::string name;
  /// Numeric, without ports.
  std::vector<std::string> addresses;
  /// Whether the radio sleeps between packets, which delays what arrives. The
  /// kernel tells anybody; Unknown where its driver has no such setting.
  PowerSave powerSave = PowerSave::Unknown;
};

/// Those that are up and have an address.
std::vector<WirelessInterface> wirelessInterfaces();

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_WIRELESS_H
