//===- ImageHeaderTest.cpp - What the CPU driver refuses ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/runtime/ImageHeader.h"
#include "runtime/driver/Driver.h"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

/// The smallest image there can be: headers, a descriptor, a byte of code.
struct Image {
  Elf64_Ehdr elf = {};
  Elf64_Phdr segment = {};
  lcp_cpu_image info = {};
  uint8_t code = 0xc3;

  Image() {
    std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_machine = EM_X86_64;
    elf.e_phentsize = sizeof(Elf64_Phdr);
    elf.e_phnum = 1;
    elf.e_phoff = offsetof(Image, segment);
    elf.e_entry = offsetof(Image, info);
    segment.p_type = PT_LOAD;
    segment.p_flags = PF_R | PF_X;
    segment.p_filesz = segment.p_memsz = sizeof(Image);
    info.magic = LCP_CPU_IMAGE_MAGIC;
    info.abi_version = LCP_CPU_ABI_VERSION;
    info.steps = 3;
    info.entry = offsetof(Image, code) - offsetof(Image, info);
  }

  ByteSpan bytes(size_t size = sizeof(Image)) const {
    return {reinterpret_cast<const std::byte *>(this), size};
  }
};

StatusCode read(ByteSpan bytes) {
  return cpu::readImageHeader(bytes, "x86_64").status().code();
}

} // namespace

TEST(ImageHeader, FindsTheEntry) {
  Image image;
  auto header = cpu::readImageHeader(image.bytes(), "x86_64");
  ASSERT_TRUE(header.ok()) << header.status().message();
  EXPECT_EQ(header->info.steps, 3u);
  EXPECT_EQ(header->entryOffset, offsetof(Image, code));
}

TEST(ImageHeader, RefusesEveryTruncation) {
  Image image;
  for (size_t size = 0; size < sizeof(Image); ++size)
    EXPECT_EQ(read(image.bytes(size)), StatusCode::Corrupt) << size;
}

TEST(ImageHeader, RefusesAnotherInstructionSet) {
  Image image;
  image.elf.e_machine = EM_AARCH64;
  EXPECT_EQ(read(image.bytes()), StatusCode::Corrupt);
}

TEST(ImageHeader, RefusesAnotherVersion) {
  Image image;
  ++image.info.abi_version;
  EXPECT_EQ(read(image.bytes()), StatusCode::Unsupported);
}

TEST(ImageHeader, RefusesWritableSegments) {
  Image image;
  image.segment.p_flags |= PF_W;
  EXPECT_EQ(read(image.bytes()), StatusCode::Corrupt);
}

TEST(ImageHeader, RefusesASegmentThatMovesOrGrows) {
  Image moved, grown;
  moved.segment.p_vaddr = 4096;
  grown.segment.p_memsz += 1;
  EXPECT_EQ(read(moved.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(grown.bytes()), StatusCode::Corrupt);
}

TEST(ImageHeader, RefusesAnEntryOutside) {
  Image before, behind, wrapped;
  before.info.entry = -static_cast<int32_t>(sizeof(Image));
  behind.info.entry = sizeof(Image);
  wrapped.elf.e_entry = ~uint64_t(0);
  EXPECT_EQ(read(before.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(behind.bytes()), StatusCode::Corrupt);
  EXPECT_EQ(read(wrapped.bytes()), StatusCode::Corrupt);
}

TEST(ImageHeader, RefusesHeadersOutside) {
  Image image;
  image.elf.e_phoff = ~uint64_t(0) - 8;
  EXPECT_EQ(read(image.bytes()), StatusCode::Corrupt);
  image.elf.e_phoff = offsetof(Image, segment);
  image.elf.e_phnum = 0;
  EXPECT_EQ(read(image.bytes()), StatusCode::Corrupt);
}

namespace lcp::rt::cpu {
void registerDrivers(DriverRegistry &registry);
}

TEST(CPUDriver, SaysWhichFeaturesAreMissing) {
  DriverRegistry registry;
  cpu::registerDrivers(registry);
  Image image;
  std::vector<std::string> features = {"no-such-feature"};
  PartContents part;
  part.code = image.bytes();
  part.format = {LCP_CPU_FORMAT, "x86_64", LCP_CPU_ABI_VERSION};
  part.features = features;
  auto loaded = (*registry.find("cpu"))->load(part);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().code(), StatusCode::Unsupported);
}
