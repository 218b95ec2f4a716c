//===- ModuleIO.cpp - Modules from and to files, by suffix ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/support/ModuleIO.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::lcp;

std::unique_ptr<llvm::MemoryBuffer>
mlir::lcp::openModuleFile(StringRef path, std::string &error) {
  const llvm::Align alignment(64); // of the dialect's blobs
  std::unique_ptr<llvm::MemoryBuffer> file =
      openInputFile(path, alignment, &error);
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

/// A rename would put a file in the place of /dev/null.
static bool isDevice(StringRef path) {
  return llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path) &&
         !llvm::sys::fs::is_directory(path);
}

static LogicalResult
writeToDevice(StringRef path, std::string &error,
              function_ref<LogicalResult(raw_ostream &)> write) {
  std::error_code problem;
  llvm::raw_fd_ostream stream(path, problem);
  bool good = !problem && succeeded(write(stream));
  stream.flush();
  if (!problem)
    problem = stream.error();
  stream.clear_error();
  if (problem)
    error = "cannot write " + path.str() + ": " + problem.message();
  return success(good && !problem);
}

LogicalResult mlir::lcp::writeFileAtomically(
    StringRef path, std::string &error,
    function_ref<LogicalResult(raw_ostream &)> write) {
  if (path == "-")
    return write(llvm::outs());
  if (isDevice(path))
    return writeToDevice(path, error, write);
  auto file = llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp");
  if (!file) {
    error = "cannot write " + path.str() + ": " + toString(file.takeError());
    return failure();
  }
  bool good;
  {
    llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
    good = succeeded(write(stream));
    stream.flush();
    if (stream.has_error()) {
      error = "cannot write " + path.str() + ": " + stream.error().message();
      stream.clear_error();
      good = false;
    }
  }
  llvm::Error closed = good ? file->keep(path) : file->discard();
  if (!closed)
    return success(good);
  error = "cannot write " + path.str() + ": " + toString(std::move(closed));
  return failure();
}

LogicalResult mlir::lcp::writeModule(ModuleOp module, StringRef path) {
  std::string error;
  auto write = [&](raw_ostream &stream) -> LogicalResult {
    if (path.ends_with(".mlirbc"))
      return writeBytecodeToFile(module, stream);
    OpPrintingFlags flags;
    flags.enableDebugInfo();
    module->print(stream, flags);
    stream << '\n';
    return success();
  };
  if (succeeded(writeFileAtomically(path, error, write)))
    return success();
  if (!error.empty())
    emitError(UnknownLoc::get(module.getContext())) << error;
  return failure();
}
