//===- cluster_latency.cpp - What the network adds to an inference --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cluster_latency [--rounds=N] [--workers=N] [--input=BYTES] [--output=BYTES]
//                 [--plain]
//
// Workers in processes of their own on loopback, with mutual TLS unless
// --plain, serve branches that compute nothing; a coordinator sends all of them
// one input and waits for all outputs. Prints percentiles of a round's time and
// what the coordinator's memory grew by in the second half of the rounds.
//
//===----------------------------------------------------------------------===//

#include "TestCertificates.h"

#include "runtime/cluster/Cluster.h"
#include "runtime/platform/Memory.h"
#include "runtime/serving/Server.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;

namespace {

struct Settings {
  unsigned rounds = 10000, workers = 4;
  int64_t inputBytes = 12 << 10, outputBytes = 2 << 10;
  bool plain = false;
};

class NoOp final : public Servable {
public:
  using Servable::Servable;
  Status run(ServableRun &) override { return Status(); }
};

} // namespace

[[noreturn]] static void fail(const std::string &why) {
  std::fprintf(stderr, "cluster_latency: %s\n", why.c_str());
  std::exit(1);
}

static Settings parse(int argc, char **argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    long long value = 0;
    if (std::sscanf(argv[i], "--rounds=%lld", &value) == 1)
      settings.rounds = unsigned(value);
    else if (std::sscanf(argv[i], "--workers=%lld", &value) == 1)
      settings.workers = unsigned(value);
    else if (std::sscanf(argv[i], "--input=%lld", &value) == 1)
      settings.inputBytes = value;
    else if (std::sscanf(argv[i], "--output=%lld", &value) == 1)
      settings.outputBytes = value;
    else if (std::strcmp(argv[i], "--plain") == 0)
      settings.plain = true;
    else
      fail(std::string("unknown argument ") + argv[i]);
  }
  return settings;
}

/// One input that every branch reads, one output of each.
static ModelInfo makeModel(const Settings &settings) {
  ModelInfo model;
  model.name = "noop";
  model.values.push_back({"x", ElementType::I8, {settings.inputBytes}});
  model.inputs.push_back({0, {}});
  ModelStage stage;
  stage.parallel = true;
  for (unsigned b = 0; b < settings.workers; ++b) {
    ModelBranch branch;
    branch.name = "s0.b" + std::to_string(b);
    branch.inputs = {0};
    branch.outputs = {uint32_t(model.values.size())};
    model.values.push_back(
        {"y" + std::to_string(b), ElementType::I8, {settings.outputBytes}});
    model.outputs.push_back({branch.outputs[0], {}});
    stage.branches.push_back(std::move(branch));
  }
  model.steps = {stage};
  return model;
}

/// The address of a new process that serves branch `b` until this one ends.
static std::string startWorker(const ModelInfo &model, unsigned b,
                               const std::optional<TlsIdentity> &tls) {
  int pipe[2];
  if (::pipe(pipe) != 0)
    fail("no pipe");
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto &stage = std::get<ModelStage>(model.steps[0]);
    std::vector<std::unique_ptr<Servable>> models;
    models.push_back(std::make_unique<NoOp>(
        branchSignature(model, "v1", stage.branches[b])));
    ServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = tls;
    auto server = Server::start(std::move(models), std::move(options));
    if (!server.ok())
      fail(server.status().message());
    const std::string &address = (*server)->address();
    if (write(pipe[1], address.data(), address.size()) < 0)
      fail("nobody wants the worker's address");
    close(pipe[1]);
    for (;;)
      pause();
  }
  close(pipe[1]);
  char address[64] = {};
  if (read(pipe[0], address, sizeof address - 1) <= 0)
    fail("a worker did not start");
  close(pipe[0]);
  return address;
}

/// Resident memory of this process, in KiB.
static long residentKiB() {
  long pages = 0;
  if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1)
      pages = 0;
    std::fclose(file);
  }
  return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void printTimes(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  auto at = [&](double share) {
    return times[std::min(times.size() - 1, size_t(share * times.size()))];
  };
  double mean =
      std::accumulate(times.begin(), times.end(), 0.0) / double(times.size());
  std::printf("us: mean %.0f  min %.0f  p50 %.0f  p90 %.0f  p99 %.0f  p99.9 "
              "%.0f  max %.0f\n",
              mean, times.front(), at(0.5), at(0.9), at(0.99), at(0.999),
              times.back());
}

static Status runOnce(RemoteStages &stages, const ModelStage &stage,
                      Span<std::byte *const> values, std::vector<bool> &came) {
  came.assign(stage.branches.size(), true);
  LCP_RETURN_IF_ERROR(stages.begin(noDeadline, {}));
  Status status = stages.runStage(stage, values, came);
  stages.end();
  return status;
}

static void measure(RemoteStages &stages, const ModelInfo &model,
                    unsigned rounds) {
  std::vector<AlignedBuffer> buffers;
  std::vector<std::byte *> values;
  for (const TensorSpec &spec : model.values) {
    buffers.push_back(*AlignedBuffer::allocate(*byteSize(spec)));
    values.push_back(buffers.back().data());
    std::memset(values.back(), 1, *byteSize(spec));
  }
  const auto &stage = std::get<ModelStage>(model.steps[0]);
  std::vector<bool> came;
  std::vector<double> times;
  times.reserve(rounds);
  long memory = 0;
  const unsigned warmUp = std::min(rounds / 10 + 10, 1000u);
  for (unsigned i = 0; i < warmUp + rounds; ++i) {
    uint64_t begin = monotonicNanoseconds();
    Status status = runOnce(stages, stage, values, came);
    if (!status.ok())
      fail(status.message());
    if (i >= warmUp)
      times.push_back(double(monotonicNanoseconds() - begin) / 1000);
    if (i == warmUp + rounds / 2)
      memory = residentKiB();
  }
  printTimes(std::move(times));
  std::printf("memory: %ld KiB, grew by %ld in the second half\n",
              residentKiB(), residentKiB() - memory);
}

int main(int argc, char **argv) {
  Settings settings = parse(argc, argv);
  ModelInfo model = makeModel(settings);
  rt::test::TestCertificates certificates;
  ClusterOptions options;
  if (!settings.plain)
    options.tls = *readTlsIdentity(certificates.folder("ours"));
  ClusterFile file;
  for (unsigned b = 0; b < settings.workers; ++b) {
    ClusterWorker worker;
    worker.address = startWorker(model, b, options.tls);
    worker.branches = {b};
    file.workers.push_back(std::move(worker));
  }
  std::vector<std::string> problems;
  auto cluster = Cluster::connect(model, "v1", file, options, problems);
  if (!cluster.ok())
    fail(problems.empty() ? cluster.status().message() : problems.front());
  std::printf("%u workers, %lld bytes in, %lld bytes out, %s\n",
              settings.workers, (long long)settings.inputBytes,
              (long long)settings.outputBytes,
              settings.plain ? "plain" : "mutual TLS");
  std::unique_ptr<RemoteStages> stages = Cluster::makeStages(*cluster);
  measure(*stages, model, settings.rounds);
  return 0;
}
