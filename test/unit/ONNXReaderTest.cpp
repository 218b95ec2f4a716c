//===- ONNXReaderTest.cpp - What the ONNX reader refuses, and says --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Import/ONNX/Reader.h"

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using namespace lcp::onnx;

namespace {

/// x -> Relu -> y, to be spoilt by each test.
::onnx::ModelProto reluModel() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  auto *graph = model.mutable_graph();
  graph->add_input()->set_name("x");
  graph->add_output()->set_name("y");
  auto *node = graph->add_node();
  node->set_op_type("Relu");
  node->set_name("relu");
  node->add_input("x");
  node->add_output("y");
  return model;
}

::onnx::TensorProto *addTensor(::onnx::ModelProto &model,
                               const std::string &name, int type,
                               std::vector<int64_t> dims) {
  auto *tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(type);
  for (int64_t dim : dims)
    tensor->add_dims(dim);
  return tensor;
}

void addExternal(::onnx::TensorProto *tensor, const std::string &key,
                 const std::string &value) {
  tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
  auto *entry = tensor->add_external_data();
  entry->set_key(key);
  entry->set_value(value);
}

class ONNXReader : public ::testing::Test {
protected:
  void SetUp() override {
    root = fs::temp_directory_path() /
           ("lcp-reader-" + std::to_string(::getpid()));
    folder = root / "model";
    fs::create_directories(folder / "sub");
    write(folder / "w.bin", std::string(16, '\1'));
    write(folder / "sub" / "w.bin", std::string(16, '\2'));
    write(root / "secret.bin", std::string(16, '\3'));
    fs::create_symlink(root / "secret.bin", folder / "link.bin");
    fs::create_directory_symlink(root, folder / "up");
  }
  void TearDown() override { fs::remove_all(root); }

  static void write(const fs::path &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  std::optional<Model> read(const ::onnx::ModelProto &model) {
    write(folder / "model.onnx", model.SerializeAsString());
    problems.clear();
    return readModel((folder / "model.onnx").string(), problems);
  }

  /// Expects one problem, which contains `text`.
  void expectRefused(const ::onnx::ModelProto &model, const std::string &text) {
    EXPECT_FALSE(read(model).has_value());
    ASSERT_EQ(problems.size(), 1u) << "expected: " << text;
    EXPECT_NE(problems[0].find(text), std::string::npos) << problems[0];
  }

  fs::path root, folder;
  std::vector<std::string> problems;
};

TEST_F(ONNXReader, ReadsEveryStorageOfATensor) {
  auto model = reluModel();
  auto *raw = addTensor(model, "raw", ::onnx::TensorProto::FLOAT, {2});
  raw->set_raw_data(std::string("\0\0\x80\x3f\0\0\0\x40", 8));
  auto *half = addTensor(model, "half", ::onnx::TensorProto::FLOAT16, {1});
  half->add_int32_data(0x3c00);
  auto *narrow = addTensor(model, "narrow", ::onnx::TensorProto::INT8, {2});
  narrow->add_int32_data(-1);
  narrow->add_int32_data(127);
  auto *wide = addTensor(model, "wide", ::onnx::TensorProto::DOUBLE, {});
  wide->add_double_data(0.5);
  auto read = this->read(model);
  ASSERT_TRUE(read) << problems[0];
  ASSERT_EQ(read->initializers.size(), 4u);
  float floats[2];
  std::memcpy(floats, read->initializers[0].data.get(), 8);
  EXPECT_EQ(floats[0], 1.0f);
  EXPECT_EQ(floats[1], 2.0f);
  uint16_t bits;
  std::memcpy(&bits, read->initializers[1].data.get(), 2);
  EXPECT_EQ(bits, 0x3c00);
  EXPECT_EQ(static_cast<signed char>(read->initializers[2].data.get()[0]), -1);
  EXPECT_EQ(read->initializers[3].byteSize, 8u);
  for (const Tensor &tensor : read->initializers)
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data.get()) % tensorAlignment,
              0u);
}

