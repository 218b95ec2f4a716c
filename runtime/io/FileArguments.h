//===- FileArguments.h - Which file is for which tensor ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_FILEARGUMENTS_H
#define LCP_RUNTIME_IO_FILEARGUMENTS_H

#include "common/base/Tensor.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// The file of each of `inputs` by the values that `option` was given:
/// NAME=FILE for the input of that name, FILE for the first that has none. Each
/// needs one; a name that is no input's is an error, unless the whole is a
/// file. `option`, such as "--input", is for messages.
Result<std::vector<std::string>>
assignInputFiles(Span<const TensorSpec> inputs, const std::string &option,
                 const std::vector<std::string> &values);

/// The file of each of `outputs` in the same way, but any may go without: its
/// file is empty. What has a slash before its first '=' is FILE.
Result<std::vector<std::string>>
assignOutputFiles(Span<const TensorSpec> outputs, const std::string &option,
                  const std::vector<std::string> &values);

} // namespace lcp::rt

#endif // LCP_RUNTIME_IO_FILEARGUMENTS_H
