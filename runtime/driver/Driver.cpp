//===- Driver.cpp - The drivers of a process ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/driver/Driver.h"

#include "common/base/Printable.h"

namespace lcp::rt {

void DriverRegistry::add(std::unique_ptr<Driver> driver) {
  for (std::unique_ptr<Driver> &known : drivers)
    if (known->name() == driver->name()) {
      known = std::move(driver);
      return;
    }
  drivers.push_back(std::move(driver));
}

Result<Driver *> DriverRegistry::find(std::string_view name) const {
  for (const std::unique_ptr<Driver> &driver : drivers)
    if (driver->name() == name)
      return driver.get();
  std::string known;
  for (const std::string &other : names())
    known.append(known.empty() ? "" : ", ").append(other);
  return Status(StatusCode::NotFound,
                "no driver '" + printable(name) + "' in this build (it has " +
                    (known.empty() ? "none" : known) + ")");
}

std::vector<std::string> DriverRegistry::names() const {
  std::vector<std::string> result;
  for (const std::unique_ptr<Driver> &driver : drivers)
    result.emplace_back(driver->name());
  return result;
}

} // namespace lcp::rt
