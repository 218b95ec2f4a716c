//===- ExecutableHeaderTest.cpp - What the CPU driver refuses -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/runtime/ExecutableHeader.h"
#include "runtime/driver/Driver.h"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// The smallest executable there can be: headers, a descriptor, a byte of code.
struct ElfFile {
  Elf64_Ehdr elf = {};
  Elf64_Phdr segment = {};
  lcp_cpu_descriptor info = {};
  uint8_t code = 0xc3;

  ElfFile() {
    std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_machine = EM_X86_64;
    elf.e_phentsize = sizeof(Elf64_Phdr);
    elf.e_phnum = 1;
    elf.e_phoff = offsetof(ElfFile, segment);
    elf.e_entry = offsetof(ElfFile, info);
    segment.p_type = PT_LOAD;
    segment.p_flags = PF_R | PF_X;
    segment.p_filesz = segment.p_memsz = sizeof(ElfFile);
    info.magic = LCP_CPU_DESCRIPTOR_MAGIC;
    info.abi_version = LCP_CPU_ABI_VERSION;
    info.steps = 3;
    info.entry = offsetof(ElfFile, code) - offsetof(ElfFile, info);
  }

  ByteSpan bytes(size_t size = sizeof(ElfFile)) const {
    return {reinterpret_cast<const std::byte *>(this), size};
  }
};

StatusCode read(ByteSpan bytes) {
  return cpu::readExecutableHeader(bytes, "x86_64").status().code();
}

} // namespace

TEST(ExecutableHeader, FindsTheEntry) {
  ElfFile executable;
  auto header = cpu::readExecutableHeader(executable.bytes(), "x86_64");
  ASSERT_TRUE(header.ok()) << header.status().message();
  EXPECT_EQ(header->info.steps, 3u);
  EXPECT_EQ(header->entryOffset, offsetof(ElfFile, code));
}

TEST(ExecutableHeader, RefusesEveryTruncation) {
  ElfFile executable;
  for (size_t size = 0; size < sizeof(ElfFile); ++size)
    EXPECT_EQ(read(executable.bytes(size)), StatusCode::Corrupt) << size;
}

TEST(ExecutableHeader, RefusesAnotherInstructionSet) {
  ElfFile executable;
  executable.elf.e_machine = EM_AARCH64;
  EXPECT_EQ(read(executable.bytes()), StatusCode::Corrupt);
}

TEST(ExecutableHeader, RefusesAnotherVersion) {
  ElfFile executable;
  ++executable.info.abi_version;
  EXPECT_EQ(read(executable.bytes()), StatusCode::Unsupported);
}

TEST(ExecutableHeader, RefusesWritableSegments) {
  ElfFile executable;
  executable.segment.p_flags |= PF_W;
  EXPECT_EQ(read(executable.bytes()), StatusCode::Corrupt);
}

TEST(ExecutableHeader, RefusesASegmentThatMovesOrGrows) {
  ElfFile moved, grown;
  moved.segment.p_vaddr = 4096;
  grown.segment.p_memsz += 1;
  EXPECT_EQ(read(moved.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(grown.bytes()), StatusCode::Corrupt);
}

TEST(ExecutableHeader, RefusesAnEntryOutside) {
  ElfFile before, behind, wrapped;
  before.info.entry = -static_cast<int32_t>(sizeof(ElfFile));
  behind.info.entry = sizeof(ElfFile);
  wrapped.elf.e_entry = ~uint64_t(0);
  EXPECT_EQ(read(before.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(behind.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(wrapped.bytes()), StatusCode::Corrupt);
}

TEST(ExecutableHeader, RefusesHeadersOutside) {
  ElfFile executable;
  executable.elf.e_phoff = ~uint64_t(0) - 8;
  EXPECT_EQ(read(executable.bytes()), StatusCode::Corrupt);
  executable.elf.e_phoff = offsetof(ElfFile, segment);
  executable.elf.e_phnum = 0;
  EXPECT_EQ(read(executable.bytes()), StatusCode::Corrupt);
}

namespace lcp::rt::cpu {
void registerDrivers(DriverRegistry &registry);
}

TEST(CPUDriver, SaysWhichFeaturesAreMissing) {
  DriverRegistry registry;
  cpu::registerDrivers(registry);
  ElfFile executable;
  std::vector<std::string> features = {"no-such-feature"};
  PartContents part;
  part.code = executable.bytes();
  part.format = {LCP_CPU_FORMAT, "x86_64", LCP_CPU_ABI_VERSION};
  part.features = features;
  auto loaded = (*registry.find("cpu"))->load(part);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().code(), StatusCode::Unsupported);
}
