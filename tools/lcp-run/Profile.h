//===- Profile.h - What a profile says of each layer ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_RUN_PROFILE_H
#define LCP_TOOLS_LCP_RUN_PROFILE_H

#include "Report.h"

#include <nlohmann/json_fwd.hpp>

namespace lcp::rt {

/// A table with a line for each row of the report's profile: its time, and
/// where the report has a roofline what its layer reached of that.
std::string profileToText(const Report &report);

/// The same as a list of objects.
nlohmann::ordered_json profileToJson(const Report &report);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_RUN_PROFILE_H
