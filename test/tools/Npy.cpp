//===- Npy.cpp - NumPy files for the test tools --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/tools/Npy.h"
#include "lcp/Support/OutputFiles.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

static constexpr StringLiteral kMagic("\x93NUMPY");

static llvm::Error problem(StringRef path, const Twine &what) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 path + ": " + what);
}

/// What follows `'key':` in the header, a Python dictionary.
static StringRef field(StringRef header, StringRef key) {
  size_t at = header.find(("'" + key + "':").str());
  return at == StringRef::npos ? StringRef()
                               : header.drop_front(at + key.size() + 3).ltrim();
}

static bool parseShape(StringRef text, SmallVectorImpl<int64_t> &shape) {
  if (!text.consume_front("("))
    return false;
  SmallVector<StringRef> sizes;
  text.take_until([](char c) { return c == ')'; }).split(sizes, ',');
  for (StringRef size : sizes) {
    if (size.trim().empty())
      continue;
    if (size.trim().getAsInteger(10, shape.emplace_back()) || shape.back() < 0)
      return false;
  }
  return true;
}

/// Splits a file into header and data; an empty header means it is not one.
static std::pair<StringRef, ArrayRef<char>> splitFile(StringRef bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12)
    return {};
  size_t wide = bytes[6] >= 2 ? 4 : 2, length = 0;
  for (size_t i = 0; i < wide; ++i)
    length |= size_t(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
  if (bytes.size() - 8 - wide < length)
    return {};
  StringRef data = bytes.drop_front(8 + wide + length);
  return {bytes.substr(8 + wide, length), ArrayRef(data.data(), data.size())};
}

llvm::Expected<Tensor> lcp::readNpy(StringRef path, MLIRContext *context) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return problem(path, file.getError().message());
  auto [header, data] = splitFile((*file)->getBuffer());
  SmallVector<int64_t> shape;
  if (!parseShape(field(header, "shape"), shape) ||
      !field(header, "fortran_order").starts_with("False"))
    return problem(path, "is not an .npy file in C order");
  Builder builder(context);
  StringRef descr = field(header, "descr").drop_front().take_front(3);
  Type element = descr == "|i1"                     ? builder.getI8Type()
                 : descr == "<i4"                   ? Type(builder.getI32Type())
                 : descr == "<f4" || descr == "<f8" ? Type(builder.getF32Type())
                                                    : Type();
  if (!element)
    return problem(path, "element type '" + descr + "' is not read here");
  auto type = RankedTensorType::get(shape, element);
  if (descr == "<f8") {
    Tensor tensor = Tensor::zeros(type);
    if (data.size() != tensor.floats.size() * sizeof(double))
      return problem(path, "has the wrong size");
    std::memcpy(tensor.floats.data(), data.data(), data.size());
    return tensor;
  }
  FailureOr<Tensor> tensor = Tensor::fromRaw(type, data);
  if (failed(tensor))
    return problem(path, "has the wrong size");
  return *tensor;
}

llvm::Error lcp::writeNpy(const Tensor &tensor, StringRef path) {
  bool byte = tensor.type.getElementType().isInteger(8);
  std::string header;
  llvm::raw_string_ostream text(header);
  text << "{'descr': '"
       << (tensor.isFloat() ? "<f8"
           : byte           ? "|i1"
                            : "<i4")
       << "', 'fortran_order': False, 'shape': (";
  for (int64_t size : tensor.shape())
    text << size << ',';
  text << "), }";
  // Data starts on a multiple of 64 bytes; the header ends in a newline.
  header.append(63 - (10 + header.size()) % 64, ' ').push_back('\n');
  std::vector<char> integers;
  ArrayRef<char> data(reinterpret_cast<const char *>(tensor.floats.data()),
                      tensor.floats.size() * sizeof(double));
  if (!tensor.isFloat()) {
    integers.resize(tensor.size() * (byte ? 1 : 4));
    tensor.writeRaw(integers);
    data = integers;
  }
  OutputFiles outputs;
  llvm::Expected<raw_ostream &> stream = outputs.open(path);
  if (!stream)
    return stream.takeError();
  *stream << kMagic << '\x01' << '\0' << char(header.size() & 255)
          << char(header.size() >> 8) << header;
  stream->write(data.data(), data.size());
  return outputs.commit();
}
