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

std::vector<std::byte> copyOf(ByteSpan bytes) {
  return {bytes.begin(), bytes.end()};
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

/// Whether the receiver will have the very elements of `batch`.
bool gives(const CompactInput &compact, const TensorSpec &spec,
           const ImagePreprocessing &preprocessing, const InputBatch &batch) {
  const size_t each = batch.buffer.size() / batch.count;
  std::vector<float> elements(each / sizeof(float));
  for (uint64_t i = 0; i < batch.count; ++i)
    if (!readImage(compact.form, compact.of(i), spec, preprocessing, elements)
             .ok() ||
        std::memcmp(elements.data(), batch.buffer.data() + i * each, each) != 0)
      return false;
  return true;
}

} // namespace

Result<std::optional<CompactInput>>
findCompactForm(const std::string &path, const TensorSpec &spec,
                const ImagePreprocessing &preprocessing,
                const InputBatch &batch) {
  if (spec.type != ElementType::F32)
    return std::optional<CompactInput>();
  LCP_ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::open(path));
  const ByteSpan file = mapped.bytes();
  const uint64_t pixelBytes = batch.buffer.size() / sizeof(float);
  std::vector<CompactInput> candidates;
  if (Result<TensorView> view = parseNpy(file); view.ok()) {
    if (view->isPixels)
      candidates.push_back(
          {ImageForm::Pixels, copyOf(view->elements), batch.count});
  } else if (batch.count == 1) {
    if (file.size() < batch.buffer.size())
      candidates.push_back({ImageForm::File, copyOf(file), 1});
    // Scaling leaves fractions, which 8 bits have no room for; an image of the
    // input's size has none.
    if (file.size() > pixelBytes)
      if (auto pixels = scalePixels(file, spec); pixels.ok())
        candidates.insert(candidates.begin(),
                          {ImageForm::Pixels, *std::move(pixels), 1});
  }
  for (CompactInput &candidate : candidates)
    if (gives(candidate, spec, preprocessing, batch))
      return std::optional<CompactInput>(std::move(candidate));
  return std::optional<CompactInput>();
}

Result<CompactInput> reencode(const std::string &path, const TensorSpec &spec,
                              const ImagePreprocessing &preprocessing,
                              unsigned quality, InputBatch &batch,
                              ImageLoss &loss) {
  LCP_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  auto make = [&]() -> Result<CompactInput> {
    LCP_ASSIGN_OR_RETURN(std::vector<std::byte> pixels,
                         scalePixels(file.bytes(), spec));
    CompactInput compact;
    LCP_ASSIGN_OR_RETURN(compact.bytes,
                         encodeJpeg(pixels, uint32_t(spec.shape[1]),
                                    uint32_t(spec.shape[2]),
                                    uint32_t(spec.shape[3]), quality));
    return compact;
  };
  Result<CompactInput> compact = make();
  if (!compact.ok())
    return std::move(compact).status().withContext("'" + path + "'");
  std::vector<float> elements(batch.buffer.size() / sizeof(float));
  LCP_RETURN_IF_ERROR(readImage(ImageForm::File, compact->bytes, spec,
                                preprocessing, elements));
  auto *before = reinterpret_cast<float *>(batch.buffer.data());
  loss = {};
  for (size_t i = 0; i < elements.size(); ++i) {
    const float difference = std::fabs(elements[i] - before[i]);
    loss.largest = std::max(loss.largest, difference);
    loss.mean += double(difference) / double(elements.size());
  }
  std::copy(elements.begin(), elements.end(), before);
  return compact;
}

} // namespace lcp::rt
