//===- TensorFileTest.cpp - Readers of tensors ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/TensorFile.h"

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

ByteSpan bytesOf(const std::string &text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}

std::string elementsOf(const std::vector<float> &values) {
  return {reinterpret_cast<const char *>(values.data()),
          values.size() * sizeof(float)};
}

TensorSpec f32(std::vector<int64_t> shape) {
  return {"x", ElementType::F32, std::move(shape)};
}

/// A .npy as numpy writes it, with any dictionary.
std::string npy(const std::string &dictionary, const std::string &elements) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += char(dictionary.size());
  file += char(dictionary.size() >> 8);
  return file + dictionary + elements;
}

std::string goodNpy() {
  return npyHeader(f32({2, 3})) + elementsOf({0, 1, 2, 3, 4, 5});
}

TEST(Npy, ReadsWhatItWrites) {
  for (ElementType type : {ElementType::F32, ElementType::I8, ElementType::I32})
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {3}, {1, 2, 3}, {1, 1, 28, 28}}) {
      TensorSpec spec{"", type, shape};
      std::string file = npyHeader(spec) + std::string(*byteSize(spec), 'x');
      EXPECT_EQ(0u, npyHeader(spec).size() % 64);
      Result<TensorView> view = parseNpy(bytesOf(file));
      ASSERT_TRUE(view.ok()) << view.status().message();
      EXPECT_EQ(type, view->spec.type);
      EXPECT_EQ(shape, view->spec.shape);
      EXPECT_EQ(*byteSize(spec), view->elements.size());
    }
}

TEST(Npy, RefusesEveryTruncation) {
  std::string file = goodNpy();
  ASSERT_TRUE(parseNpy(bytesOf(file)).ok());
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(parseNpy(bytesOf(file.substr(0, size))).ok()) << size;
}

TEST(Npy, RefusesWhatItCannotRead) {
  const std::pair<const char *, const char *> cases[] = {
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "float32"},
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "float32"},
      {"{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "Fortran"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "size"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1", "shape"},
      {"{'descr': '<f4', 'fortran_order': False, }", "shape"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
       "descr"},
      {"{'fortran_order': False, 'shape': (1,), }", "descr"},
      {"{'descr': '<f4', 'shape': (1,), }", "Fortran"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': "
       "(99999999999999999999,), }",
       "large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, "
       "4294967296), }",
       "fit"},
      {"", "descr"},
      {"{'descr'", "descr"}};
  for (auto [dictionary, message] : cases) {
    Result<TensorView> view = parseNpy(bytesOf(npy(dictionary, "1234")));
    ASSERT_FALSE(view.ok()) << dictionary;
    EXPECT_NE(std::string::npos, view.status().message().find(message))
        << view.status().message();
  }
}

/// Protocol buffers: a field of bytes, and a number.
std::string field(int number, const std::string &bytes) {
  return std::string{char(number << 3 | 2), char(bytes.size())} + bytes;
}
std::string field(int number, uint64_t value) {
  std::string text{char(number << 3)};
  for (; value >= 128; value >>= 7)
    text += char(value | 128);
  return text + char(value);
}

TEST(TensorProto, ReadsRawData) {
  std::string file = field(1, uint64_t(1)) + field(1, uint64_t(2)) +
                     field(2, uint64_t(1)) + field(8, "input") +
                     field(9, elementsOf({1.5f, -2}));
  Result<Tensor> tensor = parseTensorProto(bytesOf(file));
  ASSERT_TRUE(tensor.ok()) << tensor.status().message();
  EXPECT_EQ("input", tensor->spec.name);
  EXPECT_EQ((std::vector<int64_t>{1, 2}), tensor->spec.shape);
  EXPECT_EQ(
      0, std::memcmp(tensor->buffer.data(), elementsOf({1.5f, -2}).data(), 8));
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(parseTensorProto(bytesOf(file.substr(0, size))).ok()) << size;
}

TEST(TensorProto, ReadsTypedData) {
  std::string packedDims = field(1, std::string{1, 2});
  Result<Tensor> floats = parseTensorProto(bytesOf(
      packedDims + field(2, uint64_t(1)) + field(4, elementsOf({1.5f, -2}))));
  ASSERT_TRUE(floats.ok()) << floats.status().message();
  EXPECT_EQ(8u, floats->buffer.size());
  // -1 as int32_data is a varint of ten bytes.
  Result<Tensor> integers = parseTensorProto(
      bytesOf(packedDims + field(2, uint64_t(3)) + field(5, uint64_t(127)) +
              field(5, uint64_t(-1))));
  ASSERT_TRUE(integers.ok()) << integers.status().message();
  EXPECT_EQ(ElementType::I8, integers->spec.type);
  EXPECT_EQ(std::byte(127), integers->buffer.data()[0]);
  EXPECT_EQ(std::byte(0xff), integers->buffer.data()[1]);
}