TEST_F(ONNXReader, RefusesSizesThatDoNotMatch) {
  auto model = reluModel();
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {4})->set_raw_data("1234");
  expectRefused(model, "'w' holds 4 bytes; its shape and type need 16");
  model = reluModel();
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {2})->add_float_data(1);
  expectRefused(model, "'w' does not hold the 2 values");
  model = reluModel();
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {int64_t(1) << 62, 4});
  expectRefused(model, "more elements than 64 bits count");
  model = reluModel();
  addTensor(model, "w", ::onnx::TensorProto::DOUBLE, {int64_t(1) << 61, 0});
  expectRefused(model, "more bytes than 64 bits count");
  model = reluModel();
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {-1});
  expectRefused(model, "negative dimension");
}

TEST_F(ONNXReader, ReadsExternalDataInsideItsFolder) {
  auto model = reluModel();
  auto *tensor = addTensor(model, "w", ::onnx::TensorProto::FLOAT, {2});
  addExternal(tensor, "location", "sub/w.bin");
  addExternal(tensor, "offset", "8");
  auto read = this->read(model);
  ASSERT_TRUE(read) << problems[0];
  EXPECT_EQ(read->initializers[0].data.get()[7], '\2');
}

TEST_F(ONNXReader, RefusesExternalDataOutsideItsFolder) {
  for (const char *location :
       {"../secret.bin", "/etc/passwd", "link.bin", "up/secret.bin",
        "sub/../../secret.bin", "", "none.bin", "sub", "w.bin/x"}) {
    auto model = reluModel();
    auto *tensor = addTensor(model, "w", ::onnx::TensorProto::FLOAT, {4});
    addExternal(tensor, "location", location);
    addExternal(tensor, "length", "16");
    expectRefused(model, "initialiser 'w': external data file '");
  }
}

TEST_F(ONNXReader, RefusesExternalRanges) {
  auto refuse = [&](const char *key, const char *value, const char *text) {
    auto model = reluModel();
    auto *tensor = addTensor(model, "w", ::onnx::TensorProto::FLOAT, {4});
    addExternal(tensor, "location", "w.bin");
    addExternal(tensor, "length", "16");
    addExternal(tensor, key, value);
    expectRefused(model, text);
  };
  refuse("offset", "1", "has 16 bytes; the tensor needs 16 from byte 1");
  refuse("offset", "18446744073709551615", "from byte 18446744073709551615");
  refuse("offset", "18446744073709551616", "is not a number");
  refuse("offset", "-1", "is not a number");
  refuse("length", "12", "external data has 12 bytes");
}

TEST_F(ONNXReader, OverlappingExternalRangesCannotMultiplyMemory) {
  auto model = reluModel();
  for (int i = 0; i < 3; ++i) {
    auto *tensor = addTensor(model, "w" + std::to_string(i),
                             ::onnx::TensorProto::FLOAT, {3});
    addExternal(tensor, "location", "w.bin");
    addExternal(tensor, "offset", i == 2 ? "4" : "0");
    addExternal(tensor, "length", "12");
  }
  expectRefused(model, "overlapping ranges");
}

TEST_F(ONNXReader, ChecksNames) {
  auto model = reluModel();
  model.mutable_graph()->mutable_node(0)->set_input(0, "no\nthing");
  expectRefused(model, "Relu node 'relu' reads 'no?thing', which nothing");
  model = reluModel();
  *model.mutable_graph()->add_node() = model.graph().node(0);
  expectRefused(model, "'y' is defined twice");
  model = reluModel();
  model.mutable_graph()->mutable_output(0)->set_name("z");
  expectRefused(model, "graph output 'z' is defined by nothing");
  model = reluModel();
  model.mutable_graph()->mutable_node(0)->set_input(0, std::string(5000, 'n'));
  read(model);
  ASSERT_FALSE(problems.empty());
  EXPECT_NE(problems[0].find("5000 bytes"), std::string::npos);
}

TEST_F(ONNXReader, RefusesNegativeSizes) {
  auto model = reluModel();
  model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->add_dim()
      ->set_dim_value(-3);
  expectRefused(model, "'x' has -3 for the size of dimension 0");
}

