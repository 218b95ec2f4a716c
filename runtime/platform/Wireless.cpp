//===- Wireless.cpp - WiFi interfaces of this machine ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/Wireless.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <linux/wireless.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace lcp::rt;

static bool isWireless(const std::string &name) {
  const std::string folder = "/sys/class/net/" + name;
  return ::access((folder + "/phy80211").c_str(), F_OK) == 0 ||
         ::access((folder + "/wireless").c_str(), F_OK) == 0;
}

static PowerSave powerSaveOf(const std::string &name) {
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0)
    return PowerSave::Unknown;
  iwreq request = {};
  std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
  const bool known = ::ioctl(any, SIOCGIWPOWER, &request) == 0;
  ::close(any);
  if (!known)
    return PowerSave::Unknown;
  return request.u.power.disabled ? PowerSave::Off : PowerSave::On;
}

/// Empty for an address of another family.
static std::string numericAddress(const sockaddr *address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address && address->sa_family == AF_INET)
    ::inet_ntop(AF_INET,
                &reinterpret_cast<const sockaddr_in *>(address)->sin_addr, text,
                sizeof text);
  else if (address && address->sa_family == AF_INET6)
    ::inet_ntop(AF_INET6,
                &reinterpret_cast<const sockaddr_in6 *>(address)->sin6_addr,
                text, sizeof text);
  return text;
}

std::vector<WirelessInterface> lcp::rt::wirelessInterfaces() {
  std::vector<WirelessInterface> found;
  ifaddrs *all = nullptr;
  if (::getifaddrs(&all) != 0)
    return found;
  for (const ifaddrs *entry = all; entry; entry = entry->ifa_next) {
    const std::string address = numericAddress(entry->ifa_addr);
    if (!(entry->ifa_flags & IFF_UP) || address.empty() ||
        !isWireless(entry->ifa_name))
      continue;
    auto known =
        std::find_if(found.begin(), found.end(), [&](const auto &other) {
          return other.name == entry->ifa_name;
        });
    if (known == found.end())
      known = found.insert(known,
                           {entry->ifa_name, {}, powerSaveOf(entry->ifa_name)});
    known->addresses.push_back(address);
  }
  ::freeifaddrs(all);
  return found;
}
