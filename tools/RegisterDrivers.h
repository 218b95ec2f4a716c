//===- RegisterDrivers.h - Every driver of the tree -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slice targets/X has its drivers in namespace lcp::rt::X, library
// lcp_driver_X, behind one function:
//
//   namespace lcp::rt::X { void registerDrivers(DriverRegistry &registry); }
//
// CMake writes one line LCP_DRIVER(X) for every slice there is.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_REGISTERDRIVERS_H
#define LCP_TOOLS_REGISTERDRIVERS_H

#include "runtime/driver/Driver.h"

#define LCP_DRIVER(slice)                                                      \
  namespace lcp::rt::slice {                                                   \
  void registerDrivers(DriverRegistry &registry);                              \
  }
#include "targets/Drivers.def"
#undef LCP_DRIVER

namespace lcp::rt {

inline void registerAllDrivers(DriverRegistry &registry) {
#define LCP_DRIVER(slice) slice::registerDrivers(registry);
#include "targets/Drivers.def"
#undef LCP_DRIVER
}

} // namespace lcp::rt

#endif // LCP_TOOLS_REGISTERDRIVERS_H
