//===- Driver.cpp - Which engine runs a part ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/driver/Driver.h"

#include "common/base/Printable.h"

#include <algorithm>

namespace lcp::rt {

bool Driver::supports(const PartFormat &format) const {
  Span<const SupportedFormat> all = formats();
  return std::any_of(all.begin(), all.end(), [&](const SupportedFormat &one) {
    return format.name == one.name && format.isa == one.isa &&
           format.version >= one.firstVersion &&
           format.version <= one.lastVersion;
  });
}

void DriverRegistry::add(std::unique_ptr<Driver> driver) {
  for (std::unique_ptr<Driver> &known : drivers)
    if (known->name() == driver->name()) {
      known = std::move(driver);
      return;
    }
  drivers.push_back(std::move(driver));
}

Result<Driver *> DriverRegistry::find(std::string_view engine) const {
  std::string known;
  for (const std::unique_ptr<Driver> &driver : drivers) {
    if (driver->name() == engine)
      return driver.get();
    known.append(known.empty() ? "" : ", ").append(driver->name());
  }
  return Status(StatusCode::NotFound,
                "no engine '" + printable(engine) + "' in this build (it has " +
                    (known.empty() ? "none" : known) + ")");
}

/// "cpu-image version 1 for x86_64".
static std::string describe(std::string_view name, const std::string &versions,
                            std::string_view isa) {
  std::string text = printable(name) + " version " + versions;
  return isa.empty() ? text : text + " for " + printable(isa);
}

static std::string describe(const SupportedFormat &format) {
  std::string versions = std::to_string(format.firstVersion);
  if (format.lastVersion != format.firstVersion)
    versions += " to " + std::to_string(format.lastVersion);
  return describe(format.name, versions, format.isa);
}

std::vector<Driver *>
DriverRegistry::supporting(const PartFormat &format) const {
  std::vector<Driver *> able;
  for (const std::unique_ptr<Driver> &driver : drivers)
    if (driver->supports(format))
      able.push_back(driver.get());
  return able;
}

Result<Driver *> DriverRegistry::select(const PartFormat &format,
                                        const Driver *preferred) const {
  std::vector<Driver *> able = supporting(format);
  auto chosen = std::find(able.begin(), able.end(), preferred);
  if (chosen != able.end())
    return *chosen;
  if (!able.empty())
    return able.front();
  std::string known;
  for (const std::unique_ptr<Driver> &driver : drivers)
    for (const SupportedFormat &one : driver->formats())
      known.append(known.empty() ? "" : ", ")
          .append(driver->name())
          .append(" runs " + describe(one));
  return Status(
      StatusCode::Unsupported,
      "no engine here runs " +
          describe(format.name, std::to_string(format.version), format.isa) +
          " (" + (known.empty() ? "there is none" : known) +
          "); compile the model for this machine");
}

} // namespace lcp::rt
