//===- StbImage.h - stb_image as it is used here ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two formats, from memory, and no image so large that a small file fills the
// machine. StbImage.cpp has the implementation.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_IO_STBIMAGE_H
#define LCP_RUNTIME_IO_STBIMAGE_H

#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#include <stb/stb_image.h>

#endif // LCP_RUNTIME_IO_STBIMAGE_H
