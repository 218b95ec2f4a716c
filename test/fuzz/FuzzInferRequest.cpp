//===- FuzzInferRequest.cpp - Any bytes as a request to a worker ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/Codec.h"
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

/// An input that may come as an image.
ModelSignature imageSignature() {
  std::vector<TensorSpec> tensors = {{"x", ElementType::F32, {1, 3, 2, 2}}};
  return {"p", "v", tensors, tensors, {ImagePreprocessing()}};
}

class Copier final : public Servable {
public:
  explicit Copier(ModelSignature signature) : Servable(std::move(signature)) {}
  Status run(ServableRun &run) override {
    for (size_t i = 0; i < run.inputs.size(); ++i)
      std::memcpy(run.outputs[i], run.inputs[i],
                  *byteSize(signature().inputs[i]));
    return Status();
  }
};

} // namespace

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  quietMessageLogs();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ResidentValues residents(8 * ResidentValues::overhead);
  static const std::unique_ptr<ServedModel>
      ofTensors = *ServedModel::create(std::make_unique<Copier>(signature()),
                                       residents),
      ofImages = *ServedModel::create(
          std::make_unique<Copier>(imageSignature()), residents);
  const PeerIdentity peer{"", "127.0.0.1:1", 1};
  Result<InferMessage> message =
      parseInferMessage({reinterpret_cast<const std::byte *>(data), size});
  if (!message.ok())
    return 0;
  ServedModel *model =
      message->header.model_name() == "p" ? ofImages.get() : ofTensors.get();
  Result<InferRequest> request =
      matchRequest(*std::move(message), model->signature());
  if (!request.ok() && request.status().message().empty())
    std::abort();
  if (!request.ok())
    return 0;
  // As the exchange would, for inputs that other workers push.
  static const std::vector<std::byte> shard(48);
  for (size_t i = 0; i < request->inputs.size(); ++i)
    for (AwaitedShard &awaited : request->inputs[i].awaited)
      awaited.contents = {shard.data(),
                          *byteSize(model->signature().inputs[i])};
  Result<InferAnswer> answer = model->infer(*request, peer, noDeadline);
  if (answer.ok() ? answer->message.size() == 0
                  : answer.status().message().empty())
    std::abort();
  return 0;
}
