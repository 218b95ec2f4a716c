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

/// Bytecode, or text: no control characters, which a binary file begins with.
static bool looksLikeModule(StringRef content) {
  return isBytecode(llvm::MemoryBufferRef(content, "")) ||
         llvm::all_of(content.take_front(512), [](unsigned char c) {
           return c >= ' ' || (c >= '\t' && c <= '\r');
         });
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mlir::lcp::openModuleFile(StringRef path) {
  const llvm::Align alignment(64); // of the dialect's blobs
  std::string problem;
  std::unique_ptr<llvm::MemoryBuffer> file =
      openInputFile(path, alignment, &problem);
  if (!file)
    return llvm::createStringError(problem);
  if (path.ends_with(".onnx"))
    return llvm::createStringError(
        "'" + path +
        "' is an ONNX model; import it first: lcp-translate --import-onnx " +
        path + " -o " + path.drop_back(5) + ".mlirbc");
  if (!looksLikeModule(file->getBuffer()))
    return llvm::createStringError(
        (path == "-" ? "standard input" : "'" + path.str() + "'") +
        " is neither text nor bytecode of a module; an ONNX model must be a "
        "file named *.onnx, for lcp-compile or lcp-translate");
  if (llvm::isAddrAligned(alignment, file->getBufferStart()))
    return file;
  auto aligned = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      file->getBufferSize(), file->getBufferIdentifier(), alignment);
  llvm::copy(file->getBuffer(), aligned->getBufferStart());
  return aligned;
}

static InFlightDiagnostic report(MLIRContext *context, llvm::Error problem) {
  return emitError(UnknownLoc::get(context))
         << llvm::toString(std::move(problem));
}

OwningOpRef<ModuleOp> mlir::lcp::readModule(StringRef path,
                                            MLIRContext *context) {
  auto file = openModuleFile(path);
  if (!file) {
    report(context, file.takeError());
    return nullptr;
  }
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*file), SMLoc());
  return parseSourceFile<ModuleOp>(sources, context);
}

LogicalResult mlir::lcp::writeModule(ModuleOp module, StringRef path) {
  OutputFiles outputs;
  llvm::Expected<raw_ostream &> stream = outputs.open(path);
  if (!stream)
    return report(module.getContext(), stream.takeError());
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
    return report(module.getContext(), std::move(problem));
  return success();
}
