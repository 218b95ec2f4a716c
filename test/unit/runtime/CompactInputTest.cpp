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
  std::vector<EncodedImage> find(const std::string &path,
                                 const TensorSpec &spec) {
    Result<InputBatch> batch = readInput(path, spec, preprocessing);
    EXPECT_TRUE(batch.ok()) << batch.status().message();
    Result<std::vector<EncodedImage>> images =
        findCompactForm(path, spec, preprocessing, *batch, batch->count);
    EXPECT_TRUE(images.ok()) << images.status().message();
    for (size_t i = 0; i < images->size(); ++i)
      expectSame((*images)[i], spec, *batch, i);
    return *std::move(images);
  }
  /// What a worker makes of it is what is computed here, bit for bit.
  void expectSame(const EncodedImage &image, const TensorSpec &spec,
                  const InputBatch &batch, size_t index = 0) {
    const size_t each = batch.buffer.size() / batch.count;
    std::vector<float> elements(each / sizeof(float));
    ASSERT_TRUE(
        readImage(image.form, *image.bytes, spec, preprocessing, elements)
            .ok());
    EXPECT_EQ(0, std::memcmp(elements.data(),
                             batch.buffer.data() + index * each, each));
  }

  ImagePreprocessing preprocessing = {
      {123.7f, 116.3f, 103.5f}, {0.0171f, 0.0175f, 0.0174f}, true};
};

TEST_F(Compact, IsTheFileWhereThatIsSmallest) {
  std::vector<EncodedImage> images = find(jpeg(64), input(64));
  ASSERT_EQ(1u, images.size());
  EXPECT_EQ(ImageForm::File, images[0].form);
  EXPECT_LT(images[0].bytes->size(), size_t(3 * 64 * 64));
  // Also of an image that is scaled.
  EXPECT_EQ(ImageForm::File, find(jpeg(64), input(48)).at(0).form);
}

TEST_F(Compact, IsPixelsWhereTheyAreSmallerAndExact) {
  std::vector<EncodedImage> images = find(noise(32), input(32));
  ASSERT_EQ(1u, images.size());
  EXPECT_EQ(ImageForm::Pixels, images[0].form);
  EXPECT_EQ(3u * 32 * 32, images[0].bytes->size());
  // Scaled, it has fractions that pixels do not have; here the file is smaller
  // than the elements.
  EXPECT_EQ(ImageForm::File, find(noise(32), input(24)).at(0).form);
  // And here it is not.
  EXPECT_TRUE(find(noise(32), input(8)).empty());
}

TEST_F(Compact, IsThePixelsOfAnArrayOfBytes) {
  std::string header = npyHeader({"", ElementType::I8, {2, 3, 8, 8}});
  header.replace(header.find("|i1"), 3, "|u1");
  std::vector<std::byte> two(2 * 3 * 8 * 8, std::byte(200));
  two.back() = std::byte(3);
  std::vector<EncodedImage> images =
      find(write("u1.npy", two, header), input(8));
  ASSERT_EQ(2u, images.size());
  EXPECT_EQ(ImageForm::Pixels, images[1].form);
}

TEST_F(Compact, IsNothingForFloats) {
  std::vector<std::byte> elements(4 * 3 * 8 * 8);
  EXPECT_TRUE(
      find(write("f4.npy", elements, npyHeader(input(8))), input(8)).empty());
}

TEST_F(Compact, ReencodingTellsWhatItCosts) {
  std::string path = noise(32);
  InputBatch batch = *readInput(path, input(16), preprocessing);
  std::vector<float> before(3 * 16 * 16);
  std::memcpy(before.data(), batch.buffer.data(), batch.buffer.size());
  ImageLoss loss;
  Result<EncodedImage> image =
      reencode(path, input(16), preprocessing, 90, batch, loss);
  ASSERT_TRUE(image.ok()) << image.status().message();
  EXPECT_LT(image->bytes->size(), before.size());
  expectSame(*image, input(16), batch);
  const auto *after = reinterpret_cast<const float *>(batch.buffer.data());
  float largest = 0;
  for (size_t i = 0; i < before.size(); ++i)
    largest = std::max(largest, std::fabs(after[i] - before[i]));
  EXPECT_EQ(largest, loss.largest);
  EXPECT_GT(loss.mean, 0);
  EXPECT_LT(loss.mean, loss.largest);
}

} // namespace