TEST(TensorProto, RefusesWhatItCannotRead) {
  const std::string dims = field(1, uint64_t(2)),
                    floats = field(2, uint64_t(1)),
                    raw = field(9, elementsOf({1, 2}));
  for (const std::string &file :
       {floats + raw,                                 // a scalar of 8 bytes
        dims + raw,                                   // no type
        dims + field(2, uint64_t(11)) + raw,          // DOUBLE
        dims + floats + raw + field(14, uint64_t(1)), // external data
        field(1, uint64_t(-2)) + floats + raw,        // a negative dimension
        field(1, uint64_t(1) << 62) + floats + raw,   // too large
        dims + field(2, uint64_t(3)) + field(5, uint64_t(300)) +
            field(5, uint64_t(1)),                    // no 8-bit integer
        dims + floats + field(4, "123"),              // no floats
        dims + floats + raw + std::string(1, '\x0b'), // a group
        dims + floats + raw + std::string("\x4a\xff\xff\xff\xff\x7f", 6)})
    EXPECT_FALSE(parseTensorProto(bytesOf(file)).ok());
}

class InputFile : public testing::Test {
protected:
  std::string file(const std::string &name, const std::string &contents) {
    std::string path = testing::TempDir() + "lcp_input_" + name;
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }
  std::string errorOf(const std::string &path, const TensorSpec &spec) {
    Result<InputBatch> batch = readInput(path, spec, {});
    EXPECT_FALSE(batch.ok());
    return batch.status().message();
  }
};

TEST_F(InputFile, StacksInferences) {
  std::string path = file("stack.npy", npyHeader(f32({3, 2})) +
                                           elementsOf({0, 1, 2, 3, 4, 5}));
  Result<InputBatch> batch = readInput(path, f32({1, 2}), {});
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  EXPECT_EQ(3u, batch->count);
  EXPECT_TRUE(batch->stacked);
  EXPECT_NE("", errorOf(path, f32({2, 2})));
}

TEST_F(InputFile, ReadsRaw) {
  std::string path = file("a.raw", elementsOf({1, 2, 3, 4}));
  EXPECT_EQ(1u, readInput(path, f32({1, 4}), {})->count);
  EXPECT_EQ(2u, readInput(path, f32({1, 2}), {})->count);
  EXPECT_NE("", errorOf(path, f32({1, 3})));
  EXPECT_NE("", errorOf(path, f32({2, 1})));
}

TEST_F(InputFile, NamesTheFileAndTheTrouble) {
  std::string path = file("b.npy", goodNpy());
  EXPECT_EQ("'" + path + "': it holds 2x3xf32, the input 'x' wants 1x4xf32",
            errorOf(path, f32({1, 4})));
  EXPECT_NE(std::string::npos,
            errorOf("/nonexistent.npy", f32({1})).find("cannot open"));
  EXPECT_NE(std::string::npos,
            errorOf(file("c.txt", "x"), f32({1})).find("suffix"));
  EXPECT_NE(std::string::npos,
            errorOf(file("c.npy", ""), f32({1})).find("numpy"));
  EXPECT_NE(std::string::npos,
            errorOf(testing::TempDir(), f32({1})).find("not a regular file"));
}

TEST_F(InputFile, IsWrittenWholeOrNotAtAll) {
  std::string path = testing::TempDir() + "lcp_written.npy";
  std::string elements = elementsOf({1, 2});
  ASSERT_TRUE(writeTensor(path, f32({1, 2}), bytesOf(elements)).ok());
  Result<InputBatch> batch = readInput(path, f32({1, 2}), {});
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  EXPECT_EQ(0, std::memcmp(batch->buffer.data(), elements.data(), 8));
  EXPECT_FALSE(
      writeTensor("/nonexistent/a.npy", f32({1, 2}), bytesOf(elements)).ok());
  EXPECT_FALSE(
      writeTensor(testing::TempDir() + "a.png", f32({1, 2}), bytesOf(elements))
          .ok());
}

} // namespace
