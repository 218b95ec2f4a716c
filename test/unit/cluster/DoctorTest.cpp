//===- DoctorTest.cpp - What facts about devices mean ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Doctor.h"
#include "runtime/cluster/BestLink.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// Of a device that is well.
DeviceFacts makeFacts() {
  using Time = DeviceFacts::Time;
  DeviceFacts facts;
  facts.worker.address = "192.168.7.11:9000";
  facts.usesTls = true;
  facts.runtimeVersion = LCP_VERSION;
  facts.protocol = 1;
  facts.models = {{"net.s0.b0", "v1"}};
  facts.clock = {0.001, 0.0002, 1800000000};
  facts.roundTrips.assign(20, Time(0.0004));
  facts.afterPauses.assign(5, Time(0.0005));
  facts.bitsPerSecondTo = facts.bitsPerSecondFrom = 900e6;
  return facts;
}

MachineReport report(const DeviceFacts &facts,
                     const std::optional<ExpectedBundle> &bundle) {
  return diagnose({facts}, bundle).machines[0];
}

/// What is to be mended, a line each.
std::string mend(const DeviceFacts &facts,
                 const std::optional<ExpectedBundle> &bundle = std::nullopt) {
  std::string lines;
  const MachineReport machine = report(facts, bundle);
  for (const std::string &line : machine.mend)
    lines += line + "\n";
  return lines;
}

std::string row(const DeviceFacts &facts, const std::string &name) {
  const MachineReport machine = report(facts, std::nullopt);
  for (const auto &[label, text] : machine.rows)
    if (label == name)
      return text;
  return "";
}

} // namespace

TEST(Doctor, FindsNothingInAFleetThatIsWell) {
  EXPECT_TRUE(diagnose({makeFacts(), makeFacts()}, std::nullopt).isWell());
}

TEST(Doctor, FindsClocksThatAreWrong) {
  DeviceFacts facts = makeFacts();
  facts.clock = {-1.5, 0.2, 1800000000};
  EXPECT_EQ(row(facts, "clock"), "1500 ms behind (to within 200 ms)");
  EXPECT_EQ(mend(facts), "");
  facts.clock = {90, 0.2, 1800000000};
  EXPECT_EQ(row(facts, "clock"), "90 s ahead (to within 200 ms)");
  EXPECT_EQ(mend(facts).rfind("its clock is wrong", 0), 0u);
  facts.clock = {-1.8e9, 0.2, 40};
  EXPECT_EQ(row(facts, "clock"), "stands at 1970-01-01");
  EXPECT_EQ(mend(facts).rfind("its clock is wrong", 0), 0u);
}

TEST(Doctor, FindsRadiosThatSleep) {
  DeviceFacts facts = makeFacts();
  facts.wireless = {"wlan0", {"192.168.7.11"}, PowerSave::Off};
  facts.afterPauses.assign(5, DeviceFacts::Time(0.150));
  // It says that it is not its own.
  EXPECT_EQ(row(facts, "WiFi"), "wlan0, power save off");
  EXPECT_EQ(mend(facts), "");
  facts.wireless->powerSave = PowerSave::On;
  EXPECT_EQ(mend(facts), "its WiFi sleeps between packets: sudo iw dev wlan0 "
                         "set power_save off (and in its network "
                         "configuration)\n");
  // Where nobody tells, round trips do.
  for (bool wireless : {true, false}) {
    facts.wireless->powerSave = PowerSave::Unknown;
    if (!wireless)
      facts.wireless.reset();
    EXPECT_EQ(mend(facts).rfind("round trips are slower after pauses", 0), 0u);
  }
}

