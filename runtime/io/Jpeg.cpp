//===- Jpeg.cpp - JPEG files ----------------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Pixels.h"

#ifdef LCP_HAS_JPEG
#include <csetjmp>
#include <cstdio>
#include <jpeglib.h>
#endif

namespace lcp::rt {

#ifdef LCP_HAS_JPEG

namespace {

/// Progressive files of many scans keep a CPU busy for minutes.
constexpr int maxScans = 100;

/// libjpeg leaves through here on an error.
struct ErrorManager {
  jpeg_error_mgr base;
  jmp_buf exit;
  char message[JMSG_LENGTH_MAX];
};

struct Decoder {
  jpeg_decompress_struct info;
  ErrorManager errors;
  jpeg_progress_mgr progress;
};

void leave(j_common_ptr info) {
  auto *errors = reinterpret_cast<ErrorManager *>(info->err);
  errors->base.format_message(info, errors->message);
  std::longjmp(errors->exit, 1);
}

/// A negative level is a warning: damage that was papered over.
void leaveOnWarning(j_common_ptr info, int level) {
  if (level < 0)
    leave(info);
}

void limitScans(j_common_ptr info) {
  auto *decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number <= maxScans)
    return;
  auto *errors = reinterpret_cast<ErrorManager *>(info->err);
  std::snprintf(errors->message, sizeof(errors->message), "over %d scans",
                maxScans);
  std::longjmp(errors->exit, 1);
}

// No object with a destructor may live in the following three functions: an
// error jumps over it.

bool create(Decoder &decoder) {
  decoder.info.err = jpeg_std_error(&decoder.errors.base);
  decoder.errors.base.error_exit = leave;
  decoder.errors.base.emit_message = leaveOnWarning;
  if (setjmp(decoder.errors.exit))
    return false;
  jpeg_create_decompress(&decoder.info);
  return true;
}

bool readHeader(Decoder &decoder, ByteSpan file) {
  if (setjmp(decoder.errors.exit))
    return false;
  jpeg_mem_src(&decoder.info,
               reinterpret_cast<const unsigned char *>(file.data()),
               file.size());
  jpeg_read_header(&decoder.info, /*require_image=*/TRUE);
  return true;
}

bool readPixels(Decoder &decoder, Pixels &pixels) {
  jpeg_decompress_struct &info = decoder.info;
  if (setjmp(decoder.errors.exit))
    return false;
  info.out_color_space = JCS_RGB;
  decoder.progress.progress_monitor = limitScans;
  info.progress = &decoder.progress;
  jpeg_start_decompress(&info);
  pixels.width = info.output_width;
  pixels.height = info.output_height;
  const size_t row = size_t(info.output_width) * 3;
  pixels.data.resize(row * info.output_height);
  while (info.output_scanline < info.output_height) {
    unsigned char *line = pixels.data.data() + info.output_scanline * row;
    jpeg_read_scanlines(&info, &line, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

/// Ink makes no channels of a network's without a colour profile.
Status checkColours(const jpeg_decompress_struct &info) {
  if (info.jpeg_color_space != JCS_CMYK && info.jpeg_color_space != JCS_YCCK)
    return {};
  return Status(StatusCode::Unsupported,
                "it is a CMYK image, which is for print: convert it to RGB");
}

} // namespace

Result<Pixels> decodeJpeg(ByteSpan file) {
  // A block of 8x8 pixels takes a bit at the least, that of its mean.
  constexpr uint64_t pixelsPerByte = 8 * 64;
  Decoder decoder = {};
  Pixels pixels;
  Status claim;
  bool done = create(decoder) && readHeader(decoder, file);
  if (done)
    claim = checkClaim(
        {decoder.info.image_width, decoder.info.image_height, pixelsPerByte},
        file.size());
  if (done && claim.ok())
    claim = checkColours(decoder.info);
  done = done && claim.ok() && readPixels(decoder, pixels);
  jpeg_destroy_decompress(&decoder.info);
  LCP_RETURN_IF_ERROR(std::move(claim));
  if (!done)
    return Status(StatusCode::Corrupt,
                  std::string("not a readable JPEG image: ") +
                      decoder.errors.message);
  return pixels;
}

#else

Result<Pixels> decodeJpeg(ByteSpan file) {
  return Status(StatusCode::Unsupported,
                "this build reads no JPEG images (it was made without "
                "libjpeg)");
}

#endif

} // namespace lcp::rt
