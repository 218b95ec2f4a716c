//===- StbImage.cpp - stb_image's implementation --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#define STB_IMAGE_IMPLEMENTATION
#include "runtime/io/StbImage.h"
