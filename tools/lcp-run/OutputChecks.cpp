//===- OutputChecks.cpp - What a run is to write, looked at before --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputChecks.h"
#include "runtime/io/TensorFile.h"

#include <filesystem>
#include <map>

namespace lcp::rt {

Result<std::vector<OutputFile>> openOutputs(const RunOptions &options) {
  std::vector<OutputFile> pipes;
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string &output : options.outputs) {
    if (output.empty())
      continue;
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
    if (path.empty())
      continue;
    LCP_ASSIGN_OR_RETURN(OutputFile file, OutputFile::create(path));
    if (std::filesystem::is_other(there)) {
      // Several outputs may go to /dev/null.
      pipes.push_back(std::move(file));
      continue;
    }
    auto [other, fresh] =
        known.emplace(std::filesystem::weakly_canonical(
                          std::filesystem::absolute(path, error), error),
                      option);
    if (!fresh)
      return Status(StatusCode::InvalidArgument,
                    other->second + " and " + option +
                        " would both write to '" + path + "'");
  }
  return pipes;
}

} // namespace lcp::rt
