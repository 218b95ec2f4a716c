//===- ModuleFile.cpp - Modules from and to files -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Support/ModuleFile.h"
#include "lcp/Support/OutputFiles.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::lcp;

/// Bytecode, or no control characters where a binary file has some.
static bool looksLikeModule(StringRef content) {
  return isBytecode(llvm::MemoryBufferRef(content, "")) ||
         llvm::all_of(content.take_front(512), [](unsigned char c) {
           return c >= ' ' || (c >= '\t' && c <= '\r');
         });
}

std::unique_ptr<llvm::MemoryBuffer>
mlir::lcp::openModuleFile(StringRef path, std::string &error) {
  const llvm::Align alignment(64); // of the dialect's blobs
  std::unique_ptr<llvm::MemoryBuffer> file =
      openInputFile(path, alignment, &error);
  if (file && path.ends_with(".onnx")) {
    error = ("'" + path +
             "' is an ONNX model; import it first: lcp-translate "
             "--import-onnx " +
             path + " -o " + path.drop_back(5) + ".mlirbc")
                .str();
    return nullptr;
  }
  if (file && !looksLikeModule(file->getBuffer())) {
    error = ((path == "-" ? "standard input" : "'" + path.str() + "'") +
             " is neither text nor bytecode of a module; an ONNX model must be "
             "a file named *.onnx, for lcp-compile or lcp-translate");
    return nullptr;
  }
  if (!file || llvm::isAddrAligned(alignment, file->getBufferStart()))
    return file;
  auto aligned = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      file->getBufferSize(), file->getBufferIdentifier(), alignment);
  llvm::copy(file->getBuffer(), aligned->getBufferStart());
  return aligned;
}

OwningOpRef<ModuleOp> mlir::lcp::readModule(StringRef path,
                                            MLIRContext *context) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> file = openModuleFile(path, error);
  if (!file) {
    emitError(UnknownLoc::get(context)) << error;
    return nullptr;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), SMLoc());
  return parseSourceFile<ModuleOp>(sources, context);
}

LogicalResult mlir::lcp::writeModule(ModuleOp module, StringRef path) {
  auto error = [&](llvm::Error problem) {
    return emitError(UnknownLoc::get(module.getContext()))
           << llvm::toString(std::move(problem));
  };
  OutputFiles outputs;
  llvm::Expected<raw_ostream &> stream = outputs.open(path);
  if (!stream)
    return error(stream.takeError());
  if (path.ends_with(".mlirbc")) {
    if (failed(writeBytecodeToFile(module, *stream)))
      return failure();
  } else {
    OpPrintingFlags flags;
    flags.enableDebugInfo();
    module->print(*stream, flags);
    *stream << '\n';
  }
  if (llvm::Error problem = outputs.commit())
    return error(std::move(problem));
  return success();
}
