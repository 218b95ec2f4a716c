//===- ImageTest.cpp - Images to inputs -----------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"
#include "runtime/io/TensorFile.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

TensorSpec f32(std::vector<int64_t> shape) {
  return {"x", ElementType::F32, std::move(shape)};
}

/// A 2x2 PNG: red, green / blue, white.
const unsigned char png[] = {
    0x89, 0x50, 0x4e, 0x47, 0xd,  0xa,  0x1a, 0xa,  0x0,  0x0,  0x0,
    0xd,  0x49, 0x48, 0x44, 0x52, 0x0,  0x0,  0x0,  0x2,  0x0,  0x0,
    0x0,  0x2,  0x8,  0x2,  0x0,  0x0,  0x0,  0xfd, 0xd4, 0x9a, 0x73,
    0x0,  0x0,  0x0,  0x12, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63,
    0xf8, 0xcf, 0xc0, 0xc0, 0x0,  0xc2, 0xc,  0xff, 0x81, 0x0,  0x0,
    0x1f, 0xee, 0x5,  0xfb, 0xf1, 0xab, 0xba, 0x77, 0x0,  0x0,  0x0,
    0x0,  0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

std::vector<float> decode(const TensorSpec &spec,
                          const ImagePreprocessing &preprocessing) {
  std::vector<float> out(*elementCount(spec.shape));
  Status status =
      decodeImage({reinterpret_cast<const std::byte *>(png), sizeof(png)}, spec,
                  preprocessing, out);
  EXPECT_TRUE(status.ok()) << status.message();
  return out;
}

TEST(Image, BecomesPlanes) {
  EXPECT_EQ(
      (std::vector<float>{255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255}),
      decode(f32({1, 3, 2, 2}), {}));
}

TEST(Image, IsPreprocessed) {
  ImagePreprocessing p;
  p.mean = {55, 0, 0};
  p.scale = {0.5f};
  p.bgr = true;
  EXPECT_EQ((std::vector<float>{-27.5f, -27.5f, 100, 100, 0, 127.5f, 0, 127.5f,
                                127.5f, 0, 0, 127.5f}),
            decode(f32({1, 3, 2, 2}), p));
}

TEST(Image, IsScaled) {
  // Four pixels to one: the mean. One column to three: pixel centres.
  EXPECT_EQ((std::vector<float>{127.5f, 127.5f, 127.5f}),
            decode(f32({1, 3, 1, 1}), {}));
  std::vector<float> wide = decode(f32({1, 3, 2, 4}), {});
  EXPECT_EQ((std::vector<float>{255, 191.25f, 63.75f, 0}),
            std::vector<float>(wide.begin(), wide.begin() + 4));
}

TEST(Image, MayBeAJpeg) {
  // 8x8 pixels of (200, 100, 50).
  Result<InputBatch> batch =
      readInput(LCP_SAMPLES "/flat.jpg", f32({1, 3, 2, 2}), {});
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  std::vector<float> planes(12);
  std::memcpy(planes.data(), batch->buffer.data(), 48);
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(200, planes[i], 3);
    EXPECT_NEAR(100, planes[4 + i], 3);
    EXPECT_NEAR(50, planes[8 + i], 3);
  }
  // One channel is the luma; this one is a progressive file of grey 77.
  batch = readInput(LCP_SAMPLES "/progressive.jpg", f32({1, 1, 1, 1}), {});
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  float luma;
  std::memcpy(&luma, batch->buffer.data(), 4);
  EXPECT_NEAR(77, luma, 2);
}

TEST(Image, RefusesWhatIsNone) {
  std::vector<float> out(12);
  auto decodePart = [&](size_t size) {
    return decodeImage({reinterpret_cast<const std::byte *>(png), size},
                       f32({1, 3, 2, 2}), {}, out);
  };
  EXPECT_TRUE(decodePart(sizeof(png)).ok());
  for (size_t size = 0; size + 16 < sizeof(png); ++size)
    EXPECT_FALSE(decodePart(size).ok()) << size;
  ByteSpan whole(reinterpret_cast<const std::byte *>(png), sizeof(png));
  EXPECT_FALSE(decodeImage(whole, f32({1, 12}), {}, out).ok());
  EXPECT_FALSE(decodeImage(whole, f32({1, 2, 2, 3}), {}, out).ok());
  ImagePreprocessing twoMeans;
  twoMeans.mean = {1, 2};
  EXPECT_FALSE(decodeImage(whole, f32({1, 3, 2, 2}), twoMeans, out).ok());
}

/// What decoding says of the PNG above once its header claims another size.
std::string refusalOf(uint32_t width, uint32_t height) {
  std::vector<std::byte> file(sizeof(png));
  std::memcpy(file.data(), png, sizeof(png));
  for (int i = 0; i < 4; ++i) {
    file[16 + i] = std::byte(width >> (24 - 8 * i));
    file[20 + i] = std::byte(height >> (24 - 8 * i));
  }
  // The checksum of the header, so that only the claim is wrong.
  uint32_t crc = ~0u;
  for (size_t i = 12; i < 29; ++i) {
    crc ^= uint32_t(file[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  for (int i = 0; i < 4; ++i)
    file[29 + i] = std::byte(~crc >> (24 - 8 * i));
  std::vector<float> out(12);
  return decodeImage(file, f32({1, 3, 2, 2}), {}, out).message();
}

TEST(Image, IsNotBelievedToBeHuge) {
  EXPECT_EQ("the image claims 60000x60000 pixels; at most 33554432 are read",
            refusalOf(60000, 60000));
  EXPECT_EQ("the image claims 5000x5000 pixels, for which its 75 bytes are too "
            "few",
            refusalOf(5000, 5000));
  EXPECT_EQ("", refusalOf(2, 2));
}

TEST(Image, NoJpegIsEither) {
  const ImageClaim claim = {60000, 60000, 512};
  EXPECT_FALSE(checkClaim(claim, 1024).ok());
  EXPECT_FALSE(checkClaim({5000, 5000, 512}, 1024).ok());
  EXPECT_TRUE(checkClaim({5000, 5000, 512}, 48829).ok());
  EXPECT_FALSE(checkClaim({8192, 4097, 512}, 1 << 30).ok());
}

} // namespace
