//===- Samples.cpp - Inputs for calibration and golden outputs -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "runtime/io/TensorFile.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::lcp;
namespace rt = ::lcp::rt;

static FailureOr<SmallVector<std::string>> listFiles(StringRef path,
                                                     Location loc) {
  SmallVector<std::string> files;
  if (!llvm::sys::fs::is_directory(path)) {
    files.push_back(path.str());
    return files;
  }
  std::error_code code;
  for (llvm::sys::fs::directory_iterator it(path, code), end;
       it != end && !code; it.increment(code))
    if (!llvm::sys::fs::is_directory(it->path()))
      files.push_back(it->path());
  if (code)
    return emitError(loc) << "cannot read folder " << path << ": "
                          << code.message();
  if (files.empty())
    return emitError(loc) << "folder " << path << " holds no file";
  llvm::sort(files);
  return files;
}

static rt::ElementType runtimeType(Type type) {
  return type.isF32()        ? rt::ElementType::F32
         : type.isInteger(8) ? rt::ElementType::I8
                             : rt::ElementType::I32;
}

FailureOr<SmallVector<Sample>>
mlir::lcp::readSamples(func::FuncOp main, StringRef path,
                       const rt::ImagePreprocessing &image) {
  Location loc = UnknownLoc::get(main.getContext());
  if (main.getNumArguments() != 1)
    return emitError(loc) << path << ": one file cannot feed a model of "
                          << main.getNumArguments() << " inputs";
  auto type = cast<RankedTensorType>(main.getArgumentTypes()[0]);
  auto name = main.getArgAttrOfType<StringAttr>(0, kNameAttr);
  rt::TensorSpec spec{name ? name.str() : "input",
                      runtimeType(type.getElementType()),
                      type.getShape().vec()};
  FailureOr<SmallVector<std::string>> files = listFiles(path, loc);
  if (failed(files))
    return failure();

  SmallVector<Sample> samples;
  uint64_t bytes = getByteSize(type);
  for (const std::string &file : *files) {
    auto batch = rt::readInput(file, spec, image);
    if (!batch.ok())
      return emitError(loc) << batch.status().message();
    auto *data = reinterpret_cast<const char *>(batch->buffer.data());
    for (uint64_t i = 0; i < batch->count; ++i) {
      auto tensor = reference::Tensor::fromRaw(
          type, ArrayRef<char>(data + i * bytes, bytes));
      if (failed(tensor))
        return emitError(loc) << file << ": not a tensor of " << type;
      samples.push_back({std::move(*tensor)});
    }
  }
  return samples;
}
