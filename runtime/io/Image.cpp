//===- Image.cpp - Images as network inputs -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Image.h"

#include "runtime/io/Pixels.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lcp::rt {
namespace {

Result<Pixels> decode(ByteSpan file) {
  constexpr std::string_view png("\x89PNG", 4);
  std::string_view text(reinterpret_cast<const char *>(file.data()),
                        file.size());
  return text.substr(0, png.size()) == png ? decodePng(file) : decodeJpeg(file);
}

/// One plane of an image.
struct Plane {
  const Pixels &image;
  /// 0 to 2: red, green, blue. 3: luma.
  int channel;

  float at(int y, int x) const {
    const uint8_t *pixel =
        image.data.data() + (size_t(y) * image.width + size_t(x)) * 3;
    if (channel < 3)
      return pixel[channel];
    // ITU-R BT.601, 2.5.1.
    return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
  }
};

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

void resizePlane(const Plane &plane, Span<const Sample> columns, int64_t height,
                 float mean, float scale, float *out) {
  // An image that has the size already; the values are those of the long way.
  bool sameColumns = true;
  for (size_t x = 0; x < columns.size(); ++x)
    sameColumns &= columns[x].low == int(x) && columns[x].weight == 0;
  for (int64_t y = 0; y < height; ++y) {
    Sample row = sampleAt(y, height, int(plane.image.height));
    if (sameColumns && row.weight == 0) {
      for (int x = 0; x < int(columns.size()); ++x)
        *out++ = (plane.at(row.low, x) - mean) * scale;
      continue;
    }
    for (const Sample &column : columns) {
      auto lerp = [&](int line) {
        float left = plane.at(line, column.low);
        return left + column.weight * (plane.at(line, column.high) - left);
      };
      float top = lerp(row.low);
      float pixel = top + row.weight * (lerp(row.high) - top);
      *out++ = (pixel - mean) * scale;
    }
  }
}

Status checkImage(const TensorSpec &spec,
                  const ImagePreprocessing &preprocessing, Span<float> out) {
  if (spec.type != ElementType::F32 || spec.shape.size() != 4 ||
      spec.shape[0] != 1 || (spec.shape[1] != 1 && spec.shape[1] != 3))
    return Status(StatusCode::InvalidArgument,
                  "an image fits an input of 1x1xHxW or 1x3xHxW f32, not " +
                      toString(spec));
  const int64_t channels = spec.shape[1];
  for (const std::vector<float> *values :
       {&preprocessing.mean, &preprocessing.scale})
    if (values->size() > 1 && values->size() != size_t(channels))
      return Status(StatusCode::InvalidArgument,
                    "mean and scale need one number or one a channel");
  if (Result<uint64_t> count = elementCount(spec.shape);
      !count.ok() || *count != out.size())
    return Status(StatusCode::InvalidArgument,
                  "the output has not the input's size");
  return {};
}

} // namespace

Status decodeImage(ByteSpan file, const TensorSpec &spec,
                   const ImagePreprocessing &preprocessing, Span<float> out) {
  LCP_RETURN_IF_ERROR(checkImage(spec, preprocessing, out));
  const int64_t channels = spec.shape[1], height = spec.shape[2],
                width = spec.shape[3];
  LCP_ASSIGN_OR_RETURN(Pixels image, decode(file));
  std::vector<Sample> columns;
  columns.reserve(width);
  for (int64_t x = 0; x < width; ++x)
    columns.push_back(sampleAt(x, width, int(image.width)));
  for (int64_t c = 0; c < channels; ++c) {
    int source =
        channels == 1 ? 3 : int(preprocessing.bgr ? channels - 1 - c : c);
    resizePlane({image, source}, columns, height,
                pick(preprocessing.mean, c, 0), pick(preprocessing.scale, c, 1),
                out.data() + c * height * width);
  }
  return {};
}

Status convertPixels(ByteSpan pixels, const TensorSpec &spec,
                     const ImagePreprocessing &preprocessing, Span<float> out) {
  LCP_RETURN_IF_ERROR(checkImage(spec, preprocessing, out));
  if (pixels.size() != out.size())
    return Status(StatusCode::InvalidArgument,
                  "the image has not the input's size");
  const size_t channels = spec.shape[1], plane = out.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    const float mean = pick(preprocessing.mean, c, 0),
                scale = pick(preprocessing.scale, c, 1);
    const size_t source = preprocessing.bgr ? channels - 1 - c : c;
    for (size_t i = 0; i < plane; ++i)
      out[c * plane + i] =
          (float(uint8_t(pixels[source * plane + i])) - mean) * scale;
  }
  return {};
}

bool readsImageFiles() {
#if defined(LCP_HAS_PNG) && defined(LCP_HAS_JPEG)
  return true;
#else
  return false;
#endif
}

Status readImage(ImageForm form, ByteSpan bytes, const TensorSpec &spec,
                 const ImagePreprocessing &preprocessing, Span<float> out) {
  return form == ImageForm::Pixels
             ? convertPixels(bytes, spec, preprocessing, out)
             : decodeImage(bytes, spec, preprocessing, out);
}

} // namespace lcp::rt
