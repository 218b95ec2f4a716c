//===- CompactInput.cpp - Inputs on their way elsewhere -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/CompactInput.h"

#include "runtime/io/Pixels.h"
#include "runtime/platform/MappedFile.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lcp::rt {
namespace {

using Images = std::vector<EncodedImage>;

EncodedImage makeImage(ImageForm form, std::vector<std::byte> bytes) {
  return {form,
          std::make_shared<const std::vector<std::byte>>(std::move(bytes))};
}

/// The image in `file` as the input sees it before its preprocessing, rounded
/// to 8 bits.
Result<std::vector<std::byte>> scalePixels(ByteSpan file,
                                           const TensorSpec &spec) {
  LCP_ASSIGN_OR_RETURN(uint64_t count, elementCount(spec.shape));
  std::vector<float> planes(count);
  LCP_RETURN_IF_ERROR(decodeImage(file, spec, {}, planes));
  std::vector<std::byte> pixels(count);
  std::transform(planes.begin(), planes.end(), pixels.begin(), [](float value) {
    return std::byte(std::lround(std::clamp(value, 0.0f, 255.0f)));
  });
  return pixels;
}

/// An image for each of the first `count` inputs, of pixels one after the other
/// that are those of `all`.
Images splitPixels(ByteSpan pixels, uint64_t all, uint64_t count) {
  Images images;
  const size_t each = pixels.size() / all;
  for (uint64_t i = 0; i < count; ++i) {
    ByteSpan one = pixels.subspan(i * each, each);
    images.push_back(makeImage(ImageForm::Pixels, {one.begin(), one.end()}));
  }
  return images;
}

/// All forms that are smaller than elements, the smallest first.
std::vector<Images> listForms(ByteSpan file, const TensorSpec &spec,
                              const InputBatch &batch, uint64_t count) {
  if (Result<TensorView> view = parseNpy(file); view.ok())
    return view->isPixels ? std::vector<Images>{splitPixels(view->elements,
                                                            batch.count, count)}
                          : std::vector<Images>();
  if (batch.count != 1)
    return {};
  std::vector<Images> forms;
  // Scaling leaves fractions, which 8 bits have no room for; an image of the
  // input's size has none.
  if (file.size() > batch.buffer.size() / sizeof(float))
    if (auto pixels = scalePixels(file, spec); pixels.ok())
      forms.push_back({makeImage(ImageForm::Pixels, *std::move(pixels))});
  if (file.size() < batch.buffer.size())
    forms.push_back({makeImage(ImageForm::File, {file.begin(), file.end()})});
  return forms;
}

/// Whether the receiver will have the very elements of `batch`.
bool gives(const Images &images, const TensorSpec &spec,
           const ImagePreprocessing &preprocessing, const InputBatch &batch) {
  const size_t each = batch.buffer.size() / batch.count;
  std::vector<float> elements(each / sizeof(float));
  for (size_t i = 0; i < images.size(); ++i)
    if (!readImage(images[i].form, *images[i].bytes, spec, preprocessing,
                   elements)
             .ok() ||
        std::memcmp(elements.data(), batch.buffer.data() + i * each, each) != 0)
      return false;
  return true;
}

Result<EncodedImage> encodeFile(ByteSpan file, const TensorSpec &spec,
                                unsigned quality) {
  LCP_ASSIGN_OR_RETURN(std::vector<std::byte> pixels, scalePixels(file, spec));
  LCP_ASSIGN_OR_RETURN(std::vector<std::byte> bytes,
                       encodeJpeg(pixels, uint32_t(spec.shape[1]),
                                  uint32_t(spec.shape[2]),
                                  uint32_t(spec.shape[3]), quality));
  return makeImage(ImageForm::File, std::move(bytes));
}

} // namespace

Result<std::vector<EncodedImage>>
findCompactForm(const std::string &path, const TensorSpec &spec,
                const ImagePreprocessing &preprocessing,
                const InputBatch &batch, uint64_t count) {
  if (spec.type != ElementType::F32)
    return Images();
  LCP_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  for (Images &images : listForms(file.bytes(), spec, batch, count))
    if (gives(images, spec, preprocessing, batch))
      return std::move(images);
  return Images();
}

Result<EncodedImage> reencode(const std::string &path, const TensorSpec &spec,
                              const ImagePreprocessing &preprocessing,
                              unsigned quality, InputBatch &batch,
                              ImageLoss &loss) {
  LCP_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  Result<EncodedImage> image = encodeFile(file.bytes(), spec, quality);
  // An image would have been refused when it was read.
  if (image.status().code() == StatusCode::Corrupt)
    return Status(StatusCode::InvalidArgument,
                  "'" + path +
                      "' holds elements: only an image file (.png .jpg) can be "
                      "encoded once more");
  if (!image.ok())
    return std::move(image).status().withContext("'" + path + "'");
  std::vector<float> elements(batch.buffer.size() / sizeof(float));
  LCP_RETURN_IF_ERROR(
      readImage(image->form, *image->bytes, spec, preprocessing, elements));
  auto *before = reinterpret_cast<float *>(batch.buffer.data());
  loss = {};
  for (size_t i = 0; i < elements.size(); ++i) {
    const float difference = std::fabs(elements[i] - before[i]);
    loss.largest = std::max(loss.largest, difference);
    loss.mean += double(difference) / double(elements.size());
  }
  std::copy(elements.begin(), elements.end(), before);
  return image;
}

} // namespace lcp::rt
