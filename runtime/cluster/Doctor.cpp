//===- Doctor.cpp - What is amiss in a fleet ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Doctor.h"

#include "common/base/Printable.h"
#include "common/devices/Device.h"
#include "runtime/cluster/CallPlan.h"
#include "runtime/rpc/Parameters.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

using namespace lcp;
using namespace lcp::rt;

/// From when on something is amiss: docs/howto/run-workers.md has these too.
static constexpr double mostClockSeconds = 2;
static constexpr int64_t fewestDays = 30;
static constexpr double slowRoundTrip = 0.020, sleepyRoundTrip = 0.020;
/// Of what a link of the device's kind carries; and of a link that nothing is
/// known of.
static constexpr double leastOfLink = 0.5, slowLink = 10e6;

/// No device was made before; its clock has not been set since it was switched
/// on.
static constexpr int64_t oldestDay = 1577836800; // 2020-01-01

ExpectedBundle lcp::rt::expectBundle(const ModelInfo &model,
                                     const std::string &version) {
  const CallPlan plan(model, version);
  ExpectedBundle expected;
  expected.version = version;
  for (size_t device = 0; device < model.deviceCount(); ++device) {
    expected.models.emplace_back();
    for (const ModelSignature *signature : plan.signaturesOf(device))
      expected.models.back().push_back(signature->name);
  }
  expected.omitted.assign(model.deviceCount(), false);
  for (const ModelStage *stage : model.stages())
    for (size_t b = 0; stage->parallel && b < stage->branches.size(); ++b)
      if (stage->branches[b].omitted)
        expected.omitted[stage->firstDevice + b] = true;
  return expected;
}

//===----------------------------------------------------------------------===//
// Figures for people
//===----------------------------------------------------------------------===//

