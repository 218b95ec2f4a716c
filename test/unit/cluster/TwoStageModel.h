//===- TwoStageModel.h - A model whose values stay on workers ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_CLUSTER_TWOSTAGEMODEL_H
#define LCP_TEST_UNIT_CLUSTER_TWOSTAGEMODEL_H

#include "runtime/bundle/ModelInfo.h"

#include <string>

namespace lcp::rt::test {

/// x -> stage 0: own_b = x + b + 1, seen_b = 10 * x -> stage 1: out_b = own_b *
/// seen_b. Only own_b stays on its worker: seen_b is an output of the model,
/// like out_b. `crossed`: branch b reads the seen value of the branch behind
/// it, which is the same. Vectors of `width` floats.
inline ModelInfo makeTwoStageModel(unsigned branches, int64_t width,
                                   bool crossed = false) {
  ModelInfo model;
  model.name = "m";
  auto value = [&](const std::string &name) {
    model.values.push_back({name, ElementType::F32, {width}});
    return uint32_t(model.values.size() - 1);
  };
  uint32_t x = value("x");
  model.inputs.push_back({x, {}});
  ModelStage first, second;
  first.parallel = second.parallel = true;
  second.index = 1;
  for (unsigned b = 0; b < branches; ++b) {
    std::string suffix = std::to_string(b);
    uint32_t own = value("own" + suffix), seen = value("seen" + suffix),
             out = value("out" + suffix);
    ModelBranch branch;
    branch.name = "s0.b" + suffix;
    branch.inputs = {x};
    branch.outputs = {own, seen};
    first.branches.push_back(branch);
    branch.name = "s1.b" + suffix;
    branch.inputs = {own, seen};
    branch.outputs = {out};
    second.branches.push_back(branch);
    model.outputs.push_back({seen, {}});
    model.outputs.push_back({out, {}});
  }
  for (unsigned b = 0; crossed && b < branches; ++b)
    second.branches[b].inputs[1] =
        first.branches[(b + 1) % branches].outputs[1];
  model.steps = {first, second};
  return model;
}

/// What branch `b` of a stage of that model computes; `in` and `out` have its
/// inputs and outputs.
inline void runTwoStageBranch(unsigned stage, unsigned b, size_t width,
                              Span<const float *const> in,
                              Span<float *const> out) {
  for (size_t i = 0; i < width; ++i) {
    if (stage == 0) {
      out[0][i] = in[0][i] + float(b) + 1;
      out[1][i] = in[0][i] * 10;
    } else {
      out[0][i] = in[0][i] * in[1][i];
    }
  }
}

/// Memory for every value of a model.
struct Values {
  explicit Values(const ModelInfo &model) {
    for (const TensorSpec &spec : model.values) {
      buffers.push_back(*AlignedBuffer::allocate(*byteSize(spec)));
      pointers.push_back(buffers.back().data());
    }
  }
  float *floats(uint32_t value) {
    return reinterpret_cast<float *>(pointers[value]);
  }
  std::vector<AlignedBuffer> buffers;
  std::vector<std::byte *> pointers;
};

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_CLUSTER_TWOSTAGEMODEL_H
