//===- ClusterMode.cpp - lcp-run on many machines -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ClusterMode.h"
#include "Log.h"

#include "common/base/Printable.h"
#include "runtime/cluster/Cluster.h"
#include "runtime/cluster/Doctor.h"
#include "runtime/cluster/ExamineFleet.h"
#include "runtime/rpc/Certificates.h"
#include "runtime/serving/Serve.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

namespace lcp::rt {
namespace {

using Json = nlohmann::ordered_json;

/// Of --deadline-ms, when it is not given.
constexpr unsigned defaultDeadlineMilliseconds = 10000;

Result<std::optional<TlsIdentity>> readTls(const RunOptions &options) {
  if (options.tls.empty())
    return std::optional<TlsIdentity>();
  LCP_ASSIGN_OR_RETURN(TlsIdentity identity, readTlsIdentity(options.tls));
  return std::optional<TlsIdentity>(std::move(identity));
}

/// Prints all problems but the last, which becomes the returned error.
Status report(const std::vector<std::string> &problems, StatusCode code) {
  for (size_t i = 0; i + 1 < problems.size(); ++i)
    std::fprintf(stderr, "lcp-run: error: %s\n",
                 printable(problems[i]).c_str());
  return Status(code, problems.back());
}

Result<ClusterFile> readFleet(const RunOptions &options) {
  std::vector<std::string> problems;
  if (auto file = readClusterFile(options.cluster, problems))
    return *std::move(file);
  return report(problems, StatusCode::InvalidArgument);
}

std::chrono::milliseconds deadlineOf(const RunOptions &options) {
  return std::chrono::milliseconds(options.deadlineMilliseconds
                                       ? options.deadlineMilliseconds
                                       : defaultDeadlineMilliseconds);
}

LoadOptions loadOptions(const RunOptions &options, const Pace &pace) {
  LoadOptions load;
  load.threads = options.threads;
  load.engine = options.engine;
  load.degrade = options.degrade;
  load.pace = pace.empty() ? nullptr : &pace;
  return load;
}

/// The branches of the device that this machine is: what serving would serve.
Result<std::vector<LocalBranch>>
loadLocalBranches(const Bundle &bundle, const DriverRegistry &drivers,
                  const std::vector<unsigned> &branches,
                  const LoadOptions &load) {
  LCP_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<Servable>> models,
                       loadBranches(bundle, drivers, branches, load));
  std::vector<LocalBranch> local;
  for (std::unique_ptr<Servable> &model : models) {
    const ModelSignature signature = model->signature();
    auto run = [model = std::shared_ptr<Servable>(std::move(model))](
                   Span<const void *const> inputs, Span<void *const> outputs) {
      ServableRun run;
      run.inputs = inputs;
      run.outputs = outputs;
      return model->run(run);
    };
    local.push_back({signature, std::move(run)});
  }
  return local;
}

Result<std::shared_ptr<Cluster>>
connect(const Bundle &bundle, const DriverRegistry &drivers,
        const RunOptions &options, const Pace &pace, ClusterOptions cluster) {
  LCP_ASSIGN_OR_RETURN(cluster.tls, readTls(options));
  cluster.timeout = deadlineOf(options);
  cluster.degrade = options.degrade;
  cluster.relay = options.relay;
  LCP_ASSIGN_OR_RETURN(ClusterFile file, readFleet(options));
  for (const ClusterWorker &worker : file.workers)
    if (worker.isLocal()) {
      auto local = loadLocalBranches(bundle, drivers, worker.branches,
                                     loadOptions(options, pace));
      if (!local.ok())
        return std::move(local).status().withContext(
            file.path + ":" + std::to_string(worker.line));
      cluster.local = *std::move(local);
    }
  std::vector<std::string> problems;
  auto connected = Cluster::connect(bundle.model(), bundleVersion(bundle), file,
                                    cluster, problems);
  if (!connected.ok())
    return problems.empty() ? std::move(connected).status()
                            : report(problems, connected.status().code());
  for (const std::string &problem : problems)
    std::fprintf(stderr, "lcp-run: warning: going on without a worker: %s\n",
                 printable(problem).c_str());
  return connected;
}

} // namespace

Status serve(const Bundle &bundle, const DriverRegistry &drivers,
             const RunOptions &options, const Pace &pace) {
  StopSignals stop;
  if (!options.cluster.empty() && !options.branches.empty())
    return Status(StatusCode::InvalidArgument,
                  "--branch and --cluster do not go together: a cluster is "
                  "served as the whole model");
  ServeOptions serving;
  serving.address = options.serve;
  LCP_ASSIGN_OR_RETURN(serving.tls, readTls(options));
  serving.tlsFolder = options.tls;
  serving.branches = options.branches;
  serving.trusted = !options.key.empty();
  serving.allowUnsigned = options.allowUnsigned;
  serving.allowed = options.allowed;
  serving.metrics = options.metrics;
  // The port may be one that the system chooses.
  Log log(options.serve, options.logJson);
  serving.log = log.writer();
  serving.onListening = [&log](const std::string &address) {
    log.setAddress(address);
  };
  serving.load = loadOptions(options, pace);
  MakeRemoteStages makeRemote;
  if (!options.cluster.empty()) {
    ClusterOptions connecting;
    connecting.log = serving.log;
    LCP_ASSIGN_OR_RETURN(
        std::shared_ptr<Cluster> cluster,
        connect(bundle, drivers, options, pace, std::move(connecting)));
    serving.timeLimit = deadlineOf(options);
    if (serving.tls)
      serving.onTlsChange = [cluster](const TlsIdentity &identity) {
        return cluster->setTls(identity);
      };
    makeRemote = [cluster] { return Cluster::makeStages(cluster); };
  }
  return serveBundle(bundle, drivers, serving, makeRemote, stop, stdout);
}

