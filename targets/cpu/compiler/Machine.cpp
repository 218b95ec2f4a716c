//===- Machine.cpp - What code generation knows of a CPU ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Machine.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

/// What x86-64-v3 and -v4 add to x86-64, of what code generation uses.
static const char *const kLevel3[] = {"avx",  "avx2",  "bmi",    "bmi2",
                                      "f16c", "fma",   "lzcnt",  "movbe",
                                      "popcnt", "sse4.2"};
static const char *const kLevel4[] = {"avx512f", "avx512bw", "avx512cd",
                                      "avx512dq", "avx512vl"};

static bool has(const Machine &machine, StringRef feature) {
  return llvm::is_contained(machine.features, feature);
}

/// Of the host's features those that make up a level; names of single CPU
/// models claim more than a virtual machine may have.
static void addHostFeatures(Machine &machine) {
  llvm::StringMap<bool, llvm::MallocAllocator> host = llvm::sys::getHostCPUFeatures();
  auto addLevel = [&](ArrayRef<const char *> level) {
    bool all = llvm::all_of(level, [&](StringRef f) { return host.lookup(f); });
    if (all)
      machine.features.insert(machine.features.end(), level.begin(),
                              level.end());
    return all;
  };
  if (addLevel(kLevel3))
    addLevel(kLevel4);
}

FailureOr<Machine> mlir::lcp::cpu::getMachine(llvm::StringRef device,
                                              Location location) {
  Machine machine;
  bool arm = device.starts_with("rpi");
  machine.triple = arm ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  machine.cpu = device == "rpi3" ? "cortex-a53" : device == "rpi4" ? "cortex-a72" : "x86-64";
  if (device == "host") {
    machine.tune = llvm::sys::getHostCPUName().str();
    addHostFeatures(machine);
  } else if (!arm) {
    machine.tune = device == "x86-64-v3" ? "generic" : "haswell";
    machine.features.assign(std::begin(kLevel3), std::end(kLevel3));
  } else {
    machine.features = {"neon"};
  }
  VectorUnit &unit = machine.vector;
  if (arm)
    unit = {4, 32, true};
  else if (has(machine, "avx512f"))
    unit = {16, 32, false};
  else if (has(machine, "fma"))
    unit = {8, 16, false};
  else
    return emitError(location)
           << "the CPU of " << device << " has no AVX2 and FMA, which code for "
           << "x86-64 needs";
  return machine;
}
