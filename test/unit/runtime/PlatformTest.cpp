//===- PlatformTest.cpp - Status, sizes, memory, threads, CPU -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Arithmetic.h"
#include "common/base/Tensor.h"
#include "runtime/platform/CpuFeatures.h"
#include "runtime/platform/ExecutableImage.h"
#include "runtime/platform/MachinePeak.h"
#include "runtime/platform/MappedFile.h"
#include "runtime/platform/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

Result<int> half(int value) {
  if (value % 2)
    return Status(StatusCode::InvalidArgument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  LCP_ASSIGN_OR_RETURN(int once, half(value));
  LCP_ASSIGN_OR_RETURN(int twice, half(once));
  return twice;
}

TEST(Status, TravelsOutwards) {
  EXPECT_EQ(3, *quarter(12));
  EXPECT_EQ("odd", quarter(6).status().message());
  EXPECT_EQ("12: odd", quarter(6).status().withContext("12").message());
  EXPECT_TRUE(Status().withContext("nothing").ok());
}

TEST(Arithmetic, DoesNotWrap) {
  EXPECT_EQ(UINT64_MAX, *checkedAdd(UINT64_MAX - 1, 1));
  EXPECT_FALSE(checkedAdd(UINT64_MAX, 1));
  EXPECT_FALSE(checkedMul(uint64_t(1) << 32, uint64_t(1) << 32));
  EXPECT_EQ(128u, *checkedAlignUp(65, 64));
  EXPECT_FALSE(checkedAlignUp(UINT64_MAX - 5, 64));
}

TEST(Tensor, CountsWithoutWrapping) {
  EXPECT_EQ(24u, *byteSize({"", ElementType::F32, {1, 2, 3}}));
  EXPECT_EQ(4u, *byteSize({"", ElementType::I32, {}}));
  EXPECT_FALSE(byteSize({"", ElementType::I8, {1, -1}}).ok());
  EXPECT_FALSE(
      byteSize({"", ElementType::I8, {int64_t(1) << 40, int64_t(1) << 40}})
          .ok());
  EXPECT_FALSE(byteSize({"", ElementType::F32, {int64_t(1) << 62}}).ok());
  EXPECT_EQ("1x2xi8", toString({"", ElementType::I8, {1, 2}}));
}

TEST(AlignedBuffer, IsAlignedAndZero) {
  for (size_t size : {0, 1, 63, 64, 65, 4096}) {
    Result<AlignedBuffer> buffer = AlignedBuffer::allocate(size);
    ASSERT_TRUE(buffer.ok());
    EXPECT_EQ(size, buffer->size());
    EXPECT_EQ(0u,
              reinterpret_cast<uintptr_t>(buffer->data()) % tensorAlignment);
    for (size_t i = 0; i < size + tensorSlack; ++i)
      EXPECT_EQ(std::byte(0), buffer->data()[i]);
  }
  EXPECT_FALSE(AlignedBuffer::allocate(UINT64_MAX).ok());
}

TEST(ThreadPool, RunsEveryThreadOnce) {
  for (unsigned threads : {1u, 2u, 5u}) {
    Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::create(threads);
    ASSERT_TRUE(pool.ok());
    std::vector<std::atomic<int>> calls(threads);
    for (int i = 0; i < 1000; ++i)
      (*pool)->run([&](unsigned thread, unsigned count) {
        EXPECT_EQ(threads, count);
        ++calls[thread];
      });
    for (const std::atomic<int> &count : calls)
      EXPECT_EQ(1000, count);
  }
  EXPECT_FALSE(ThreadPool::create(0).ok());
}

TEST(ThreadPool, WakesWhoSleeps) {
  Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::create(3);
  ASSERT_TRUE(pool.ok());
  std::atomic<int> calls{0};
  for (int i = 0; i < 3; ++i) {
    usleep(20000); // Long enough for the workers to stop spinning.
    (*pool)->run([&](unsigned, unsigned) { ++calls; });
  }
  EXPECT_EQ(9, calls);
}

TEST(ThreadPool, NobodyPassesAMeetingBeforeAllCame) {
  for (unsigned threads : {1u, 2u, 5u}) {
    Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::create(threads);
    ASSERT_TRUE(pool.ok());
    // Plain integers: meetings must order what is written before them.
    std::vector<int> rounds(threads, 0);
    std::atomic<int> behind{0};
    (*pool)->run([&](unsigned thread, unsigned) {
      for (int round = 1; round <= 1000; ++round) {
        rounds[thread] = round;
        (*pool)->meet();
        behind += int(std::count(rounds.begin(), rounds.end(), round) !=
                      int(threads));
        (*pool)->meet();
      }
    });
    EXPECT_EQ(0, behind);
  }
}

TEST(CpuFeatures, KnowThisMachine) {
  std::vector<std::string> none;
  EXPECT_TRUE(checkCpu(hostIsa(), none).ok());
  EXPECT_FALSE(checkCpu("vax", none).ok());
  std::vector<std::string> unknown = {"warp-drive"};
  EXPECT_NE(std::string::npos,
            checkCpu(hostIsa(), unknown).message().find("warp-drive"));
  // The kernel's list is the referee.
  std::ifstream file("/proc/cpuinfo");
  std::stringstream text;
  text << file.rdbuf();
  std::string info = text.str() + " ";
  std::replace(info.begin(), info.end(), '\n', ' ');
  const std::pair<const char *, const char *> names[] = {
#if defined(__x86_64__)
      {"avx", "avx"},
      {"avx2", "avx2"},
      {"fma", "fma"},
      {"f16c", "f16c"},
      {"bmi2", "bmi2"},
      {"avx512f", "avx512f"},
      {"sse4.2", "sse4_2"},
      {"avx512vl", "avx512vl"},
      {"avx512vnni", "avx512_vnni"},
      {"avx512bf16", "avx512_bf16"},
      {"lzcnt", "abm"}
#elif defined(__aarch64__)
      {"neon", "asimd"}, {"crc", "crc32"}, {"dotprod", "asimddp"}
#endif
  };
  for (auto [llvm, kernel] : names)
    EXPECT_EQ(info.find(std::string(" ") + kernel + " ") != std::string::npos,
              hasCpuFeature(llvm) == CpuFeature::Present)
        << llvm;
}

#if defined(__x86_64__) || defined(__aarch64__)
/// The sanitizer's check of a function's type reads what our compiler would
/// have put before its code.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
int call(int (*function)()) {
  return function();
}

TEST(ExecutableImage, Runs) {
#if defined(__x86_64__)
  const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov eax, 42; ret
#else
  const uint32_t code[] = {0x52800540, 0xd65f03c0}; // mov w0, #42; ret
#endif
  Result<ExecutableImage> image = ExecutableImage::create(
      {reinterpret_cast<const std::byte *>(code), sizeof(code)});
  ASSERT_TRUE(image.ok()) << image.status().message();
  int (*function)();
  const std::byte *base = image->base();
  std::memcpy(&function, &base, sizeof(function));
  EXPECT_EQ(42, call(function));
}
#endif

TEST(ExecutableImage, IsNeverWritable) {
  std::vector<std::byte> code(10000);
  Result<ExecutableImage> image = ExecutableImage::create(code);
  ASSERT_TRUE(image.ok());
  char address[32];
  std::snprintf(address, sizeof(address), "%lx-",
                (unsigned long)reinterpret_cast<uintptr_t>(image->base()));
  std::ifstream maps("/proc/self/maps");
  bool found = false;
  for (std::string line; std::getline(maps, line);)
    if (line.compare(0, std::strlen(address), address) == 0) {
      found = true;
      EXPECT_NE(std::string::npos, line.find(" r-xp ")) << line;
    }
  EXPECT_TRUE(found);
  EXPECT_FALSE(ExecutableImage::create({}).ok());
}

TEST(MappedFile, TakesAnEmptyFile) {
  std::string path = testing::TempDir() + "lcp_empty";
  std::ofstream(path).flush();
  Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->bytes().empty());
  EXPECT_EQ(StatusCode::NotFound,
            MappedFile::open("/nonexistent").status().code());
}

