//===- LinkExecutable.cpp - Link, and check that nothing is left to do ----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Diagnostics.h"
#include "targets/cpu/compiler/object/CodeGen.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lcp::cpu;
using llvm::object::ELF64LEObjectFile;

/// One segment, read-execute, that is the whole file from its first byte.
static const char kScript[] = R"(
ENTRY(lcp_cpu_descriptor)
PHDRS { all PT_LOAD FILEHDR PHDRS FLAGS(5); }
SECTIONS {
  . = SIZEOF_HEADERS;
  .lcp.descriptor : { KEEP(*(.lcp.descriptor)) } :all
  .rodata : { *(.rodata .rodata.*) } :all
  .text : { *(.text .text.*) } :all
  /DISCARD/ : { *(.eh_frame) *(.comment) *(.note.*) *(.llvm_addrsig) }
}
)";

namespace {
/// A file that goes away with this object.
struct TemporaryFile {
  llvm::SmallString<128> path;

  explicit operator bool() const { return !path.empty(); }
  ~TemporaryFile() {
    if (!path.empty())
      llvm::sys::fs::remove(path);
  }
};
} // namespace

static LogicalResult write(TemporaryFile &file, StringRef suffix,
                           StringRef content, Location location) {
  int descriptor;
  std::error_code error =
      llvm::sys::fs::createTemporaryFile("lcp", suffix, descriptor, file.path);
  if (!error) {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os << content;
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (error)
    return emitError(location)
           << "cannot write a temporary file for the linker: "
           << error.message();
  return success();
}

/// Whatever would keep the segment from running as it is.
static std::string findDefect(const ELF64LEObjectFile &file) {
  const auto &elf = file.getELFFile();
  auto headers = elf.program_headers();
  if (!headers)
    return llvm::toString(headers.takeError());
  unsigned loaded = 0;
  for (const auto &header : *headers) {
    if (header.p_type != llvm::ELF::PT_LOAD)
      continue;
    ++loaded;
    if (header.p_offset != 0 || header.p_vaddr != 0 ||
        header.p_filesz != header.p_memsz ||
        header.p_flags != (llvm::ELF::PF_R | llvm::ELF::PF_X))
      return "its segment is not plain read-execute from offset 0";
  }
  if (loaded != 1)
    return "it has " + std::to_string(loaded) + " segments instead of one";
  for (const auto &section : file.sections()) {
    llvm::object::ELFSectionRef ref(section);
    if (!(ref.getFlags() & llvm::ELF::SHF_ALLOC) || section.getSize() == 0)
      continue;
    std::string name = llvm::cantFail(section.getName()).str();
    switch (ref.getType()) {
    case llvm::ELF::SHT_RELA:
    case llvm::ELF::SHT_REL:
    case llvm::ELF::SHT_RELR:
      return "it has dynamic relocations (" + name + ")";
    case llvm::ELF::SHT_INIT_ARRAY:
    case llvm::ELF::SHT_FINI_ARRAY:
      return "it has constructors (" + name + ")";
    default:
      break;
    }
    if (ref.getFlags() & llvm::ELF::SHF_WRITE)
      return "it has writable data (" + name + ")";
  }
  for (const auto &symbol : file.getDynamicSymbolIterators())
    if (llvm::cantFail(symbol.getFlags()) &
        llvm::object::SymbolRef::SF_Undefined)
      if (std::string name = llvm::cantFail(symbol.getName()).str();
          !name.empty())
        return "it imports '" + name + "'";
  return {};
}

static LogicalResult check(StringRef executable, Location location) {
  auto file = ELF64LEObjectFile::create(
      llvm::MemoryBufferRef(executable, "executable"));
  std::string defect =
      file ? findDefect(*file) : llvm::toString(file.takeError());
  if (defect.empty())
    return success();
  return emitError(location)
         << "the linked CPU executable cannot run by itself: " << defect;
}

static LogicalResult link(ArrayRef<TemporaryFile> inputs,
                          const TemporaryFile &output, Location location) {
  TemporaryFile script, log;
  if (failed(write(script, "ld", kScript, location)) ||
      failed(write(log, "log", "", location)))
    return failure();
  SmallVector<StringRef> arguments = {LCP_LLD,
                                      "-pie",
                                      "--no-dynamic-linker",
                                      "--hash-style=sysv",
                                      "-z",
                                      "text",
                                      "-z",
                                      "norelro",
                                      "-z",
                                      "rodynamic",
                                      "--no-undefined",
                                      "--build-id=none",
                                      "-T",
                                      script.path,
                                      "-o",
                                      output.path};
  for (const TemporaryFile &input : inputs)
    arguments.push_back(input.path);
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log.path),
                                          StringRef(log.path)};
  std::string error;
  int status = llvm::sys::ExecuteAndWait(LCP_LLD, arguments, std::nullopt,
                                         redirects, 0, 0, &error);
  if (status == 0)
    return success();
  auto text = llvm::MemoryBuffer::getFile(log.path);
  StringRef message = text ? (*text)->getBuffer().split('\n').first : error;
  return emitError(location)
         << "linking the CPU executable with " LCP_LLD " failed: "
         << (message.empty() ? StringRef(error) : message);
}

FailureOr<std::vector<char>>
mlir::lcp::cpu::linkExecutable(ArrayRef<Object> objects, Location location) {
  std::vector<TemporaryFile> inputs(objects.size());
  for (auto [input, object] : llvm::zip_equal(inputs, objects))
    if (failed(write(input, "o", StringRef(object.data(), object.size()),
                     location)))
      return failure();
  TemporaryFile output;
  if (failed(write(output, "lcp", "", location)) ||
      failed(link(inputs, output, location)))
    return failure();
  auto linked = llvm::MemoryBuffer::getFile(output.path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!linked)
    return emitError(location) << "cannot read the linked CPU executable: "
                               << linked.getError().message();
  StringRef executable = (*linked)->getBuffer();
  if (failed(check(executable, location)))
    return failure();
  return std::vector<char>(executable.begin(), executable.end());
}
