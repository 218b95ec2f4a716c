//===- CompactInputTest.cpp - Inputs on their way elsewhere ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/CompactInput.h"

#include "runtime/io/Pixels.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

class Compact : public testing::Test {
protected:
  /// Planes of `side` squared with some detail, of which a JPEG is small.
  static std::vector<std::byte> planes(size_t side) {
    std::vector<std::byte> bytes(3 * side * side);
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = std::byte(i % side * 3 + i / side);
    return bytes;
  }
  static TensorSpec input(int64_t side) {
    return {"x", ElementType::F32, {1, 3, side, side}};
  }
  static std::string write(const std::string &name, ByteSpan bytes,
                           const std::string &before = "") {
    std::string path = testing::TempDir() + "lcp_compact_" + name;
    std::ofstream file(path, std::ios::binary);
    file << before;
    file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    return path;
  }
  static std::string jpeg(size_t side) {
    return write("a.jpg", *encodeJpeg(planes(side), 3, side, side, 90));
  }
  /// Noise in a file that is larger than its pixels: a camera has put more
  /// behind the image.
  static std::string noise(size_t side) {
    std::vector<std::byte> bytes(3 * side * side);
    uint32_t state = 1;
    for (std::byte &byte : bytes)
      byte = std::byte((state = state * 1664525 + 1013904223) >> 24);
    std::vector<std::byte> file = *encodeJpeg(bytes, 3, side, side, 100);
    file.resize(file.size() + 3000);
    return write("n.jpg", file);
  }
  std::optional<CompactInput> find(const std::string &path,
                                   const TensorSpec &spec) {
    Result<InputBatch> batch = readInput(path, spec, preprocessing);
    EXPECT_TRUE(batch.ok()) << batch.status().message();
    Result<std::optional<CompactInput>> compact =
        findCompactForm(path, spec, preprocessing, *batch);
    EXPECT_TRUE(compact.ok()) << compact.status().message();
    if (*compact)
      expectSame(**compact, spec, *batch);
    return *std::move(compact);
  }
  /// What a worker makes of it is what is computed here, bit for bit.
  void expectSame(const CompactInput &compact, const TensorSpec &spec,
                  const InputBatch &batch) {
    const size_t each = batch.buffer.size() / batch.count;
    std::vector<float> elements(each / sizeof(float));
    for (uint64_t i = 0; i < batch.count; ++i) {
      ASSERT_TRUE(
          readImage(compact.form, compact.of(i), spec, preprocessing, elements)
              .ok());
      EXPECT_EQ(0, std::memcmp(elements.data(), batch.buffer.data() + i * each,
                               each));
    }
  }

  ImagePreprocessing preprocessing = {
      {123.7f, 116.3f, 103.5f}, {0.0171f, 0.0175f, 0.0174f}, true};
};

TEST_F(Compact, IsTheFileWhereThatIsSmallest) {
  std::optional<CompactInput> compact = find(jpeg(64), input(64));
  ASSERT_TRUE(compact);
  EXPECT_EQ(ImageForm::File, compact->form);
  EXPECT_LT(compact->bytes.size(), size_t(3 * 64 * 64));
  // Also of an image that is scaled.
  EXPECT_EQ(ImageForm::File, find(jpeg(64), input(48))->form);
}

TEST_F(Compact, IsPixelsWhereTheyAreSmallerAndExact) {
  std::optional<CompactInput> compact = find(noise(32), input(32));
  ASSERT_TRUE(compact);
  EXPECT_EQ(ImageForm::Pixels, compact->form);
  EXPECT_EQ(3u * 32 * 32, compact->bytes.size());
  // Scaled, it has fractions that pixels do not have; here the file is smaller
  // than the elements.
  EXPECT_EQ(ImageForm::File, find(noise(32), input(24))->form);
  // And here it is not.
  EXPECT_FALSE(find(noise(32), input(8)));
}

TEST_F(Compact, IsThePixelsOfAnArrayOfBytes) {
  std::string header = npyHeader({"", ElementType::I8, {2, 3, 8, 8}});
  header.replace(header.find("|i1"), 3, "|u1");
  std::vector<std::byte> two(2 * 3 * 8 * 8, std::byte(200));
  two.back() = std::byte(3);
  std::optional<CompactInput> compact =
      find(write("u1.npy", two, header), input(8));
  ASSERT_TRUE(compact);
  EXPECT_EQ(2u, compact->count);
  EXPECT_EQ(ImageForm::Pixels, compact->form);
}

TEST_F(Compact, IsNothingForFloats) {
  std::vector<std::byte> elements(4 * 3 * 8 * 8);
  EXPECT_FALSE(find(write("f4.npy", elements, npyHeader(input(8))), input(8)));
}

TEST_F(Compact, ReencodingTellsWhatItCosts) {
  std::string path = noise(32);
  InputBatch batch = *readInput(path, input(16), preprocessing);
  std::vector<float> before(3 * 16 * 16);
  std::memcpy(before.data(), batch.buffer.data(), batch.buffer.size());
  ImageLoss loss;
  Result<CompactInput> compact =
      reencode(path, input(16), preprocessing, 90, batch, loss);
  ASSERT_TRUE(compact.ok()) << compact.status().message();
  EXPECT_LT(compact->bytes.size(), before.size());
  expectSame(*compact, input(16), batch);
  const auto *after = reinterpret_cast<const float *>(batch.buffer.data());
  float largest = 0;
  for (size_t i = 0; i < before.size(); ++i)
    largest = std::max(largest, std::fabs(after[i] - before[i]));
  EXPECT_EQ(largest, loss.largest);
  EXPECT_GT(loss.mean, 0);
  EXPECT_LT(loss.mean, loss.largest);
}

} // namespace
