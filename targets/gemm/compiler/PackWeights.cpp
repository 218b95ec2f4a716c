//===- PackWeights.cpp - Weights in the order of the array ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "targets/gemm/abi/Validate.h"
#include "targets/gemm/compiler/Encode.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
namespace abi = ::lcp::gemm;

// A dense layer's weights are a constant seen as OIHW.
static ConstantOp getConstant(Value value) {
  if (auto reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getInput();
  return value.getDefiningOp<ConstantOp>();
}

static LogicalResult packTable(gemm::ConvOp op, std::vector<char> &weights) {
  SmallVector<int32_t> storage[3];
  ArrayRef<int32_t> words[3];
  Value operands[3] = {op.getBias(), op.getMultiplier(), op.getShift()};
  for (unsigned i = 0; i < 3; ++i) {
    ConstantOp constant = getConstant(operands[i]);
    if (!constant)
      return op.emitError("has a bias, multiplier or shift that is not "
                          "constant");
    words[i] = constant.getValues<int32_t>(storage[i]);
  }
  auto at = [](ArrayRef<int32_t> values, size_t channel) {
    return values[values.size() == 1 ? 0 : channel];
  };
  for (size_t channel = 0; channel < words[0].size(); ++channel) {
    int32_t bias = words[0][channel];
    int32_t multiplier = at(words[1], channel), shift = at(words[2], channel);
    abi::ChannelEntry entry{bias, static_cast<uint16_t>(multiplier),
                            static_cast<uint8_t>(shift), 0};
    if (entry.multiplier != multiplier || entry.shift != shift ||
        !abi::isValid(entry))
      return op.emitError("has a bias, multiplier or shift that the engine "
                          "cannot hold, in channel ")
             << channel;
    auto *bytes = reinterpret_cast<const char *>(&entry);
    weights.insert(weights.end(), bytes, bytes + sizeof(entry));
  }
  return success();
}

// One block of columns: row k = (r, s, i) of `result`, `stride` bytes each,
// holds element (first + j, i, r, s) of the OIHW weights in column j.
static void packBlock(const int8_t *oihw, int64_t count, int64_t depth,
                      int64_t taps, int64_t stride, char *result) {
  for (int64_t j = 0; j < count; ++j)
    for (int64_t i = 0; i < depth; ++i)
      for (int64_t tap = 0; tap < taps; ++tap)
        result[(tap * depth + i) * stride + j] = *oihw++;
}

LogicalResult gemm::packWeights(ConvOp op, std::vector<char> &weights,
                                abi::Command &command) {
  ConstantOp constant = getConstant(op.getWeight());
  if (!constant)
    return op.emitError("has weights that are not constant");
  SmallVector<int8_t> storage;
  const int8_t *values = constant.getValues<int8_t>(storage).data();

  // Table and weights start on a multiple of 64: whole bursts of the port.
  weights.resize(llvm::alignTo(weights.size(), 64));
  uint64_t tableBase = weights.size();
  if (failed(packTable(op, weights)))
    return failure();
  weights.resize(llvm::alignTo(weights.size(), 64));
  uint64_t weightBase = weights.size();
  int64_t depth = command.depth;
  int64_t taps = int64_t(command.kernelHeight) * command.kernelWidth;
  uint64_t end =
      weightBase +
      command.groups * abi::packedGroupBytes(depth * taps, command.channels);
  if (end > UINT32_MAX)
    return op.emitError("ends beyond 4 GiB of weights, which the engine cannot "
                        "address; split the model further");
  weights.resize(end);
  char *next = weights.data() + weightBase;
  for (uint32_t group = 0; group < command.groups; ++group)
    for (uint32_t first = 0; first < command.channels;
         first += abi::kArrayCols) {
      uint32_t count = std::min(abi::kArrayCols, command.channels - first);
      uint32_t stride = abi::paddedColumns(count);
      packBlock(values, count, depth, taps, stride, next);
      values += count * depth * taps;
      next += depth * taps * stride;
    }
  command.tableBase = tableBase;
  command.weightBase = weightBase;
  return success();
}
