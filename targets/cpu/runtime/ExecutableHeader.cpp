//===- ExecutableHeader.cpp - Finds the entry of a CPU executable ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/runtime/ExecutableHeader.h"

#include <cstring>
#include <elf.h>
#include <optional>
#include <string>

namespace lcp::rt::cpu {

namespace {

Status corrupt(const std::string &what) {
  return Status(StatusCode::Corrupt, "CPU executable: " + what);
}

/// A structure at `offset` of `code`, if it lies within.
template <typename T> std::optional<T> readAt(ByteSpan code, uint64_t offset) {
  if (offset > code.size() || code.size() - offset < sizeof(T))
    return std::nullopt;
  T value;
  std::memcpy(&value, code.data() + offset, sizeof(T));
  return value;
}

uint16_t machineOf(std::string_view isa) {
  if (isa == "x86_64")
    return EM_X86_64;
  if (isa == "aarch64")
    return EM_AARCH64;
  return EM_NONE;
}

/// Exactly one loadable segment, mapped as the file lies.
Status checkSegments(ByteSpan code, const Elf64_Ehdr &elf) {
  unsigned loadable = 0;
  for (unsigned i = 0; i < elf.e_phnum; ++i) {
    auto header = readAt<Elf64_Phdr>(
        code, elf.e_phoff + uint64_t(i) * sizeof(Elf64_Phdr));
    if (elf.e_phoff > code.size() || !header)
      return corrupt("its program headers are cut off");
    if (header->p_type != PT_LOAD)
      continue;
    ++loadable;
    if (header->p_offset != 0 || header->p_vaddr != 0 ||
        header->p_filesz != header->p_memsz || header->p_filesz > code.size() ||
        header->p_flags != (PF_R | PF_X))
      return corrupt("its segment cannot be mapped as it lies in the file");
  }
  if (loadable != 1)
    return corrupt("it has " + std::to_string(loadable) +
                   " loadable segments instead of one");
  return {};
}

} // namespace

Result<ExecutableHeader> readExecutableHeader(ByteSpan code,
                                              std::string_view isa) {
  auto elf = readAt<Elf64_Ehdr>(code, 0);
  if (!elf || std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
      elf->e_ident[EI_CLASS] != ELFCLASS64 ||
      elf->e_ident[EI_DATA] != ELFDATA2LSB ||
      elf->e_phentsize != sizeof(Elf64_Phdr))
    return corrupt("it is not a 64-bit little-endian ELF file");
  if (elf->e_machine != machineOf(isa))
    return corrupt("its code is not for " + std::string(isa));
  LCP_RETURN_IF_ERROR(checkSegments(code, *elf));
  auto info = readAt<lcp_cpu_descriptor>(code, elf->e_entry);
  if (!info || info->magic != LCP_CPU_DESCRIPTOR_MAGIC)
    return corrupt("it has no descriptor at its entry point");
  if (info->abi_version != LCP_CPU_ABI_VERSION)
    return Status(
        StatusCode::Unsupported,
        "CPU executable: ABI version " + std::to_string(info->abi_version) +
            ", this program has version " +
            std::to_string(LCP_CPU_ABI_VERSION) + "; compile the model again");
  // e_entry lies within the file, so this cannot overflow.
  int64_t entry = static_cast<int64_t>(elf->e_entry) + info->entry;
  if (entry < 0 || static_cast<uint64_t>(entry) >= code.size())
    return corrupt("its entry lies outside of it");
  return ExecutableHeader{*info, static_cast<uint64_t>(entry)};
}

} // namespace lcp::rt::cpu
