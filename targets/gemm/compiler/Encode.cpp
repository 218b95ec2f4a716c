//===- Encode.cpp - Commands to bytes ------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/Encode.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "targets/gemm/abi/Validate.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;
namespace abi = ::lcp::gemm;

namespace {
class Encoder {
public:
  explicit Encoder(func::FuncOp function) : function(function) {}
  FailureOr<EncodedStream> run();

private:
  FailureOr<abi::FeatureMap> getMap(Value map);
  LogicalResult addBindings();
  LogicalResult addBinding(Operation *op, Value map, Value tensor,
                           std::optional<APFloat> scale);
  LogicalResult addCommand(Operation *op);
  LogicalResult setMaps(Operation *op, abi::Command &command, Value input,
                        Value output);
  LogicalResult encodeConv(ConvOp op, abi::Command &command);
  LogicalResult encodeAdd(Operation *op, abi::Command &command,
                          ValueRange inputs, Value output,
                          ArrayRef<int32_t> factors);
  void appendBytes(const void *data, size_t size) {
    auto *bytes = static_cast<const char *>(data);
    stream.code.insert(stream.code.end(), bytes, bytes + size);
  }
  LogicalResult check();

  func::FuncOp function;
  EncodedStream stream;
  std::vector<abi::Binding> bindings;
  std::vector<abi::Command> commands;
  /// The op of each command, for diagnostics.
  std::vector<Operation *> ops;
};
} // namespace

// Views lead to the op that has the address; their types have the rest.
static Operation *getRoot(Value map) {
  Operation *op = map.getDefiningOp();
  while (auto view = dyn_cast_or_null<ViewLikeOpInterface>(op))
    op = view.getViewSource().getDefiningOp();
  return op;
}

