//===- Machine.cpp - What code generation knows of a CPU ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/machine/Machine.h"
#include "common/base/ArmFeatures.h"
#include "common/devices/Device.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include <cmath>
#include <unistd.h>

using namespace mlir;
using namespace mlir::lcp::cpu;

/// What x86-64-v3 and -v4 add to x86-64, of what code generation uses; what
/// these imply (avx, avx512f) is not listed.
static const char *const kLevel3[] = {
    "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sse4.2"};
static const char *const kLevel4[] = {"avx512bw", "avx512cd", "avx512dq",
                                      "avx512vl"};
/// Not of a level, but of most CPUs of the last.
static const char *const kDots[] = {"avx512vnni"};

static bool isArm(const Machine &machine) {
  return llvm::Triple(machine.triple).getArch() == llvm::Triple::aarch64;
}

/// Adds the levels that the CPU has all features of. A model's name claims
/// more: what code generation does not use, and what a virtual machine may
/// lack.
static void addLevels(Machine &machine, function_ref<bool(StringRef)> has) {
  for (ArrayRef<const char *> level :
       {ArrayRef(kLevel3), ArrayRef(kLevel4), ArrayRef(kDots)}) {
    if (!llvm::all_of(level, has))
      return;
    machine.features.insert(machine.features.end(), level.begin(), level.end());
  }
}

static void addX86Features(Machine &machine, const ::lcp::Device &device) {
  machine.cpu = "x86-64";
  if (device.cpu == "native") {
    auto host = llvm::sys::getHostCPUFeatures();
    machine.tune = llvm::sys::getHostCPUName().str();
    return addLevels(machine, [&](StringRef f) { return host.lookup(f); });
  }
  // A level names no model to order instructions for: the first CPU of the
  // level stands for it. LLVM's generic order hoists loads until the sums of a
  // tile are spilled.
  machine.tune = llvm::StringSwitch<std::string>(device.cpu)
                     .Case("x86-64-v3", "haswell")
                     .Case("x86-64-v4", "skylake-avx512")
                     .Default(device.cpu);
  SmallVector<StringRef> known;
  if (llvm::X86::parseArchX86(device.cpu) != llvm::X86::CK_None)
    llvm::X86::getFeaturesForCPU(device.cpu, known);
  addLevels(machine, [&](StringRef f) { return llvm::is_contained(known, f); });
}

/// Reports an entry of `features` that the runtime could not look for, and so
/// would refuse wherever it runs.
static LogicalResult checkArmFeature(StringRef entry, StringRef device,
                                     Location location) {
  StringRef name = entry;
  if (name.consume_front("+") &&
      llvm::any_of(::lcp::kArmFeatures, [&](const ::lcp::ArmFeature &known) {
        return StringRef(known.name) == name;
      }))
    return success();
  InFlightDiagnostic error = emitError(location);
  error << "device '" << device << "': its features have '" << entry
        << "'; known are ";
  llvm::interleaveComma(
      ::lcp::kArmFeatures, error,
      [&](const ::lcp::ArmFeature &known) { error << "+" << known.name; });
  return error;
}

static LogicalResult addArmFeatures(Machine &machine,
                                    const ::lcp::Device &device,
                                    Location location) {
  bool native = device.cpu == "native";
  machine.cpu = native ? llvm::sys::getHostCPUName().str() : device.cpu;
  // By LLVM's model of the A53 loads are hoisted until the sums of a tile are
  // spilled. By the generic one, that of an A510, which is in-order too, none
  // is, and the A53's own model takes fewer cycles for the loops.
  if (machine.cpu == "cortex-a53")
    machine.tune = "generic";
  SmallVector<StringRef> listed;
  StringRef(device.features).split(listed, ',', -1, /*KeepEmpty=*/false);
  for (StringRef entry : listed) {
    if (failed(checkArmFeature(entry.trim(), device.name, location)))
      return failure();
    machine.features.push_back(entry.trim().drop_front().str());
  }
  // NEON every arm64 CPU has. LLVM names only some of what else a host has: a
  // file for that host lists what code may use.
  if (native && !llvm::is_contained(machine.features, "neon"))
    machine.features.push_back("neon");
  return success();
}

