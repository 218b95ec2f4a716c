//===- CpuFeatures.cpp - What this CPU can do -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bits of CPUID: Intel 64 Software Developer's Manual, volume 2A, "CPUID".
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/CpuFeatures.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include "common/base/ArmFeatures.h"
#include <sys/auxv.h>
#endif

namespace lcp::rt {

#if defined(__x86_64__)
namespace {

enum Register { A, B, C, D };

/// The state that the system must save for a feature to be usable (XCR0).
constexpr uint64_t noState = 0;
constexpr uint64_t avxState = 0x6;
constexpr uint64_t avx512State = 0xe6;
constexpr uint64_t amxState = 0x60000;

struct X86Feature {
  std::string_view name;
  uint32_t leaf, subleaf;
  Register reg;
  uint32_t bit;
  uint64_t state;
};

constexpr X86Feature features[] = {
    {"sse3", 1, 0, C, 0, noState},
    {"pclmul", 1, 0, C, 1, noState},
    {"ssse3", 1, 0, C, 9, noState},
    {"fma", 1, 0, C, 12, avxState},
    {"cx16", 1, 0, C, 13, noState},
    {"sse4.1", 1, 0, C, 19, noState},
    {"sse4.2", 1, 0, C, 20, noState},
    {"movbe", 1, 0, C, 22, noState},
    {"popcnt", 1, 0, C, 23, noState},
    {"aes", 1, 0, C, 25, noState},
    {"xsave", 1, 0, C, 26, noState},
    {"avx", 1, 0, C, 28, avxState},
    {"f16c", 1, 0, C, 29, avxState},
    {"rdrnd", 1, 0, C, 30, noState},
    {"cx8", 1, 0, D, 8, noState},
    {"cmov", 1, 0, D, 15, noState},
    {"mmx", 1, 0, D, 23, noState},
    {"fxsr", 1, 0, D, 24, noState},
    {"sse", 1, 0, D, 25, noState},
    {"sse2", 1, 0, D, 26, noState},
    {"fsgsbase", 7, 0, B, 0, noState},
    {"bmi", 7, 0, B, 3, noState},
    {"avx2", 7, 0, B, 5, avxState},
    {"bmi2", 7, 0, B, 8, noState},
    {"avx512f", 7, 0, B, 16, avx512State},
    {"avx512dq", 7, 0, B, 17, avx512State},
    {"rdseed", 7, 0, B, 18, noState},
    {"adx", 7, 0, B, 19, noState},
    {"avx512ifma", 7, 0, B, 21, avx512State},
    {"clflushopt", 7, 0, B, 23, noState},
    {"clwb", 7, 0, B, 24, noState},
    {"avx512cd", 7, 0, B, 28, avx512State},
    {"sha", 7, 0, B, 29, noState},
    {"avx512bw", 7, 0, B, 30, avx512State},
    {"avx512vl", 7, 0, B, 31, avx512State},
    {"avx512vbmi", 7, 0, C, 1, avx512State},
    {"avx512vbmi2", 7, 0, C, 6, avx512State},
    {"gfni", 7, 0, C, 8, noState},
    {"vaes", 7, 0, C, 9, avxState},
    {"vpclmulqdq", 7, 0, C, 10, avxState},
    {"avx512vnni", 7, 0, C, 11, avx512State},
    {"avx512bitalg", 7, 0, C, 12, avx512State},
    {"avx512vpopcntdq", 7, 0, C, 14, avx512State},
    {"avx512vp2intersect", 7, 0, D, 8, avx512State},
    {"amx-bf16", 7, 0, D, 22, amxState},
    {"avx512fp16", 7, 0, D, 23, avx512State},
    {"amx-tile", 7, 0, D, 24, amxState},
    {"amx-int8", 7, 0, D, 25, amxState},
    {"avxvnni", 7, 1, A, 4, avxState},
    {"avx512bf16", 7, 1, A, 5, avx512State},
    {"avxifma", 7, 1, A, 23, avxState},
    {"avxvnniint8", 7, 1, D, 4, avxState},
    {"xsaveopt", 0xd, 1, A, 0, noState},
    {"xsavec", 0xd, 1, A, 1, noState},
    {"sahf", 0x80000001, 0, C, 0, noState},
    {"lzcnt", 0x80000001, 0, C, 5, noState},
    {"sse4a", 0x80000001, 0, C, 6, noState},
    {"prfchw", 0x80000001, 0, C, 8, noState},
    {"64bit", 0x80000001, 0, D, 29, noState},
};

uint64_t enabledState() {
  uint32_t reg[4];
  if (!__get_cpuid(1, &reg[A], &reg[B], &reg[C], &reg[D]) ||
      !(reg[C] & (1u << 27))) // OSXSAVE
    return 0;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t(high) << 32) | low;
}

} // namespace

std::string_view hostIsa() { return "x86_64"; }

CpuFeature hasCpuFeature(std::string_view name) {
  for (const X86Feature &feature : features) {
    if (feature.name != name)
      continue;
    uint32_t reg[4];
    bool present = __get_cpuid_count(feature.leaf, feature.subleaf, &reg[A],
                                     &reg[B], &reg[C], &reg[D]) &&
                   (reg[feature.reg] & (1u << feature.bit));
    if (present && feature.state)
      present = (enabledState() & feature.state) == feature.state;
    return present ? CpuFeature::Present : CpuFeature::Absent;
  }
  return CpuFeature::Unknown;
}

#elif defined(__aarch64__)

std::string_view hostIsa() { return "aarch64"; }

CpuFeature hasCpuFeature(std::string_view name) {
  if (name == "v8a") // What every 64-bit Arm CPU has.
    return CpuFeature::Present;
  for (const ArmFeature &feature : kArmFeatures) {
    if (feature.name != name)
      continue;
    auto word = feature.word == HwcapWord::First ? AT_HWCAP : AT_HWCAP2;
    return (getauxval(word) >> feature.bit) & 1 ? CpuFeature::Present
                                                : CpuFeature::Absent;
  }
  return CpuFeature::Unknown;
}

#else

std::string_view hostIsa() { return "unknown"; }
CpuFeature hasCpuFeature(std::string_view name) { return CpuFeature::Unknown; }

#endif

Status checkCpu(std::string_view isa, Span<const std::string> needed) {
  if (isa != hostIsa())
    return Status(StatusCode::Unsupported,
                  "the code is for " + std::string(isa) + ", this machine is " +
                      std::string(hostIsa()));
  std::string missing;
  for (const std::string &feature : needed)
    if (hasCpuFeature(feature) != CpuFeature::Present)
      missing.append(missing.empty() ? "" : ", ").append(feature);
  if (!missing.empty())
    return Status(StatusCode::Unsupported,
                  "the code needs CPU features that this machine lacks: " +
                      missing + "; compile for another --target");
  return {};
}

} // namespace lcp::rt