FailureOr<abi::FeatureMap> Encoder::getMap(Value map) {
  auto type = cast<MemRefType>(map.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  Operation *root = getRoot(map);
  auto address = root ? root->getAttrOfType<IntegerAttr>("address") : nullptr;
  if (!address || failed(getStridesAndOffset(type, strides, offset)))
    return emitError(map.getLoc(), "a feature map has no address; run "
                                   "gemm-assign-addresses");
  int64_t base = address.getInt() + offset;
  if (base < 0 || base > UINT32_MAX || strides[0] > UINT32_MAX)
    return emitError(map.getLoc(), "a feature map lies beyond 4 GiB, which the "
                                   "engine cannot address");
  return abi::FeatureMap{
      static_cast<uint32_t>(base), static_cast<uint32_t>(strides[0]),
      static_cast<uint32_t>(strides[1]), static_cast<uint32_t>(strides[2])};
}

LogicalResult Encoder::addBinding(Operation *op, Value map, Value tensor,
                                  std::optional<APFloat> scale) {
  FailureOr<abi::FeatureMap> place = getMap(map);
  if (failed(place))
    return failure();
  auto shape = cast<MemRefType>(map.getType()).getShape();
  abi::Binding binding{};
  binding.type = scale ? abi::BindingType::F32 : abi::BindingType::I8;
  binding.scale = scale ? scale->convertToFloat() : 1.0f;
  binding.batch = shape[0], binding.channels = shape[3];
  binding.height = shape[1], binding.width = shape[2];
  binding.map = *place;
  bindings.push_back(binding);
  return success();
}

// One for each argument, then one for each result, in order.
LogicalResult Encoder::addBindings() {
  for (BlockArgument argument : function.getArguments()) {
    if (!argument.hasOneUse() || !isa<LoadOp>(*argument.user_begin()))
      return function.emitError("argument ")
             << argument.getArgNumber() << " must have one gemm.load";
    auto load = cast<LoadOp>(*argument.user_begin());
    if (failed(addBinding(load, load.getMap(), argument, load.getScale())))
      return failure();
  }
  Operation *terminator = function.getBody().front().getTerminator();
  for (Value result : terminator->getOperands()) {
    auto store = result.getDefiningOp<StoreOp>();
    if (!store)
      return terminator->emitError("returns what is not a gemm.store");
    if (failed(addBinding(store, store.getMap(), result, store.getScale())))
      return failure();
  }
  return success();
}

LogicalResult Encoder::setMaps(Operation *op, abi::Command &command,
                               Value input, Value output) {
  FailureOr<abi::FeatureMap> in = getMap(input), out = getMap(output);
  if (failed(in) || failed(out))
    return failure();
  auto from = cast<MemRefType>(input.getType()).getShape();
  auto to = cast<MemRefType>(output.getType()).getShape();
  command.input = *in, command.output = *out;
  command.inputHeight = from[1], command.inputWidth = from[2];
  command.batch = to[0], command.height = to[1], command.width = to[2];
  command.channels = to[3];
  return success();
}

// A window's fields mean the same in every kind of command that has one.
template <typename Op> static void setWindow(Op op, abi::Command &command) {
  command.strideY = op.getStrides()[0], command.strideX = op.getStrides()[1];
  command.dilationY = op.getDilations()[0];
  command.dilationX = op.getDilations()[1];
  command.padTop = op.getPads()[0], command.padLeft = op.getPads()[1];
}

template <typename Op> static void setClamp(Op op, abi::Command &command) {
  command.clampMin = op.getMin(), command.clampMax = op.getMax();
}

template <typename Op> static void setKernel(Op op, abi::Command &command) {
  command.kernelHeight = op.getKernel()[0];
  command.kernelWidth = op.getKernel()[1];
}

LogicalResult Encoder::encodeConv(ConvOp op, abi::Command &command) {
  if (failed(setMaps(op, command, op.getInput(), op.getOutput())))
    return failure();
  command.kind = abi::Kind::Gemm;
  auto weight = cast<RankedTensorType>(op.getWeight().getType()).getShape();
  command.groups = op.getGroups();
  command.channels = weight[0] / command.groups;
  command.depth = weight[1];
  command.kernelHeight = weight[2], command.kernelWidth = weight[3];
  command.poolHeight = op.getPoolKernel()[0];
  command.poolWidth = op.getPoolKernel()[1];
  command.poolStrideY = op.getPoolStrides()[0];
  command.poolStrideX = op.getPoolStrides()[1];
  setWindow(op, command);
  setClamp(op, command);
  return packWeights(op, stream.weights, command);
}

LogicalResult Encoder::encodeAdd(Operation *op, abi::Command &command,
                                 ValueRange inputs, Value output,
                                 ArrayRef<int32_t> factors) {
  command.kind = abi::Kind::Add;
  if (failed(setMaps(op, command, inputs[0], output)))
    return failure();
  command.factors[0] = factors[0];
  command.second = command.input;
  if (inputs.size() == 1)
    return success();
  command.factors[1] = factors[1];
  FailureOr<abi::FeatureMap> second = getMap(inputs[1]);
  if (failed(second))
    return failure();
  command.second = *second;
  return success();
}

// Every field at its neutral value (abi/Command.h).
static abi::Command neutralCommand(uint32_t layer) {
  abi::Command c{};
  for (uint32_t *field :
       {&c.groups, &c.depth, &c.kernelHeight, &c.kernelWidth, &c.strideY,
        &c.strideX, &c.dilationY, &c.dilationX, &c.poolHeight, &c.poolWidth,
        &c.poolStrideY, &c.poolStrideX})
    *field = 1;
  c.clampMin = -abi::kMaxMagnitude, c.clampMax = abi::kMaxMagnitude;
  c.layer = layer;
  return c;
}

LogicalResult Encoder::addCommand(Operation *op) {
  abi::Command command = neutralCommand(commands.size());
  LogicalResult result =
      llvm::TypeSwitch<Operation *, LogicalResult>(op)
          .Case([&](ConvOp conv) { return encodeConv(conv, command); })
          .Case([&](MaxPoolOp pool) {
            command.kind = abi::Kind::MaxPool;
            setWindow(pool, command);
            setKernel(pool, command);
            return setMaps(op, command, pool.getInput(), pool.getOutput());
          })
          .Case([&](SumPoolOp pool) {
            command.kind = abi::Kind::SumPool;
            setWindow(pool, command);
            setKernel(pool, command);
            setClamp(pool, command);
            command.factors[0] = pool.getFactor();
            command.shift = pool.getShift();
            return setMaps(op, command, pool.getInput(), pool.getOutput());
          })
          .Case([&](gemm::AddOp add) {
            setClamp(add, command);
            command.shift = add.getShift();
            return encodeAdd(op, command, add.getInputs(), add.getOutput(),
                             add.getFactors());
          })
          .Case([&](memref::CopyOp copy) {
            return encodeAdd(op, command, copy.getSource(), copy.getTarget(),
                             {1});
          })
          .Default([](Operation *other) {
            return other->emitError("'")
                   << other->getName() << "' is not a command";
          });
  if (failed(result))
    return failure();
  commands.push_back(command);
  ops.push_back(op);
  stream.layers.push_back(getNodeName(op->getLoc(), "layer").str());
  return success();
}

// Finds what exceeds a limit of the encoding that no earlier pass knows.
LogicalResult Encoder::check() {
  abi::Stream view;
  // A vector's memory is aligned for any scalar.
  abi::Fault fault =
      abi::validate(stream.code.data(), stream.code.size(),
                    reinterpret_cast<const uint8_t *>(stream.weights.data()),
                    stream.weights.size(), view);
  if (!fault)
    return success();
  uint64_t index = fault.index;
  if (fault.index >= 0 && index < ops.size())
    return ops[index]->emitError("cannot be encoded: ") << fault.reason;
  return function.emitError("cannot be encoded: ") << fault.reason;
}

FailureOr<EncodedStream> Encoder::run() {
  if (failed(addBindings()))
    return failure();
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isa<DestinationStyleOpInterface, memref::CopyOp>(op) &&
        failed(addCommand(&op)))
      return failure();
    if (isa<AllocOp, LoadOp>(op)) {
      auto address = op.getAttrOfType<IntegerAttr>("address");
      auto type = cast<MemRefType>(op.getResult(0).getType());
      uint64_t end = (address ? address.getInt() : 0) + type.getNumElements();
      stream.memoryBytes = std::max(stream.memoryBytes, end);
    }
  }
  abi::StreamHeader header{};
  header.magic = abi::kMagic, header.version = abi::kAbiVersion;
  header.arrayRows = abi::kArrayRows, header.arrayCols = abi::kArrayCols;
  header.numInputs = function.getNumArguments();
  header.numOutputs = function.getNumResults();
  header.numCommands = header.numLayers = commands.size();
  header.memoryBytes = stream.memoryBytes;
  header.weightBytes = stream.weights.size();
  appendBytes(&header, sizeof(header));
  appendBytes(bindings.data(), bindings.size() * sizeof(abi::Binding));
  appendBytes(commands.data(), commands.size() * sizeof(abi::Command));
  if (failed(check()))
    return failure();
  return std::move(stream);
}

FailureOr<EncodedStream> gemm::encode(func::FuncOp function) {
  return Encoder(function).run();
}
