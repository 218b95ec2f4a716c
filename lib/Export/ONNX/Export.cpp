//===- Export.cpp - The lcp dialect to ONNX files -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Export/ONNX/Export.h"
#include "GraphWriter.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Import/ONNX/Role.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

using namespace mlir;
using namespace mlir::lcp;

/// The newest versions that Debian's libonnx knows.
static constexpr int64_t kIRVersion = 8, kOpset = 17;

namespace {

/// A file under a temporary name, renamed by `keep`, removed otherwise. What is
/// no file, such as /dev/null, is written as it is: a rename would replace it.
class PendingFile {
public:
  llvm::Error open(StringRef finalPath) {
    path = finalPath.str();
    if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path) &&
        !llvm::sys::fs::is_directory(path)) {
      std::error_code error;
      stream = std::make_unique<llvm::raw_fd_ostream>(path, error);
      return llvm::errorCodeToError(error);
    }
    auto created = llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp");
    if (!created)
      return created.takeError();
    file = std::move(*created);
    stream = std::make_unique<llvm::raw_fd_ostream>(file->FD, false);
    return llvm::Error::success();
  }
  ~PendingFile() {
    if (stream && stream->has_error())
      stream->clear_error();
    stream.reset();
    if (file)
      llvm::consumeError(file->discard());
  }
  raw_ostream &out() { return *stream; }
  llvm::Error flush() {
    stream->flush();
    std::error_code error = stream->error();
    stream->clear_error();
    return error ? llvm::errorCodeToError(error) : llvm::Error::success();
  }
  llvm::Error keep() {
    if (!file)
      return llvm::Error::success();
    llvm::Error error = file->keep(path);
    file.reset();
    return error;
  }

private:
  std::string path;
  std::optional<llvm::sys::fs::TempFile> file;
  std::unique_ptr<llvm::raw_fd_ostream> stream;
};

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

void setMetadata(ModuleOp module, unsigned stages, ::onnx::ModelProto &proto) {
  auto add = [&](StringRef key, const Twine &value) {
    auto *entry = proto.add_metadata_props();
    entry->set_key(key.str());
    entry->set_value(value.str());
  };
  if (auto name = module->getAttrOfType<StringAttr>(kModelNameAttr))
    add(kModelNameAttr, name.getValue());
  if (stages != 0)
    add(kStagesKey, Twine(stages));
  if (auto split = module->getAttrOfType<IntegerAttr>(kSplitAttr))
    add(kSplitAttr, Twine(split.getInt()));
  if (auto trained = module->getAttrOfType<BoolAttr>(kTrainedAfterSplitAttr))
    add(kTrainedAfterSplitAttr, trained.getValue() ? "true" : "false");
}

LogicalResult fail(ModuleOp module, StringRef path, llvm::Error error) {
  return mlir::emitError(UnknownLoc::get(module.getContext()))
         << "cannot write " << path << ": " << toString(std::move(error));
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
  setMetadata(module, writer.numStages(), proto);
  if (path == "-") {
    serialize(proto, llvm::outs());
    return success();
  }
  PendingFile data, model;
  if (external) {
    if (llvm::Error error = data.open(dataPath))
      return fail(module, dataPath, std::move(error));
    writeExternal(writer.externalTensors(), data.out());
    if (llvm::Error error = data.flush())
      return fail(module, dataPath, std::move(error));
  }
  if (llvm::Error error = model.open(path))
    return fail(module, path, std::move(error));
  serialize(proto, model.out());
  if (llvm::Error error = model.flush())
    return fail(module, path, std::move(error));
  if (external)
    if (llvm::Error error = data.keep())
      return fail(module, dataPath, std::move(error));
  if (llvm::Error error = model.keep())
    return fail(module, path, std::move(error));
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
