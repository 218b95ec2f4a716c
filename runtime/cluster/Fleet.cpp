//===- Fleet.cpp - What all requests share --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/Fleet.h"

using namespace lcp;
using namespace lcp::rt;

TensorPointer lcp::rt::makeTensor(const TensorSpec &spec, const std::byte *data,
                                  bool hasImage) {
  // The size was checked when the bundle was loaded.
  return std::make_shared<SharedTensor>(ByteSpan(data, *byteSize(spec)),
                                        /*whenNeeded=*/hasImage);
}

Status Fleet::checkAnswer(size_t worker, const BranchCall &call,
                          const BranchAnswer &answer) const {
  const std::vector<TensorSpec> &specs = call.model->outputs;
  bool right = answer.size() == specs.size();
  for (size_t i = 0; right && i < specs.size(); ++i) {
    Result<uint64_t> size = byteSize(specs[i]);
    right = !call.isSentBack(i) || (size.ok() && answer[i].size() == *size);
  }
  if (right)
    return Status();
  return Status(StatusCode::Corrupt,
                "worker " + addresses[worker] + ", " + call.model->name +
                    ": the answer does not have the model's outputs");
}
