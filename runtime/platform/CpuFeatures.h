//===- CpuFeatures.h - What this CPU can do ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_CPUFEATURES_H
#define LCP_RUNTIME_PLATFORM_CPUFEATURES_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <string>
#include <string_view>

namespace lcp::rt {

/// The instruction set this process runs on, by LLVM's name: "x86_64",
/// "aarch64".
std::string_view hostIsa();

/// Whether the CPU has a feature and the system lets programs use it. The name
/// is LLVM's ("avx512f", "fma", "neon", "dotprod"). Nothing for a name that
/// this build does not know on this instruction set.
enum class CpuFeature { Present, Absent, Unknown };
CpuFeature hasCpuFeature(std::string_view name);

/// Fails with Unsupported and all that is missing if code for `isa` that needs
/// `features` cannot run here. A feature of unknown name counts as missing.
Status checkCpu(std::string_view isa, Span<const std::string> features);

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_CPUFEATURES_H
