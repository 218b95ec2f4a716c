//===- JpegWriter.cpp - Pixels to JPEG files ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"

#ifdef LCP_HAS_JPEG
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#endif

namespace lcp::rt {

#ifdef LCP_HAS_JPEG

namespace {

/// libjpeg leaves through here on an error.
struct ErrorManager {
  jpeg_error_mgr base;
  jmp_buf exit;
  char message[JMSG_LENGTH_MAX];
};

struct Encoder {
  jpeg_compress_struct info;
  ErrorManager errors;
  unsigned char *file;
  unsigned long size;
};

void leave(j_common_ptr info) {
  auto *errors = reinterpret_cast<ErrorManager *>(info->err);
  errors->base.format_message(info, errors->message);
  std::longjmp(errors->exit, 1);
}

/// `rows` are interleaved. No object with a destructor may live here: an error
/// jumps over it.
bool write(Encoder &encoder, const unsigned char *rows, uint32_t channels,
           uint32_t height, uint32_t width, unsigned quality) {
  jpeg_compress_struct &info = encoder.info;
  info.err = jpeg_std_error(&encoder.errors.base);
  encoder.errors.base.error_exit = leave;
  if (setjmp(encoder.errors.exit))
    return false;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &encoder.file, &encoder.size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = int(channels);
  info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, int(quality), /*force_baseline=*/TRUE);
  info.optimize_coding = TRUE;
  jpeg_start_compress(&info, /*write_all_tables=*/TRUE);
  while (info.next_scanline < height) {
    auto *row = const_cast<unsigned char *>(rows + size_t(info.next_scanline) *
                                                       width * channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

} // namespace

Result<std::vector<std::byte>> encodeJpeg(ByteSpan planes, uint32_t channels,
                                          uint32_t height, uint32_t width,
                                          unsigned quality) {
  const size_t plane = size_t(height) * width;
  std::vector<unsigned char> rows(plane * channels);
  for (size_t i = 0; i < plane; ++i)
    for (size_t c = 0; c < channels; ++c)
      rows[i * channels + c] = uint8_t(planes[c * plane + i]);
  Encoder encoder = {};
  bool done = write(encoder, rows.data(), channels, height, width, quality);
  jpeg_destroy_compress(&encoder.info);
  const auto *bytes = reinterpret_cast<const std::byte *>(encoder.file);
  std::vector<std::byte> file(bytes, bytes + (done ? encoder.size : 0));
  std::free(encoder.file);
  if (!done)
    return Status(StatusCode::Internal,
                  std::string("no JPEG image could be made: ") +
                      encoder.errors.message);
  return file;
}

#else

Result<std::vector<std::byte>> encodeJpeg(ByteSpan, uint32_t, uint32_t,
                                          uint32_t, unsigned) {
  return Status(StatusCode::Unsupported,
                "this build writes no JPEG images (it was made without "
                "libjpeg)");
}

#endif

} // namespace lcp::rt
