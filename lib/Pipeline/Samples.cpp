//===- Samples.cpp - Inputs for calibration and golden outputs -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "runtime/io/FileArguments.h"
#include "runtime/io/TensorFile.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::ElementType;
using ::lcp::TensorSpec;
using reference::Tensor;
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

static ElementType runtimeType(Type type) {
  return type.isF32()        ? ElementType::F32
         : type.isInteger(8) ? ElementType::I8
                             : ElementType::I32;
}

static TensorSpec specOf(func::FuncOp main, unsigned input) {
  auto type = cast<RankedTensorType>(main.getArgumentTypes()[input]);
  auto name = main.getArgAttrOfType<StringAttr>(input, kNameAttr);
  return {name ? name.str() : "input" + std::to_string(input),
          runtimeType(type.getElementType()), type.getShape().vec()};
}

static rt::ImagePreprocessing
runtimePreprocessing(const std::optional<ImagePreprocessing> &image) {
  rt::ImagePreprocessing result;
  if (image) {
    result.mean = image->mean;
    result.scale = image->scale;
    result.bgr = image->bgr;
  }
  return result;
}

namespace {
/// Reads files for the inputs of one function.
class InputReader {
public:
  InputReader(func::FuncOp main, const std::optional<ImagePreprocessing> &image)
      : main(main), loc(UnknownLoc::get(main.getContext())),
        image(runtimePreprocessing(image)) {}

  /// The tensors for `input` that the file stacks; reports at `loc`.
  FailureOr<SmallVector<Tensor>> read(StringRef file, unsigned input);

private:
  func::FuncOp main;
  Location loc;
  rt::ImagePreprocessing image;
};
} // namespace

FailureOr<SmallVector<Tensor>> InputReader::read(StringRef file,
                                                 unsigned input) {
  auto type = cast<RankedTensorType>(main.getArgumentTypes()[input]);
  auto batch = rt::readInput(file.str(), specOf(main, input), image);
  if (!batch.ok())
    return emitError(loc) << batch.status().message();
  SmallVector<Tensor> tensors;
  uint64_t bytes = getByteSize(type);
  auto *data = reinterpret_cast<const char *>(batch->buffer.data());
  for (uint64_t i = 0; i < batch->count; ++i) {
    auto tensor = Tensor::fromRaw(type, ArrayRef(data + i * bytes, bytes));
    if (failed(tensor))
      return emitError(loc) << file << ": not a tensor of " << type;
    if (!std::isfinite(tensor->maxAbs()))
      return emitError(loc) << "'" << file << "' holds a value that is not "
                            << "finite, which says nothing about the model";
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

FailureOr<SmallVector<Sample>>
mlir::lcp::readSamples(func::FuncOp main, StringRef path,
                       const std::optional<ImagePreprocessing> &image) {
  Location loc = UnknownLoc::get(main.getContext());
  if (main.getNumArguments() != 1)
    return emitError(loc) << path << ": one file cannot feed a model of "
                          << main.getNumArguments() << " inputs";
  FailureOr<SmallVector<std::string>> files = listFiles(path, loc);
  if (failed(files))
    return failure();
  InputReader reader(main, image);
  SmallVector<Sample> samples;
  for (const std::string &file : *files) {
    auto tensors = reader.read(file, 0);
    if (failed(tensors))
      return failure();
    for (Tensor &tensor : *tensors)
      samples.push_back({std::move(tensor)});
  }
  return samples;
}

FailureOr<Sample>
mlir::lcp::readInputs(func::FuncOp main, StringRef option,
                      const std::vector<std::string> &values,
                      const std::optional<ImagePreprocessing> &image) {
  std::vector<TensorSpec> specs;
  specs.reserve(main.getNumArguments());
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    specs.push_back(specOf(main, i));
  auto files = rt::assignInputFiles(specs, option.str(), values);
  if (!files.ok())
    return emitError(UnknownLoc::get(main.getContext()))
           << files.status().message();
  InputReader reader(main, image);
  Sample inputs;
  for (auto [i, file] : llvm::enumerate(*files)) {
    auto tensors = reader.read(file, i);
    if (failed(tensors))
      return failure();
    inputs.push_back(std::move(tensors->front()));
  }
  return inputs;
}
