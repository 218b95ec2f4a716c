//===- Npy.cpp - NumPy's array files --------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header is the text of a Python dictionary with three keys, written by
// numpy as {'descr': '<f4', 'fortran_order': False, 'shape': (1, 28, 28), }.
//
//===----------------------------------------------------------------------===//

#include "common/base/Arithmetic.h"
#include "runtime/io/TensorFile.h"

#include <cstring>

namespace lcp::rt {
namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

Status malformed(const char *what) {
  return Status(StatusCode::Corrupt, std::string("not a valid .npy: ") + what);
}

/// What follows 'KEY': in the header, without leading spaces.
std::string_view valueOf(std::string_view header, std::string_view key) {
  size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos)
    return {};
  at = header.find(':', at + key.size() + 2);
  if (at == std::string_view::npos)
    return {};
  at = header.find_first_not_of(' ', at + 1);
  return at == std::string_view::npos ? std::string_view() : header.substr(at);
}

Status parseType(std::string_view header, TensorView &view) {
  std::string_view text = valueOf(header, "descr");
  if (text.size() < 2 || text[0] != '\'')
    return malformed("no 'descr' with a plain type");
  text = text.substr(1, text.find('\'', 1) - 1);
  view.isPixels = text == "|u1" || text == "<u1";
  if (text == "<f4")
    view.spec.type = ElementType::F32;
  else if (text == "|i1" || text == "<i1" || view.isPixels)
    view.spec.type = ElementType::I8;
  else if (text == "<i4")
    view.spec.type = ElementType::I32;
  else
    return Status(StatusCode::Unsupported,
                  "elements of type '" + std::string(text) +
                      "'; save the array as float32, int8, int32 or, for "
                      "images, uint8");
  return {};
}

/// The digits of a tuple such as (1, 28, 28) or (3,) or ().
Result<std::vector<int64_t>> parseShape(std::string_view header) {
  std::string_view text = valueOf(header, "shape");
  size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos)
    return malformed("no 'shape'");
  std::vector<int64_t> shape;
  bool inNumber = false;
  for (char c : text.substr(1, end - 1)) {
    if (c < '0' || c > '9') {
      if (c != ' ' && c != ',')
        return malformed("a shape of something else than numbers");
      inNumber = false;
      continue;
    }
    if (!inNumber)
      shape.push_back(0);
    inNumber = true;
    if (shape.back() > (INT64_MAX - 9) / 10)
      return malformed("a dimension too large");
    shape.back() = shape.back() * 10 + (c - '0');
  }
  return shape;
}

} // namespace

Result<TensorView> parseNpy(ByteSpan bytes) {
  const char *text = reinterpret_cast<const char *>(bytes.data());
  if (bytes.size() < 10 || std::string_view(text, magic.size()) != magic)
    return malformed("its first bytes are not numpy's");
  const auto *raw = reinterpret_cast<const unsigned char *>(bytes.data());
  const unsigned version = raw[6];
  if (version < 1 || version > 3)
    return malformed("an unknown version");
  size_t begin = version == 1 ? 10 : 12;
  if (bytes.size() < begin)
    return malformed("it is truncated");
  size_t length = raw[8] | raw[9] << 8;
  if (version > 1)
    length |= size_t(raw[10]) << 16 | size_t(raw[11]) << 24;
  if (length > bytes.size() - begin)
    return malformed("it is truncated");
  std::string_view header(text + begin, length);
  TensorView view;
  LCP_RETURN_IF_ERROR(parseType(header, view));
  LCP_ASSIGN_OR_RETURN(view.spec.shape, parseShape(header));
  if (valueOf(header, "fortran_order").substr(0, 5) != "False")
    return Status(StatusCode::Unsupported,
                  "the array is in Fortran order; save "
                  "numpy.ascontiguousarray of it");
  LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(view.spec));
  if (size != bytes.size() - begin - length)
    return malformed("its size does not fit its shape");
  view.elements = bytes.subspan(begin + length, size);
  return view;
}

std::string npyHeader(const TensorSpec &spec) {
  const char *type = spec.type == ElementType::F32  ? "<f4"
                     : spec.type == ElementType::I8 ? "|i1"
                                                    : "<i4";
  std::string dictionary = std::string("{'descr': '") + type +
                           "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : spec.shape)
    dictionary += std::to_string(dim) + (spec.shape.size() == 1 ? "," : ", ");
  if (spec.shape.size() > 1)
    dictionary.resize(dictionary.size() - 2);
  dictionary += "), }";
  // Padded with spaces so that the elements start on a multiple of 64.
  constexpr size_t prefix = 10;
  size_t total = *checkedAlignUp(prefix + dictionary.size() + 1, 64);
  dictionary.resize(total - prefix - 1, ' ');
  dictionary += '\n';
  std::string header(magic);
  header += {'\x01', '\x00', char(dictionary.size() & 255),
             char(dictionary.size() >> 8)};
  return header + dictionary;
}

} // namespace lcp::rt
