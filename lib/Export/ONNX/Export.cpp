//===- Export.cpp - The lcp dialect to ONNX files -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Export/ONNX/Export.h"
#include "GraphWriter.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Import/ONNX/Role.h"
#include "lcp/Support/OutputFiles.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/DebugStringHelper.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

using namespace mlir;
using namespace mlir::lcp;

/// The newest versions that Debian's libonnx knows.
static constexpr int64_t kIRVersion = 8, kOpset = 17;

namespace {

/// Lets protobuf write to a raw_ostream.
class StreamAdaptor : public google::protobuf::io::CopyingOutputStream {
public:
  explicit StreamAdaptor(raw_ostream &out) : out(out) {}
  bool Write(const void *data, int size) override {
    out.write(static_cast<const char *>(data), size);
    return true; // Errors are looked at when all is written.
  }

private:
  raw_ostream &out;
};

void serialize(const ::onnx::ModelProto &proto, raw_ostream &out) {
  StreamAdaptor adaptor(out);
  google::protobuf::io::CopyingOutputStreamAdaptor stream(&adaptor);
  proto.SerializeToZeroCopyStream(&stream);
}

/// Writes the tensors in order, with zeros between them for alignment.
void writeExternal(ArrayRef<ExternalTensor> tensors, raw_ostream &out) {
  uint64_t at = 0;
  for (ExternalTensor tensor : tensors) {
    out.write_zeros(tensor.offset - at);
    SmallVector<float> storage;
    ArrayRef<float> values = tensor.constant.getValues<float>(storage);
    out.write(reinterpret_cast<const char *>(values.data()),
              values.size() * sizeof(float));
    at = tensor.offset + values.size() * sizeof(float);
  }
}

uint64_t weightBytes(ModuleOp module) {
  uint64_t bytes = 0;
  module.walk([&](ConstantOp op) { bytes += getByteSize(op.getType()); });
  return bytes;
}

void setMetadata(ModuleOp module, ArrayRef<int64_t> firstDevices,
                 ::onnx::ModelProto &proto) {
  auto add = [&](StringRef key, const Twine &value) {
    auto *entry = proto.add_metadata_props();
    entry->set_key(key.str());
    entry->set_value(value.str());
  };
  if (auto name = module->getAttrOfType<StringAttr>(kModelNameAttr))
    add(kModelNameAttr, name.getValue());
  if (!firstDevices.empty())
    add(kStagesKey, Twine(firstDevices.size()));
  if (llvm::any_of(firstDevices, [](int64_t device) { return device != 0; })) {
    std::string list;
    for (int64_t device : firstDevices)
      list += (list.empty() ? "" : ",") + std::to_string(device);
    add(kFirstDevicesKey, list);
  }
  if (auto split = module->getAttrOfType<IntegerAttr>(kSplitAttr))
    add(kSplitAttr, Twine(split.getInt()));
  if (auto trained = module->getAttrOfType<BoolAttr>(kTrainedAfterSplitAttr))
    add(kTrainedAfterSplitAttr, trained.getValue() ? "true" : "false");
  if (PlanAttr plan = getPlan(module))
    add(kPlanAttr, debugString(plan));
}

LogicalResult fail(ModuleOp module, llvm::Error error) {
  return mlir::emitError(UnknownLoc::get(module.getContext()))
         << toString(std::move(error));
}

LogicalResult exportGuarded(ModuleOp module, StringRef path,
                            const ONNXExportOptions &options) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return mlir::emitError(UnknownLoc::get(module.getContext()))
           << "the module has no function @main to export";
  bool external = weightBytes(module) > options.externalDataOver;
  if (external && path == "-")
    return mlir::emitError(UnknownLoc::get(module.getContext()))
           << "the weights need a file of their own beside the model; give the "
              "model a file name with -o";
  std::string dataPath = (path + ".data").str();
  ::onnx::ModelProto proto;
  GraphWriter writer(*proto.mutable_graph(),
                     external ? llvm::sys::path::filename(dataPath) : "");
  if (failed(writer.write(main)))
    return failure();
  proto.set_ir_version(kIRVersion);
  proto.set_producer_name("lcp");
  proto.add_opset_import()->set_version(kOpset);
  auto name = module->getAttrOfType<StringAttr>(kModelNameAttr);
  proto.mutable_graph()->set_name(name ? name.str() : "main");
  setMetadata(module, writer.firstDevices(), proto);
  OutputFiles outputs;
  auto write = [&](StringRef to, function_ref<void(raw_ostream &)> content) {
    llvm::Expected<raw_ostream &> stream = outputs.open(to);
    if (!stream)
      return fail(module, stream.takeError());
    content(*stream);
    return success();
  };
  if (external && failed(write(dataPath, [&](raw_ostream &out) {
        writeExternal(writer.externalTensors(), out);
      })))
    return failure();
  if (failed(write(path, [&](raw_ostream &out) { serialize(proto, out); })))
    return failure();
  if (llvm::Error problem = outputs.commit())
    return fail(module, std::move(problem));
  return success();
}

} // namespace

// The only folder besides the importer that meets protobuf, which may throw.
LogicalResult mlir::lcp::exportONNX(ModuleOp module, StringRef path,
                                    const ONNXExportOptions &options) {
  try {
    return exportGuarded(module, path, options);
  } catch (const std::exception &e) {
    return mlir::emitError(UnknownLoc::get(module.getContext()))
           << "cannot write " << path << ": " << e.what();
  }
}