TEST_F(ONNXReader, OrdersNodesAndFindsCycles) {
  auto model = reluModel();
  auto *first = model.mutable_graph()->mutable_node(0);
  first->set_input(0, "late");
  auto *late = model.mutable_graph()->add_node();
  late->set_op_type("Abs");
  late->add_input("x");
  late->add_output("late");
  auto read = this->read(model);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->nodes[0].opType, "Abs");
  late->set_input(0, "y");
  expectRefused(model, "node 'relu' is part of a cycle");
}

TEST_F(ONNXReader, InitialisersAreNotInputs) {
  auto model = reluModel();
  model.mutable_graph()->add_input()->set_name("w");
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {1})->add_float_data(1);
  auto read = this->read(model);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->inputs.size(), 1u);
  EXPECT_EQ(read->inputs[0].name, "x");
}

TEST_F(ONNXReader, RefusesWhatIsNoModel) {
  auto refuse = [&](const std::string &bytes, const char *text) {
    write(folder / "bad.onnx", bytes);
    problems.clear();
    EXPECT_FALSE(readModel((folder / "bad.onnx").string(), problems));
    ASSERT_FALSE(problems.empty());
    EXPECT_NE(problems[0].find(text), std::string::npos) << problems[0];
  };
  refuse("", "the file is empty");
  refuse("no model at all", "parsing stopped");
  std::string whole = reluModel().SerializeAsString();
  for (size_t size = 1; size < whole.size(); ++size)
    refuse(whole.substr(0, size), "");
  problems.clear();
  EXPECT_FALSE(readModel((folder / "absent.onnx").string(), problems));
  EXPECT_EQ(problems[0], "No such file or directory");
  problems.clear();
  EXPECT_FALSE(readModel(folder.string(), problems));
  EXPECT_EQ(problems[0], "not a regular file");
}

TEST_F(ONNXReader, RefusesByWhatPartsWouldTakeOnceParsed) {
  auto refuse = [&](const std::string &more, size_t parsedBytes,
                    const std::string &text) {
    Limits limits;
    limits.parsedBytes = parsedBytes;
    problems.clear();
    std::string bytes = reluModel().SerializeAsString() + more;
    EXPECT_FALSE(readModel(std::string_view(bytes), "", problems, limits));
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_NE(problems[0].find(text), std::string::npos) << problems[0];
  };
  auto grown = [](auto grow) {
    ::onnx::ModelProto model;
    grow(*model.mutable_graph());
    return model.SerializeAsString();
  };
  size_t limit = 1 << 20;
  refuse(grown([](auto &graph) {
           for (int i = 0; i < 5000; ++i)
             graph.add_value_info();
         }),
         limit, "the graph is too large");
  refuse(grown([](auto &graph) {
           auto *attribute = graph.add_node()->add_attribute();
           for (int i = 0; i < 50000; ++i)
             attribute->add_ints(1);
         }),
         limit, "the graph is too large");
  refuse(grown([](auto &graph) {
           auto *tensor = graph.add_initializer();
           for (int i = 0; i < 100000; ++i)
             tensor->add_int64_data(1);
         }),
         limit, "the graph is too large");
  refuse("\x0b\x0c", limit, "it has a group");
}

TEST_F(ONNXReader, TensorDataIsNoPartOfTheGraph) {
  Limits limits;
  limits.parsedBytes = 1 << 16;
  auto model = reluModel();
  std::string bytes(4 << 20, '\1');
  addTensor(model, "w", ::onnx::TensorProto::FLOAT, {1 << 20})
      ->set_raw_data(bytes);
  EXPECT_TRUE(readModel(std::string_view(model.SerializeAsString()), "",
                        problems, limits));
}

TEST_F(ONNXReader, LimitsProblems) {
  auto model = reluModel();
  for (int i = 0; i < 60; ++i)
    addTensor(model, "w" + std::to_string(i), ::onnx::TensorProto::FLOAT, {-1});
  EXPECT_FALSE(read(model));
  ASSERT_EQ(problems.size(), 51u);
  EXPECT_EQ(problems.back(), "and 10 more problems");
}

} // namespace
