//===- OutputChecks.cpp - What a run is to write, looked at before --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputChecks.h"
#include "runtime/io/TensorFile.h"
#include "runtime/platform/OutputFile.h"

#include <filesystem>
#include <map>

namespace lcp::rt {

Status checkOutputs(const RunOptions &options) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string &output : options.outputs) {
    LCP_RETURN_IF_ERROR(checkTensorSuffix(output));
    files.emplace_back("--output", output);
  }
  files.emplace_back("--trace", options.trace);
  files.emplace_back("--calibrate-device", options.calibrateDevice);
  std::map<std::filesystem::path, std::string> known;
  for (const auto &[option, path] : files) {
    std::error_code error;
    const std::filesystem::file_status there =
        std::filesystem::status(path, error);
    // Who reads a pipe would take the look for the end of it; and several
    // outputs may go to /dev/null.
    if (path.empty() || std::filesystem::is_other(there))
      continue;
    LCP_RETURN_IF_ERROR(OutputFile::create(path).status());
    auto [other, fresh] =
        known.emplace(std::filesystem::weakly_canonical(
                          std::filesystem::absolute(path, error), error),
                      option);
    if (!fresh)
      return Status(StatusCode::InvalidArgument,
                    other->second + " and " + option +
                        " would both write to '" + path + "'");
  }
  return {};
}

} // namespace lcp::rt
