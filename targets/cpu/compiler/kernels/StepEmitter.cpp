//===- StepEmitter.cpp - A step while its kernel is written ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static MemRefType getBufferType(const TensorLayout &tensor) {
  return MemRefType::get({getView(tensor.type, tensor.layout).elements},
                         tensor.type.getElementType());
}

/// Gives the function a kernel's signature and an empty body; returns the old.
static void openKernel(func::FuncOp step, Region &oldBody) {
  MLIRContext *context = step.getContext();
  SmallVector<Type> types;
  for (unsigned i = 0; i < step.getNumArguments(); ++i)
    types.push_back(getBufferType(getArgument(step, i)));
  types.push_back(getBufferType(getResult(step)));
  unsigned numBuffers = types.size();
  types.append(2, IndexType::get(context));

  oldBody.takeBody(step.getBody());
  step.setType(FunctionType::get(context, types, {}));
  step.setAllResultAttrs(ArrayRef<DictionaryAttr>{});
  auto noAlias = DictionaryAttr::get(
      context, NamedAttribute(StringAttr::get(context, "llvm.noalias"),
                              UnitAttr::get(context)));
  SmallVector<DictionaryAttr> attributes(numBuffers, noAlias);
  attributes.append(2, DictionaryAttr::get(context));
  step.setAllArgAttrs(attributes);
  step.addEntryBlock();
}

StepEmitter::StepEmitter(func::FuncOp step)
    : schedule(step->getAttrOfType<ScheduleAttr>(kScheduleAttr)),
      k(step, schedule.getLanes()) {
  step->removeAttr(kScheduleAttr);
  for (unsigned i = 0; i < step.getNumArguments(); ++i)
    operands.push_back({Value(), getArgument(step, i)});
  result.tensor = getResult(step);
  openKernel(step, body);
  root = &body.front().front();
  for (auto [i, operand] : llvm::enumerate(operands))
    operand.buffer = step.getArgument(i);
  result.buffer = step.getArgument(operands.size());
  k.builder().setInsertionPointToEnd(&step.getBody().front());
}

BufferedTensor StepEmitter::operand(Value outside) const {
  return operands[cast<BlockArgument>(outside).getArgNumber()];
}

Type StepEmitter::accumulator() const {
  return getElementTypeOrSelf(root->getResult(0).getType());
}

void StepEmitter::tileLoop(const std::array<int64_t, 4> &counts,
                           function_ref<void(ArrayRef<Value>)> body) {
  SmallVector<int64_t> sizes;
  int64_t total = 1;
  for (Loop loop : schedule.getLoops()) {
    sizes.push_back(counts[static_cast<unsigned>(loop)]);
    total *= sizes.back();
  }
  k.parallelLoop(total, [&](Value t) {
    std::array<Value, 4> positions;
    for (auto [loop, position] :
         llvm::zip_equal(schedule.getLoops(), k.delinearize(t, sizes)))
      positions[static_cast<unsigned>(loop)] = position;
    body(positions);
  });
}

Value StepEmitter::applyFused(Value value, function_ref<Value(Value)> load) {
  llvm::DenseMap<Value, Value> computed;
  computed[root->getResult(0)] = value;
  for (Operation *op = root->getNextNode();
       !op->hasTrait<OpTrait::IsTerminator>(); op = op->getNextNode()) {
    SmallVector<Value> inputs;
    for (Value operand : op->getOperands())
      inputs.push_back(isa<BlockArgument>(operand) ? load(operand)
                                                   : computed.lookup(operand));
    value = emitElementwiseOp(k, op, inputs);
    computed[op->getResult(0)] = value;
  }
  return value;
}

void StepEmitter::fillZero(Value buffer, Value position, int64_t offset,
                           int64_t count) {
  int64_t lanes = k.lanes();
  Type element = KernelBuilder::elementType(buffer);
  if (count >= lanes) {
    Value zero = k.zero(element, lanes);
    k.loop(count / lanes, [&](Value i) {
      k.store(zero, buffer, k.add(position, k.mul(i, lanes)), offset);
    });
  }
  if (int64_t rest = count % lanes)
    k.store(k.zero(element, rest), buffer, position, offset + count - rest);
}

void StepEmitter::fillHalo() {
  const Layout &layout = result.tensor.layout;
  if (!layout.hasHalo())
    return;
  auto shape = result.tensor.type.getShape();
  int64_t block = layout.block;
  auto [top, left, bottom, right] = layout.halo;
  int64_t row = (shape[3] + left + right) * block;
  int64_t planeSize = row * (shape[2] + top + bottom);
  int64_t planes = result.view().elements / planeSize;
  // In memory the right of a row and the left of the next lie side by side.
  int64_t before = top * row + left * block;
  int64_t between = (left + right) * block;
  int64_t after = bottom * row + right * block;
  k.parallelLoop(planes, [&](Value plane) {
    Value start = k.mul(plane, planeSize);
    if (before)
      fillZero(result.buffer, start, 0, before);
    if (between)
      k.loop(shape[2] - 1, [&](Value y) {
        fillZero(result.buffer, k.add(start, k.mul(y, row)),
                 before + shape[3] * block, between);
      });
    if (after)
      fillZero(result.buffer, start, planeSize - after, after);
  });
}

ResultTile::ResultTile(StepEmitter &step, ValueRange positions) : step(step) {
  out = makeAccess(step.result, positions);
  for (Operation *op = step.root->getNextNode();
       op && !op->hasTrait<OpTrait::IsTerminator>(); op = op->getNextNode())
    for (Value operand : op->getOperands())
      if (isa<BlockArgument>(operand))
        reads[operand] = makeAccess(step.operand(operand), positions);
}

ResultTile::Access ResultTile::makeAccess(const BufferedTensor &tensor,
                                          ValueRange positions) {
  const TensorLayout &outer = step.result.tensor;
  BufferView view = getBroadcastView(outer.type, outer.layout,
                                     tensor.tensor.type, tensor.tensor.layout);
  Value base = step.k.add(step.k.dot(positions, view.strides), view.origin);
  return {tensor.buffer, base, view.strides};
}

static int64_t dotStatic(ArrayRef<int64_t> delta, ArrayRef<int64_t> strides) {
  int64_t sum = 0;
  for (auto [d, s] : llvm::zip(delta, strides))
    sum += d * s;
  return sum;
}

Value ResultTile::read(const Access &access, ArrayRef<int64_t> delta,
                       int64_t lanes, int64_t count) {
  Type element = KernelBuilder::elementType(access.buffer);
  int64_t offset = dotStatic(delta, access.strides);
  bool broadcast = access.strides.empty() || access.strides.back() == 0;
  if (broadcast || count == 1) {
    Value scalar = step.k.load(access.buffer, access.base, offset, 1, element);
    return step.k.splat(scalar, lanes);
  }
  // What lies behind the last wanted lane may not be the program's to read.
  bool part = count != 0 && count < lanes;
  Value value = step.k.load(access.buffer, access.base, offset,
                            part ? count : lanes, element);
  return part ? step.k.widen(value, lanes) : value;
}

void ResultTile::finish(Value value, ArrayRef<int64_t> delta, int64_t count) {
  int64_t lanes = 1;
  if (auto type = dyn_cast<VectorType>(value.getType()))
    lanes = type.getDimSize(0);
  Value done = step.applyFused(value, [&](Value outside) {
    return read(reads[outside], delta, lanes, count);
  });
  step.k.store(done, out.buffer, out.base, dotStatic(delta, out.strides),
               count);
}
