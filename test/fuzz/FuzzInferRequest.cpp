//===- FuzzInferRequest.cpp - Any bytes as a request to a worker ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/GrpcStatus.h"
#include "runtime/serving/ServedModel.h"

#include <cstdlib>
#include <cstring>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// Every element type, in both directions: outputs are the inputs.
ModelSignature signature() {
  std::vector<TensorSpec> tensors = {{"f", ElementType::F32, {2, 2}},
                                     {"i", ElementType::I8, {3}},
                                     {"j", ElementType::I32, {1, 2}}};
  return {"m", "v", tensors, tensors};
}

class Copier final : public Servable {
public:
  Copier() : Servable(::signature()) {}
  Status run(Span<const void *const> inputs, Span<void *const> outputs,
             Deadline) override {
    for (size_t i = 0; i < inputs.size(); ++i)
      std::memcpy(outputs[i], inputs[i], *byteSize(signature().inputs[i]));
    return Status();
  }
};

} // namespace

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  quietLibraryLogs();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static KeptValues kept(4 * KeptValues::overhead);
  static const std::unique_ptr<ServedModel> model =
      *ServedModel::create(std::make_unique<Copier>(), kept);
  inference::ModelInferRequest request;
  if (!request.ParseFromArray(data, int(size)))
    return 0;
  inference::ModelInferResponse response;
  Status status = model->infer(request, noDeadline, response);
  if (status.ok() ? response.outputs_size() == 0 : status.message().empty())
    std::abort();
  return 0;
}