TEST(MachinePeak, ReadsNoBufferFasterThanALargerOneThatWasMeasured) {
  MachinePeak peak;
  peak.read = {{1024, 9.0}, {2048, 8.0}, {4096, 1.0}};
  EXPECT_EQ(9.0, peak.bytesPerSecond(0));
  EXPECT_EQ(9.0, peak.bytesPerSecond(2047));
  EXPECT_EQ(8.0, peak.bytesPerSecond(2048));
  EXPECT_EQ(1.0, peak.bytesPerSecond(1e12));
}

TEST(MachinePeak, IsMeasured) {
  Result<std::unique_ptr<ThreadPool>> pool = ThreadPool::create(2);
  ASSERT_TRUE(pool.ok());
  Result<MachinePeak> peak = measureMachinePeak(**pool);
  ASSERT_TRUE(peak.ok()) << peak.status().message();
  // No machine is slower than an FMA in 20 cycles of 1 GHz, or as fast as 10^6
  // of today's.
  EXPECT_GT(peak->flops, 1e8);
  EXPECT_LT(peak->flops, 1e18);
  EXPECT_EQ(15u, peak->read.size());
  EXPECT_EQ(uint64_t(16) << 10, peak->read.front().first);
  EXPECT_EQ(uint64_t(256) << 20, peak->read.back().first);
  for (auto [size, rate] : peak->read)
    EXPECT_TRUE(rate > 1e7 && rate < 1e15) << size << ": " << rate;
}

} // namespace