namespace {

/// The host of HOST:PORT or [IPV6]:PORT, which a cluster file has checked.
std::string hostOf(const std::string &address) {
  std::string host = address.substr(0, address.rfind(':'));
  return host.front() == '[' ? host.substr(1, host.size() - 2) : host;
}

/// Every machine of the file, once, and the coordinator.
std::vector<CertificateSubject> machinesOf(const ClusterFile &file) {
  std::vector<CertificateSubject> machines = {
      {"coordinator", {"coordinator", "localhost", "127.0.0.1", "::1"}}};
  std::set<std::string> names;
  for (const ClusterWorker &worker : file.workers) {
    if (worker.isLocal())
      continue;
    CertificateSubject machine;
    machine.hosts = {hostOf(worker.address)};
    // What others ask for stands first: a peer is known by its first name.
    if (!worker.certificate.empty() &&
        worker.certificate != machine.hosts.front())
      machine.hosts.insert(machine.hosts.begin(), worker.certificate);
    machine.name = machine.hosts.front();
    if (names.insert(machine.name).second)
      machines.push_back(std::move(machine));
  }
  return machines;
}

/// Whether this machine can compute what the file gives it.
Status tryLocalBranches(const Bundle &bundle, const DriverRegistry &drivers,
                        const ClusterFile &file, const RunOptions &options) {
  for (const ClusterWorker &worker : file.workers)
    if (worker.isLocal())
      return loadLocalBranches(bundle, drivers, worker.branches,
                               loadOptions(options, Pace()))
          .status();
  return Status();
}

std::string toJson(const FleetReport &fleet) {
  Json machines = Json::array();
  for (const MachineReport &machine : fleet.machines) {
    Json facts = Json::object();
    for (const auto &[name, value] : machine.rows)
      facts[name] = value;
    machines.push_back(
        {{"name", machine.title}, {"facts", facts}, {"mend", machine.mend}});
  }
  const Json report = {
      {"machines", machines}, {"mend", fleet.mend}, {"well", fleet.isWell()}};
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

Status makeCerts(const RunOptions &options) {
  std::vector<std::string> problems;
  Result<std::vector<std::string>> lines = std::vector<std::string>();
  if (!options.revoke.empty()) {
    lines = revokeCertificates(options.makeCerts, options.revoke);
  } else if (options.cluster.empty()) {
    return Status(
        StatusCode::InvalidArgument,
        "--make-certs needs --cluster=FILE, which names the machines, "
        "or --revoke=NAME");
  } else if (auto file = readClusterFile(options.cluster, problems)) {
    lines = makeCertificates(options.makeCerts, machinesOf(*file));
  } else {
    return report(problems, StatusCode::InvalidArgument);
  }
  LCP_RETURN_IF_ERROR(lines.status());
  for (const std::string &line : *lines)
    std::printf("%s\n", printable(line).c_str());
  return Status();
}

Result<MeasuredLink> measureLink(const RunOptions &options) {
  LCP_ASSIGN_OR_RETURN(ClusterFile file, readFleet(options));
  LCP_ASSIGN_OR_RETURN(std::optional<TlsIdentity> tls, readTls(options));
  LCP_ASSIGN_OR_RETURN(std::vector<DeviceFacts> devices,
                       examineFleet(file, tls, deadlineOf(options)));
  Result<MeasuredLink> link = bestLink(devices);
  if (!link.ok())
    return std::move(link).status().withContext(options.cluster);
  return link;
}

Status examine(const Bundle *bundle, const DriverRegistry &drivers,
               const RunOptions &options) {
  LCP_ASSIGN_OR_RETURN(ClusterFile file, readFleet(options));
  LCP_ASSIGN_OR_RETURN(std::optional<TlsIdentity> tls, readTls(options));
  LCP_ASSIGN_OR_RETURN(std::vector<DeviceFacts> devices,
                       examineFleet(file, tls, deadlineOf(options)));
  std::optional<ExpectedBundle> expected;
  if (bundle)
    expected = expectBundle(bundle->model(), bundleVersion(*bundle));
  FleetReport fleet = diagnose(devices, expected);
  fleet.machines.insert(
      fleet.machines.begin(),
      describeHere(file, expected, tls, wirelessInterfaces(),
                   bundle ? tryLocalBranches(*bundle, drivers, file, options)
                          : Status()));
  std::fputs((options.json ? toJson(fleet) : toText(fleet)).c_str(), stdout);
  if (fleet.isWell())
    return Status();
  return Status(StatusCode::Unavailable,
                options.cluster + ": there is something to mend");
}

Result<MakeRemoteStages> connectCluster(const Bundle &bundle,
                                        const DriverRegistry &drivers,
                                        const RunOptions &options,
                                        const Pace &pace, Trace *trace) {
  ClusterOptions connecting;
  connecting.trace = trace;
  LCP_ASSIGN_OR_RETURN(
      std::shared_ptr<Cluster> cluster,
      connect(bundle, drivers, options, pace, std::move(connecting)));
  return MakeRemoteStages(
      [cluster = std::move(cluster)] { return Cluster::makeStages(cluster); });
}

} // namespace lcp::rt
