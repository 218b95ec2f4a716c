//===- GraphWriter.h - Names, nodes and initialisers of a graph -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_EXPORT_ONNX_GRAPHWRITER_H
#define LCP_LIB_EXPORT_ONNX_GRAPHWRITER_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

#include <onnx/onnx_pb.h>

namespace mlir::lcp {

/// Bytes of an initialiser that the model's file will not hold.
struct ExternalTensor {
  ConstantOp constant;
  uint64_t offset;
};

/// Builds a GraphProto out of @main: one node for most ops, under unique names
/// that carry the prefix of the branch being written.
class GraphWriter {
public:
  /// With `externalFile`, initialisers only refer to it by offset.
  GraphWriter(::onnx::GraphProto &graph, StringRef externalFile)
      : graph(graph), externalFile(externalFile) {}

  LogicalResult write(func::FuncOp main);
  /// Of each parallel stage, in order.
  ArrayRef<int64_t> firstDevices() const { return devices; }
  ArrayRef<ExternalTensor> externalTensors() const { return externals; }
  uint64_t externalSize() const { return externalBytes; }

private:
  //===--- Names ----------------------------------------------------------===//

  using Taken = llvm::StringMap<unsigned>; // with the next suffix to try
  /// `base` without a role it may have, behind the current prefix, made unique
  /// among values.
  std::string unique(StringRef base) { return unique(base, takenValues); }
  std::string unique(StringRef base, Taken &taken);
  std::string nodeName(Operation *op);
  /// The name of a value; of a constant, adds its initialiser.
  std::string nameOf(Value value);
  std::string addConstant(ConstantOp op);

  //===--- Pieces of a graph ----------------------------------------------===//

  void addValueInfo(::onnx::ValueInfoProto *info, StringRef name, Type type);
  ::onnx::NodeProto *addNode(StringRef type, StringRef name,
                             ArrayRef<std::string> inputs);
  /// A node for `op` that reads its operands and defines its result.
  ::onnx::NodeProto *addNode(Operation *op, StringRef type);
  std::string addInts(StringRef name, ArrayRef<int64_t> values);
  std::string addFloat(StringRef name, float value);

  //===--- Ops ------------------------------------------------------------===//

  void addInputs(func::FuncOp main);
  void reserveOutputs(func::FuncOp main);
  void addOutputs(func::FuncOp main);
  LogicalResult writeBlock(Block &block);
  LogicalResult writeOp(Operation *op);
  LogicalResult writeLayer(Operation *op);
  LogicalResult writeByName(ONNXOpInterface op);
  LogicalResult writeShape(Operation *op);
  LogicalResult writeChannelShuffle(ChannelShuffleOp op);
  LogicalResult writeOther(Operation *op);
  LogicalResult writeParallel(ParallelOp op);
  LogicalResult writeMerge(MergeOp op);

  ::onnx::GraphProto &graph;
  StringRef externalFile;
  std::string prefix;
  DenseMap<Value, std::string> names;
  Taken takenValues, takenNodes;
  DenseMap<Operation *, unsigned> stages; // lcp.parallel to its number
  SmallVector<int64_t> devices;           // the first of each stage
  DenseMap<Operation *, unsigned> merges; // lcp.parallel to merges so far
  SmallVector<ExternalTensor> externals;
  uint64_t externalBytes = 0;
};

} // namespace mlir::lcp

#endif // LCP_LIB_EXPORT_ONNX_GRAPHWRITER_H