/// The size of a cache: what the file says, or what the machine that compiles
/// says of itself if the file is for that.
static std::optional<int64_t> getCache(const ::lcp::Device &device,
                                       uint64_t listed, int name) {
  if (listed != 0)
    return int64_t(listed);
  long own = device.cpu == "native" ? ::sysconf(name) : 0;
  return own > 0 ? std::optional<int64_t>(own) : std::nullopt;
}

/// Bytes that come from memory in a cycle, whose length follows from the peak.
static std::optional<int64_t> getMemory(const ::lcp::Device &device,
                                        int64_t macsPerCycle) {
  if (!device.memoryBandwidthBytesPerSecond || !device.macPerSecond ||
      !device.cores)
    return std::nullopt;
  double cyclesPerSecond =
      device.macPerSecond / (double(macsPerCycle) * device.cores);
  return std::max<int64_t>(
      1, std::llround(device.memoryBandwidthBytesPerSecond / cyclesPerSecond));
}

/// Which vectors the features stand for, and how fast the device says they are.
/// A figure that its file leaves out is that of most CPUs.
static LogicalResult setVectors(Machine &machine, const ::lcp::Device &device,
                                Location location) {
  auto has = [&](StringRef feature) {
    return llvm::is_contained(machine.features, feature);
  };
  bool arm = isArm(machine);
  if (!arm && !has("avx2"))
    return emitError(location)
           << "the CPU of '" << device.name
           << "' has no AVX2 and FMA, which code for x86-64 needs";
  bool wide = has("avx512vl");
  int64_t lanes = arm ? 4 : wide ? 16 : 8;
  int64_t registers = arm || wide ? 32 : 16;
  Dots dots = arm                 ? has("dotprod") ? Dots::SDot : Dots::SMLAL
              : has("avx512vnni") ? Dots::DPBUSD
                                  : Dots::PMAdd;
  int64_t fmas = device.fmasPerCycle.value_or(2);
  int64_t l1d =
      getCache(device, device.l1dBytes, _SC_LEVEL1_DCACHE_SIZE).value_or(32768);
  int64_t l2 = getCache(device, device.l2Bytes, _SC_LEVEL2_CACHE_SIZE)
                   .value_or(std::max<int64_t>(l1d, 262144));
  machine.vectors = MachineAttr::get(
      location.getContext(), lanes, registers,
      arm ? Scalars::Lane : Scalars::Memory, dots, fmas,
      device.loadsPerCycle.value_or(2), device.fmaLatencyCycles.value_or(4),
      l1d, l2, getMemory(device, fmas * lanes).value_or(4));
  return success();
}

FailureOr<Machine> mlir::lcp::cpu::getMachine(StringRef name,
                                              Location location) {
  std::vector<std::string> problems;
  std::optional<::lcp::Device> device =
      ::lcp::findDevice(name.str(), ::lcp::deviceFolder(), problems);
  for (const std::string &problem : problems)
    emitError(location) << problem;
  if (!device)
    return failure();
  Machine machine;
  machine.triple = device->triple == "native"
                       ? llvm::sys::getDefaultTargetTriple()
                       : device->triple;
  llvm::Triple::ArchType arch = llvm::Triple(machine.triple).getArch();
  if (arch != llvm::Triple::x86_64 && arch != llvm::Triple::aarch64)
    return emitError(location)
           << "no code can be generated for '" << machine.triple
           << "': device '" << name << "' must be x86_64 or aarch64";
  if (arch == llvm::Triple::x86_64)
    addX86Features(machine, *device);
  else if (failed(addArmFeatures(machine, *device, location)))
    return failure();
  if (failed(setVectors(machine, *device, location)))
    return failure();
  return machine;
}
