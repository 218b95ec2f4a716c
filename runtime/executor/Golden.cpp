//===- Golden.cpp - Does a bundle compute what it should? -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Golden.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace lcp::rt {
namespace {

template <typename T> double errorOf(ByteSpan actual, ByteSpan expected) {
  double largest = 0, difference = 0;
  for (size_t i = 0; i + sizeof(T) <= expected.size(); i += sizeof(T)) {
    T a, e;
    std::memcpy(&a, actual.data() + i, sizeof(T));
    std::memcpy(&e, expected.data() + i, sizeof(T));
    double distance = std::abs(double(a) - double(e));
    if (!std::isfinite(distance))
      return std::numeric_limits<double>::infinity();
    difference = std::max(difference, distance);
    largest = std::max(largest, std::abs(double(e)));
  }
  return difference / (largest == 0 ? 1 : largest);
}

} // namespace

double relativeError(ElementType type, ByteSpan actual, ByteSpan expected) {
  switch (type) {
  case ElementType::F32:
    return errorOf<float>(actual, expected);
  case ElementType::I8:
    return errorOf<int8_t>(actual, expected);
  case ElementType::I32:
    return errorOf<int32_t>(actual, expected);
  }
  return std::numeric_limits<double>::infinity();
}

Result<std::vector<GoldenComparison>> verifyGolden(const Bundle &bundle,
                                                   Executor &executor) {
  const ModelInfo &model = bundle.model();
  if (model.golden.empty())
    return Status(StatusCode::NotFound,
                  "the bundle has no golden outputs; compile with --golden");
  std::vector<GoldenComparison> results;
  for (size_t set = 0; set < model.golden.size(); ++set) {
    const ModelGolden &golden = model.golden[set];
    for (size_t i = 0; i < golden.inputs.size(); ++i) {
      LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.inputs[i]));
      std::memcpy(executor.input(i).data(), bytes.data(), bytes.size());
    }
    LCP_RETURN_IF_ERROR(executor.run());
    for (size_t i = 0; i < golden.outputs.size(); ++i) {
      LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.outputs[i]));
      const TensorSpec &spec = model.outputSpec(i);
      results.push_back({set, spec.name,
                         relativeError(spec.type, executor.output(i), bytes),
                         golden.tolerance});
    }
  }
  return results;
}

namespace {

/// One branch with memory of its own.
class BranchCheck {
public:
  static Result<std::unique_ptr<BranchCheck>>
  load(const Bundle &bundle, const ModelBranch &branch,
       const DriverRegistry &drivers, const Driver *engine);

  /// Compares one golden set, and adds to `results`.
  Status run(const Bundle &bundle, size_t set, ThreadPool &pool,
             std::vector<GoldenComparison> &results);

private:
  std::unique_ptr<LoadedBranch> branch;
  std::vector<AlignedBuffer> inputs, outputs;
  AlignedBuffer scratch;
};

Status allocate(Span<const TensorSpec> specs,
                std::vector<AlignedBuffer> &buffers) {
  for (const TensorSpec &spec : specs) {
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
    LCP_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::allocate(size));
    buffers.push_back(std::move(buffer));
  }
  return {};
}

Result<std::unique_ptr<BranchCheck>>
BranchCheck::load(const Bundle &bundle, const ModelBranch &branch,
                  const DriverRegistry &drivers, const Driver *engine) {
  auto check = std::make_unique<BranchCheck>();
  LCP_ASSIGN_OR_RETURN(check->branch,
                       LoadedBranch::load(bundle, branch, drivers, engine));
  LCP_RETURN_IF_ERROR(allocate(branch.inputSpecs(), check->inputs));
  LCP_RETURN_IF_ERROR(allocate(branch.outputSpecs(), check->outputs));
  LCP_ASSIGN_OR_RETURN(check->scratch,
                       AlignedBuffer::allocate(check->branch->scratchBytes()));
  return check;
}

Status BranchCheck::run(const Bundle &bundle, size_t set, ThreadPool &pool,
                        std::vector<GoldenComparison> &results) {
  const ModelBranch &description = branch->description();
  const ModelGolden &golden = description.golden[set];
  std::vector<const void *> in;
  std::vector<void *> out;
  for (size_t i = 0; i < inputs.size(); ++i) {
    LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.inputs[i]));
    std::memcpy(inputs[i].data(), bytes.data(), bytes.size());
    in.push_back(inputs[i].data());
  }
  out.reserve(outputs.size());
  for (AlignedBuffer &buffer : outputs)
    out.push_back(buffer.data());
  LCP_RETURN_IF_ERROR(branch->run(in, out, scratch.data(), pool));
  for (size_t i = 0; i < outputs.size(); ++i) {
    LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.outputs[i]));
    const TensorSpec &spec = description.outputSpecs()[i];
    // Values inside a model need no name.
    const std::string name =
        spec.name.empty() ? "output " + std::to_string(i) : spec.name;
    results.push_back({set, description.name + ", " + name,
                       relativeError(spec.type, outputs[i].bytes(), bytes),
                       golden.tolerance});
  }
  return {};
}

} // namespace

Result<std::vector<GoldenComparison>>
verifyBranches(const Bundle &bundle, const DriverRegistry &drivers,
               const std::vector<unsigned> &devices, unsigned threads,
               const std::string &engine) {
  LCP_ASSIGN_OR_RETURN(const Driver *preferred,
                       findEngine(bundle.model(), drivers, engine));
  LCP_ASSIGN_OR_RETURN(std::unique_ptr<ThreadPool> pool,
                       ThreadPool::create(threads));
  std::vector<GoldenComparison> results;
  for (const ModelStage *stage : bundle.model().stages())
    for (size_t b = 0; b < stage->branches.size(); ++b) {
      const ModelBranch &branch = stage->branches[b];
      if (!devices.empty() &&
          std::find(devices.begin(), devices.end(), stage->firstDevice + b) ==
              devices.end())
        continue;
      if (branch.golden.empty())
        continue;
      LCP_ASSIGN_OR_RETURN(
          std::unique_ptr<BranchCheck> check,
          BranchCheck::load(bundle, branch, drivers, preferred));
      for (size_t set = 0; set < branch.golden.size(); ++set)
        LCP_RETURN_IF_ERROR(check->run(bundle, set, *pool, results));
    }
  if (results.empty())
    return Status(StatusCode::NotFound,
                  "the bundle has no golden outputs of these branches; compile "
                  "with --golden");
  return results;
}

} // namespace lcp::rt