TEST(Doctor, FindsLinksThatAreSlow) {
  DeviceFacts facts = makeFacts();
  facts.bitsPerSecondFrom = 8e6;
  EXPECT_EQ(row(facts, "bandwidth"), "900 Mbit/s to it, 8.00 Mbit/s from it");
  EXPECT_EQ(mend(facts).rfind("its link is slow", 0), 0u);
  facts.bitsPerSecondFrom.reset();
  EXPECT_EQ(row(facts, "bandwidth"),
            "900 Mbit/s to it, too slow to measure from it");
  facts = makeFacts();
  facts.roundTrips.assign(20, DeviceFacts::Time(0.05));
  facts.afterPauses = facts.roundTrips;
  EXPECT_EQ(mend(facts).rfind("round trips are slow:", 0), 0u);
  facts.roundTrips.clear();
  EXPECT_EQ(mend(facts).rfind("it answers one call and then none", 0), 0u);
}

TEST(Doctor, FindsOtherVersionsAndBundles) {
  DeviceFacts facts = makeFacts();
  facts.protocol = 2;
  EXPECT_EQ(mend(facts).rfind("its lcp-run is not the version", 0), 0u);
  facts = makeFacts();
  ExpectedBundle here{"v1", {{"net.s0.b0"}, {"net.s0.b1"}}, {false, false}};
  EXPECT_EQ(mend(facts, here), "");
  facts.worker.branches = {0, 1, 2};
  EXPECT_EQ(mend(facts, here),
            "it does not serve branch 1: its --branch, or the cluster file's "
            "branches, is wrong\n"
            "the cluster file gives it branch 2, which the bundle does not "
            "have\n");
  EXPECT_EQ(diagnose({facts}, here).mend,
            std::vector<std::string>{"nobody serves branch 1"});
  // This machine is asked nothing.
  DeviceFacts local;
  local.worker.address = "local";
  local.worker.branches = {1};
  const FleetReport both = diagnose({facts, local}, here);
  EXPECT_EQ(both.machines.size(), 1u);
  EXPECT_TRUE(both.mend.empty());
  here.omitted[1] = true;
  EXPECT_EQ(diagnose({facts, local}, here).mend,
            std::vector<std::string>{"nobody serves branch 1"});
  facts.models[0].version = "v2";
  EXPECT_EQ(mend(facts, here).rfind("it serves another bundle", 0), 0u);
}

TEST(Doctor, KnowsTheBestLinkOfThisMachine) {
  DeviceFacts local, here = makeFacts(), fast = makeFacts(), slow = makeFacts();
  local.worker.address = "local";
  here.worker.address = "127.0.0.1:9000";
  here.isLoopback = true;
  here.bitsPerSecondTo = here.bitsPerSecondFrom = 40e9;
  fast.bitsPerSecondFrom = 500e6;
  slow.bitsPerSecondTo = 90e6;
  Result<MeasuredLink> link = bestLink({local, here, slow, fast});
  ASSERT_TRUE(link.ok()) << link.status().message();
  EXPECT_EQ(link->bitsPerSecond, 500e6);
  EXPECT_EQ(link->latencySeconds, 0.0002);
  EXPECT_EQ(bestLink({local, here}).status().message(),
            "no link could be measured (no worker is on another machine)");
  slow.bitsPerSecondTo.reset();
  DeviceFacts off;
  off.worker.address = "192.168.7.12:9000";
  off.reached = Status(StatusCode::Unavailable, "no answer");
  EXPECT_EQ(bestLink({here, off, slow}).status().message(),
            "no link could be measured (192.168.7.12:9000: no answer)");
  EXPECT_EQ(bestLink({slow}).status().message(),
            "no link could be measured (192.168.7.11:9000: too slow)");
  // It answered one call and then none: there is no round trip to halve.
  fast.roundTrips.clear();
  EXPECT_FALSE(bestLink({fast}).ok());
}

TEST(Doctor, ShowsWhatComesFromOutsideAsText) {
  DeviceFacts facts = makeFacts();
  facts.models = {{"a\nb\x1b[31m", "\x01"}};
  facts.runtimeVersion = "\n9";
  const std::string text = toText(diagnose({facts}, std::nullopt));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a\\x0ab\\x1b[31m of bundle \\x01"), std::string::npos)
      << text;
}
