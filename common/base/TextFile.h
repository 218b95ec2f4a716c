//===- TextFile.h - Small files that are read whole -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_TEXTFILE_H
#define LCP_COMMON_BASE_TEXTFILE_H

#include "common/base/Status.h"

#include <string>

namespace lcp {

/// All of a file that people or tools wrote for us: a list of machines, a key,
/// a report. It is a regular file of at most 64 MiB, so a pipe that nobody
/// writes to, or a device without an end, is an error and not a wait. Fails
/// with NotFound if there is none, else with InvalidArgument, and says why; who
/// asks has the path.
Result<std::string> readTextFile(const std::string &path);

} // namespace lcp

#endif // LCP_COMMON_BASE_TEXTFILE_H