static std::string decimal(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

static std::string milliseconds(double seconds) {
  const double ms = seconds * 1e3;
  return decimal(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0) + " ms";
}

static std::string megabits(std::optional<double> bitsPerSecond) {
  if (!bitsPerSecond)
    return "too slow to measure";
  const double rate = *bitsPerSecond * 1e-6;
  return decimal(rate, rate < 10 ? 2 : 0) + " Mbit/s";
}

static std::string day(int64_t seconds) {
  const auto time = std::time_t(seconds);
  std::tm parts = {};
  char text[16] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d", gmtime_r(&time, &parts));
  return text;
}

static std::string shortHash(const std::string &version) {
  return printable(version.substr(0, 12));
}

static std::string listBranches(const ClusterWorker &worker) {
  std::string branches;
  for (unsigned branch : worker.branches)
    branches += (branches.empty() ? "" : ",") + std::to_string(branch);
  return branches;
}

static std::string titleOf(const ClusterWorker &worker) {
  const std::string branches = listBranches(worker);
  std::string about = worker.device;
  if (!branches.empty())
    about += (about.empty() ? "branch " : ", branch ") + branches;
  return worker.address + (about.empty() ? "" : " (" + about + ")");
}

//===----------------------------------------------------------------------===//
// One aspect each
//===----------------------------------------------------------------------===//

static void judgeCertificate(const CertificateSummary &certificate,
                             MachineReport &report) {
  const int64_t days = (certificate.expires - int64_t(std::time(nullptr))) /
                       int64_t(24 * 60 * 60);
  report.rows.emplace_back("certificate", certificate.name + ", for " +
                                              std::to_string(days) +
                                              " more days");
  if (days < fewestDays)
    report.mend.push_back(
        "its certificate ends on " + day(certificate.expires) +
        ": remove its folder where certificates are made, make it again by "
        "lcp-run --make-certs and copy it to the machine");
}

static void judgeClock(const DeviceFacts::Clock &clock, MachineReport &report) {
  const double apart = std::abs(clock.ahead);
  const bool unset = clock.says < oldestDay;
  report.rows.emplace_back(
      "clock",
      unset ? "stands at " + day(clock.says)
            : (apart < 10 ? milliseconds(apart) : decimal(apart, 0) + " s") +
                  (clock.ahead < 0 ? " behind" : " ahead") + " (to within " +
                  milliseconds(clock.error) + ")");
  if (unset || apart > mostClockSeconds + clock.error)
    report.mend.push_back("its clock is wrong, which certificates do not bear: "
                          "set it (timedatectl set-ntp true)");
}

static void judgeVersion(const DeviceFacts &facts, MachineReport &report) {
  report.rows.emplace_back("runtime",
                           "lcp-run " + printable(facts.runtimeVersion) +
                               ", protocol " + std::to_string(facts.protocol));
  if (facts.protocol != protocolVersion || facts.runtimeVersion != LCP_VERSION)
    report.mend.push_back("its lcp-run is not the version of this one, " +
                          std::string(LCP_VERSION) + ", protocol " +
                          std::to_string(protocolVersion) +
                          ": bring both to the same (lcp-deploy)");
}

static void judgeRoundTrips(const DeviceFacts &facts, MachineReport &report) {
  const std::vector<DeviceFacts::Time> &times = facts.roundTrips;
  if (times.empty())
    return report.mend.push_back("it answers one call and then none: is it "
                                 "overloaded, or its network?");
  const double p50 = quantile(times, 0.5);
  std::string row = "p50 " + milliseconds(p50) + ", p95 " +
                    milliseconds(quantile(times, 0.95)) + " of " +
                    std::to_string(times.size());
  if (p50 > slowRoundTrip)
    report.mend.push_back("round trips are slow: is it far away, or its radio "
                          "in a bad place? A cable helps");
  if (!facts.afterPauses.empty()) {
    const double rested = quantile(facts.afterPauses, 0.5);
    row += "; after pauses " + milliseconds(rested);
    const bool told =
        facts.wireless && facts.wireless->powerSave != PowerSave::Unknown;
    if (!told && rested > p50 + sleepyRoundTrip)
      report.mend.push_back(
          "round trips are slower after pauses: a radio on the way saves "
          "power, by the looks of it (sudo iw dev wlan0 set power_save off)");
  }
  report.rows.emplace_back("round trip", row);
}

static void judgeLink(const DeviceFacts &facts, MachineReport &report) {
  if (facts.roundTrips.empty())
    return;
  double least = slowLink;
  std::string kind;
  std::vector<std::string> problems;
  std::optional<Device> device =
      facts.worker.device.empty()
          ? std::nullopt
          : findDevice(facts.worker.device, deviceFolder(), problems);
  if (device && device->linkBitsPerSecond > 0) {
    least = leastOfLink * device->linkBitsPerSecond;
    kind = ", of the " + megabits(device->linkBitsPerSecond) + " of a " +
           device->name;
  }
  report.rows.emplace_back(
      "bandwidth", megabits(facts.bitsPerSecondTo) + " to it, " +
                       megabits(facts.bitsPerSecondFrom) + " from it" + kind);
  if (std::min(facts.bitsPerSecondTo.value_or(0),
               facts.bitsPerSecondFrom.value_or(0)) < least)
    report.mend.push_back("its link is slow: look at the cable, the switch's "
                          "port or the radio's signal, and at who else uses "
                          "them");
}

static void judgeWireless(const WirelessInterface &wireless,
                          MachineReport &report) {
  const PowerSave state = wireless.powerSave;
  const std::string name = printable(wireless.name);
  report.rows.emplace_back(
      "WiFi", name + (state == PowerSave::On    ? ", power save on"
                      : state == PowerSave::Off ? ", power save off"
                                                : ", which does not tell "
                                                  "whether it saves power"));
  if (state == PowerSave::On)
    report.mend.push_back("its WiFi sleeps between packets: sudo iw dev " +
                          name +
                          " set power_save off (and in its network "
                          "configuration)");
}

//===----------------------------------------------------------------------===//
// What it serves
//===----------------------------------------------------------------------===//

/// "net.s0.b1, net.s1.b1 of bundle 0123456789ab", a bundle after the other.
static std::string describeModels(const DeviceFacts &facts) {
  std::map<std::string, std::string> byBundle;
  for (const DeviceFacts::Model &model : facts.models) {
    std::string &names = byBundle[model.version];
    names += (names.empty() ? "" : ", ") + printable(model.name);
  }
  std::string text;
  for (const auto &[version, names] : byBundle)
    text +=
        (text.empty() ? "" : "; ") + names + " of bundle " + shortHash(version);
  return text.empty() ? "nothing" : text;
}

static bool serves(const DeviceFacts &facts, const std::string &name,
                   const std::string &version) {
  return std::any_of(facts.models.begin(), facts.models.end(),
                     [&](const DeviceFacts::Model &model) {
                       return model.name == name && model.version == version;
                     });
}

/// This machine loads of the bundle what the cluster file gives it.
static bool servesAll(const DeviceFacts &facts, const ExpectedBundle &bundle,
                      size_t device) {
  const std::vector<unsigned> &listed = facts.worker.branches;
  if (facts.worker.isLocal())
    return !bundle.omitted[device] &&
           (listed.empty() || std::count(listed.begin(), listed.end(), device));
  return std::all_of(bundle.models[device].begin(), bundle.models[device].end(),
                     [&](const std::string &name) {
                       return serves(facts, name, bundle.version);
                     });
}

static bool servesFrom(const DeviceFacts &facts, const std::string &version) {
  return std::any_of(facts.models.begin(), facts.models.end(),
                     [&](const DeviceFacts::Model &model) {
                       return model.version == version;
                     });
}

static std::string describeStray(unsigned branch) {
  return "the cluster file gives it branch " + std::to_string(branch) +
         ", which the bundle does not have";
}

static void judgeModels(const DeviceFacts &facts, const ExpectedBundle &bundle,
                        MachineReport &report) {
  if (!servesFrom(facts, bundle.version))
    return report.mend.push_back(
        "it serves another bundle; this one is " + shortHash(bundle.version) +
        ": copy it there and start the worker again (lcp-deploy)");
  for (unsigned branch : facts.worker.branches)
    if (branch >= bundle.models.size())
      report.mend.push_back(describeStray(branch));
    else if (!servesAll(facts, bundle, branch))
      report.mend.push_back("it does not serve branch " +
                            std::to_string(branch) +
                            ": its --branch, or the cluster file's branches, "
                            "is wrong");
}

static void judgeLocal(const ClusterWorker &worker,
                       const ExpectedBundle &bundle, const Status &loaded,
                       MachineReport &report) {
  for (unsigned branch : worker.branches)
    if (branch >= bundle.models.size())
      report.mend.push_back(describeStray(branch));
    else if (bundle.omitted[branch])
      report.mend.push_back(
          "the cluster file gives it branch " + std::to_string(branch) +
          ", which this file leaves out: take the whole bundle, or that "
          "branch's");
  // Of what is amiss with the file, loading says the same.
  if (report.mend.empty() && !loaded.ok())
    report.mend.push_back("it cannot compute its branches: " +
                          loaded.message());
}

/// The version that most devices serve something of; nothing if they all agree.
static std::optional<std::string>
majorityOf(const std::vector<DeviceFacts> &devices) {
  std::map<std::string, size_t> count;
  for (const DeviceFacts &facts : devices)
    for (const DeviceFacts::Model &model : facts.models)
      count.emplace(model.version, 0);
  for (auto &[version, number] : count)
    for (const DeviceFacts &facts : devices)
      number += servesFrom(facts, version);
  if (count.size() < 2)
    return std::nullopt;
  return std::max_element(
             count.begin(), count.end(),
             [](const auto &a, const auto &b) { return a.second < b.second; })
      ->first;
}

//===----------------------------------------------------------------------===//
// All together
//===----------------------------------------------------------------------===//

static MachineReport diagnoseDevice(const DeviceFacts &facts,
                                    const std::optional<ExpectedBundle> &bundle,
                                    const std::optional<std::string> &most) {
  MachineReport report;
  report.title = titleOf(facts.worker);
  if (!facts.reached.ok()) {
    report.rows.emplace_back("reached", "no");
    report.mend.push_back(facts.reached.message());
    return report;
  }
  report.rows.emplace_back("reached", facts.usesTls ? "yes, over TLS"
                                                    : "yes, in plain text");
  if (facts.certificate)
    judgeCertificate(*facts.certificate, report);
  if (!facts.described.ok()) {
    report.mend.push_back("it does not say what it is (" +
                          facts.described.message() +
                          "): is it an older lcp-run, or another server?");
    return report;
  }
  judgeVersion(facts, report);
  if (facts.clock)
    judgeClock(*facts.clock, report);
  report.rows.emplace_back("serves", describeModels(facts));
  if (bundle)
    judgeModels(facts, *bundle, report);
  else if (most && !servesFrom(facts, *most))
    report.mend.push_back("it serves another bundle than others, which have " +
                          shortHash(*most) +
                          ": copy theirs there and start the worker again");
  judgeRoundTrips(facts, report);
  judgeLink(facts, report);
  if (facts.wireless)
    judgeWireless(*facts.wireless, report);
  return report;
}

FleetReport lcp::rt::diagnose(const std::vector<DeviceFacts> &devices,
                              const std::optional<ExpectedBundle> &bundle) {
  FleetReport report;
  const std::optional<std::string> most = majorityOf(devices);
  for (const DeviceFacts &facts : devices)
    if (!facts.worker.isLocal())
      report.machines.push_back(diagnoseDevice(facts, bundle, most));
  if (bundle && bundle->models.empty())
    report.mend.push_back("the bundle has no parallel stage to distribute: "
                          "split the model (lcp-opt --lcp-split=N)");
  for (size_t device = 0; bundle && device < bundle->models.size(); ++device)
    if (std::none_of(devices.begin(), devices.end(),
                     [&](const DeviceFacts &facts) {
                       return servesAll(facts, *bundle, device);
                     }))
      report.mend.push_back("nobody serves branch " + std::to_string(device));
  return report;
}

MachineReport lcp::rt::describeHere(
    const ClusterFile &file, const std::optional<ExpectedBundle> &bundle,
    const std::optional<TlsIdentity> &tls,
    const std::vector<WirelessInterface> &wireless, const Status &loaded) {
  MachineReport report;
  report.title = "this machine";
  report.rows.emplace_back("clock", day(int64_t(std::time(nullptr))));
  report.rows.emplace_back("runtime", "lcp-run " LCP_VERSION ", protocol " +
                                          std::to_string(protocolVersion));
  for (const ClusterWorker &worker : file.workers) {
    if (!worker.isLocal())
      continue;
    report.rows.emplace_back(
        "computes", worker.branches.empty() ? "any branch"
                                            : "branch " + listBranches(worker));
    if (bundle)
      judgeLocal(worker, *bundle, loaded, report);
  }
  if (tls)
    if (auto own = summarizeCertificate(tls->certificate); own.ok())
      judgeCertificate(*own, report);
  for (const WirelessInterface &interface : wireless)
    judgeWireless(interface, report);
  return report;
}

bool FleetReport::isWell() const {
  return mend.empty() && std::all_of(machines.begin(), machines.end(),
                                     [](const MachineReport &machine) {
                                       return machine.mend.empty();
                                     });
}

std::string lcp::rt::toText(const FleetReport &report) {
  std::string text;
  size_t well = 0;
  for (const MachineReport &machine : report.machines) {
    text += machine.title + "\n";
    for (const auto &[name, value] : machine.rows)
      text += "  " + name + std::string(13 - name.size(), ' ') + value + "\n";
    for (const std::string &line : machine.mend)
      text += "  to mend      " + printable(line) + "\n";
    text += "\n";
    well += machine.mend.empty();
  }
  for (const std::string &line : report.mend)
    text += "to mend: " + line + "\n";
  return text + std::to_string(well) + " of " +
         std::to_string(report.machines.size()) + " machines are well\n";
}
