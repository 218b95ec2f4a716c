//===- Image.cpp - Images as network inputs -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Image.h"

#include "runtime/io/StbImage.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace lcp::rt {
namespace {

struct FreePixels {
  void operator()(unsigned char *pixels) const { stbi_image_free(pixels); }
};

/// 8-bit pixels, channels interleaved.
struct Pixels {
  std::unique_ptr<unsigned char, FreePixels> data;
  int width = 0, height = 0, channels = 0;

  float at(int y, int x, int c) const {
    return data.get()[(size_t(y) * width + x) * channels + c];
  }
};

Result<Pixels> decode(ByteSpan file, int channels) {
  if (file.size() > INT32_MAX)
    return Status(StatusCode::InvalidArgument, "the image is over 2 GiB");
  Pixels pixels;
  pixels.channels = channels;
  int inFile = 0;
  pixels.data.reset(stbi_load_from_memory(
      reinterpret_cast<const unsigned char *>(file.data()), int(file.size()),
      &pixels.width, &pixels.height, &inFile, channels));
  if (!pixels.data)
    return Status(StatusCode::Corrupt,
                  std::string("not a readable PNG or JPEG image: ") +
                      stbi_failure_reason());
  return pixels;
}

/// Where a row or column of the result lies between two of the image.
struct Sample {
  int low, high;
  float weight;
};

Sample sampleAt(int64_t position, int64_t size, int imageSize) {
  float source =
      (float(position) + 0.5f) * float(imageSize) / float(size) - 0.5f;
  source = std::clamp(source, 0.0f, float(imageSize - 1));
  int low = int(source);
  return {low, std::min(low + 1, imageSize - 1), source - float(low)};
}

float pick(const std::vector<float> &values, size_t channel, float otherwise) {
  if (values.empty())
    return otherwise;
  return values.size() == 1 ? values[0] : values[channel];
}

void resizePlane(const Pixels &image, int channel, Span<const Sample> columns,
                 int64_t height, float mean, float scale, float *out) {
  for (int64_t y = 0; y < height; ++y) {
    Sample row = sampleAt(y, height, image.height);
    for (const Sample &column : columns) {
      auto lerp = [&](int line) {
        float left = image.at(line, column.low, channel);
        return left +
               column.weight * (image.at(line, column.high, channel) - left);
      };
      float top = lerp(row.low);
      float pixel = top + row.weight * (lerp(row.high) - top);
      *out++ = (pixel - mean) * scale;
    }
  }
}

} // namespace

Status decodeImage(ByteSpan file, const TensorSpec &spec,
                   const ImagePreprocessing &preprocessing, Span<float> out) {
  if (spec.type != ElementType::F32 || spec.shape.size() != 4 ||
      spec.shape[0] != 1 || (spec.shape[1] != 1 && spec.shape[1] != 3))
    return Status(StatusCode::InvalidArgument,
                  "an image fits an input of 1x1xHxW or 1x3xHxW f32, not " +
                      toString(spec));
  const int64_t channels = spec.shape[1], height = spec.shape[2],
                width = spec.shape[3];
  for (const std::vector<float> *values :
       {&preprocessing.mean, &preprocessing.scale})
    if (values->size() > 1 && values->size() != size_t(channels))
      return Status(StatusCode::InvalidArgument,
                    "mean and scale need one number or one a channel");
  if (Result<uint64_t> count = elementCount(spec.shape);
      !count.ok() || *count != out.size())
    return Status(StatusCode::InvalidArgument,
                  "the output has not the input's size");
  LCP_ASSIGN_OR_RETURN(Pixels image, decode(file, int(channels)));
  std::vector<Sample> columns;
  columns.reserve(width);
  for (int64_t x = 0; x < width; ++x)
    columns.push_back(sampleAt(x, width, image.width));
  for (int64_t c = 0; c < channels; ++c) {
    int source = int(preprocessing.bgr ? channels - 1 - c : c);
    resizePlane(image, source, columns, height, pick(preprocessing.mean, c, 0),
                pick(preprocessing.scale, c, 1),
                out.data() + c * height * width);
  }
  return {};
}

} // namespace lcp::rt
