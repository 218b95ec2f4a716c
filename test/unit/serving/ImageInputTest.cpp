//===- ImageInputTest.cpp - Images in place of tensors --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

namespace {

/// Answers with its input, which is an image of 2x2 pixels.
std::unique_ptr<Servable> makeViewer() {
  const std::vector<TensorSpec> in = {{"in", ElementType::F32, {1, 3, 2, 2}}},
                                out = {{"out", ElementType::F32, {12}}};
  ModelSignature signature = {"view", "v1", in, out, {ImagePreprocessing()}};
  signature.images[0]->mean = {55, 0, 0};
  signature.images[0]->scale = {0.5f};
  return std::make_unique<LambdaModel>(
      std::move(signature),
      [](Span<const void *const> in, Span<void *const> out, Deadline) {
        std::memcpy(out[0], in[0], 12 * sizeof(float));
        return Status();
      });
}

/// A request to it without contents.
ModelInferRequest viewRequest(const std::string &datatype,
                              const std::vector<int64_t> &shape) {
  ModelInferRequest request;
  request.set_model_name("view");
  auto &input = *request.add_inputs();
  input.set_name("in");
  input.set_datatype(datatype);
  input.mutable_shape()->Assign(shape.begin(), shape.end());
  return request;
}

/// An element of BYTES.
std::string element(const std::string &bytes) {
  std::string text;
  for (int i = 0; i < 4; ++i)
    text += char(bytes.size() >> (8 * i));
  return text + bytes;
}

/// 2x2 pixels: red, green / blue, white.
const std::string png(
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\2\x8\2\0\0\0\xfd\xd4\x9a\x73"
    "\0\0\0\x12IDAT\x78\xda\x63\xf8\xcf\xc0\xc0\0\xc2\xc\xff\x81\0\0\x1f\xee\5"
    "\xfb\xf1\xab\xba\x77\0\0\0\0IEND\xae\x42\x60\x82",
    75);
const std::vector<float> seen = {100, -27.5f, -27.5f, 100, 0,      127.5f,
                                 0,   127.5f, 0,      0,   127.5f, 127.5f};

class ImageTest : public testing::Test {
protected:
  void SetUp() override {
    server = serve(makeViewer());
    ASSERT_TRUE(server);
    stub = connectTo(server->address());
  }
  std::string refusal(const ModelInferRequest &request, StatusCode expected) {
    ModelInferResponse response;
    Status status = infer(*stub, request, response);
    EXPECT_EQ(status.code(), expected) << status.message();
    return status.message();
  }
  void expectSeen(const ModelInferRequest &request) {
    ModelInferResponse response;
    Status status = infer(*stub, request, response);
    ASSERT_TRUE(status.ok()) << status.message();
    const auto &typed = response.outputs(0).contents().fp32_contents();
    EXPECT_EQ(seen, response.raw_output_contents_size()
                        ? rawFloats(response.raw_output_contents(0))
                        : std::vector<float>(typed.begin(), typed.end()));
  }

  std::unique_ptr<Server> server;
  std::unique_ptr<Client> stub;
};

} // namespace

TEST_F(ImageTest, TakesFiles) {
  ModelInferRequest request = viewRequest("BYTES", {1});
  request.add_raw_input_contents(element(png));
  expectSeen(request);
  request.clear_raw_input_contents();
  request.mutable_inputs(0)->mutable_contents()->add_bytes_contents(png);
  expectSeen(request);
}

TEST_F(ImageTest, TakesPixels) {
  const std::string pixels("\xff\0\0\xff\0\xff\0\xff\0\0\xff\xff", 12);
  ModelInferRequest request = viewRequest("UINT8", {1, 3, 2, 2});
  request.add_raw_input_contents(pixels);
  expectSeen(request);
  request.clear_raw_input_contents();
  for (char pixel : pixels)
    request.mutable_inputs(0)->mutable_contents()->add_uint_contents(
        uint8_t(pixel));
  expectSeen(request);
}

TEST_F(ImageTest, RefusesWhatIsNoImage) {
  ModelInferRequest request = viewRequest("BYTES", {1});
  std::string &raw = *request.add_raw_input_contents();
  for (const std::string &bad :
       {png, element(png) + "x", element(png).substr(0, 60),
        std::string("\4")}) {
    raw = bad;
    EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
              "tensor 'in': its BYTES must be one file with its length before "
              "it in four bytes, and end there");
  }
  raw = element(png.substr(0, 50));
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument).find("input 'in': "),
            0u);
  raw = element("no image");
  refusal(request, StatusCode::InvalidArgument);
  request = viewRequest("BYTES", {1, 1});
  request.add_raw_input_contents(element(png));
  refusal(request, StatusCode::InvalidArgument);
  request = viewRequest("UINT8", {1, 3, 2, 2});
  request.add_raw_input_contents("123");
  refusal(request, StatusCode::InvalidArgument);
  // And the server goes on.
  request = viewRequest("BYTES", {1});
  request.add_raw_input_contents(element(png));
  expectSeen(request);
}

TEST_F(ImageTest, IsInTheMetadata) {
  inference::ModelMetadataRequest request;
  request.set_name("view");
  inference::ModelMetadataResponse response;
  ASSERT_TRUE(stub->call("ModelMetadata", request, response).ok());
  const auto &input = response.inputs(0);
  EXPECT_EQ(input.datatype(), "FP32");
  EXPECT_EQ(input.parameters().at("lcp_image_forms").string_param(),
            "UINT8,BYTES");
}

TEST(ImageInput, IsTakenOnlyWhereItIsDescribed) {
  std::unique_ptr<Server> server = serve(makeDoubler());
  ASSERT_TRUE(server);
  std::unique_ptr<Client> stub = connectTo(server->address());
  ModelInferRequest request = makeRequest({1, 2, 3, 4});
  request.mutable_inputs(0)->set_datatype("BYTES");
  ModelInferResponse response;
  EXPECT_EQ(infer(*stub, request, response).message(),
            "tensor 'in': the model takes FP32, the message says BYTES");
}
