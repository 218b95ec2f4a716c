//===- TestCalls.h - Calls that go on while a test does ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_SERVING_TESTCALLS_H
#define LCP_TEST_UNIT_SERVING_TESTCALLS_H

#include "TestModels.h"

namespace lcp::rt::test {

/// Waits a while for something that another thread brings about.
template <typename F> bool eventually(F &&happened) {
  for (int i = 0; i < 1000 && !happened(); ++i)
    std::this_thread::sleep_for(10ms);
  return happened();
}

/// A server that remembers what it logs.
struct LoggedServer {
  explicit LoggedServer(std::unique_ptr<Servable> model,
                        ServerOptions options = {}) {
    options.log = [this](const std::string &line) {
      std::lock_guard<std::mutex> lock(mutex);
      log += line + "\n";
    };
    server = serve(std::move(model), std::move(options));
  }
  bool logs(const std::string &words) {
    return eventually([&] {
      std::lock_guard<std::mutex> lock(mutex);
      return log.find(words) != std::string::npos;
    });
  }

  std::mutex mutex;
  std::string log;
  std::unique_ptr<Server> server;
};

inline std::future<Result<Bytes>>
start(Client &client, const inference::ModelInferRequest &request,
      Deadline deadline = in(30s)) {
  return client.client.start("/inference.GRPCInferenceService/ModelInfer",
                             Message(request.SerializeAsString()), deadline);
}

inline std::vector<float> floatsOf(const Result<Bytes> &answer) {
  inference::ModelInferResponse response;
  if (!answer.ok() ||
      !response.ParseFromArray(answer->data(), int(answer->size())) ||
      response.raw_output_contents_size() != 1)
    return {};
  return rawFloats(response.raw_output_contents(0));
}

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_SERVING_TESTCALLS_H
