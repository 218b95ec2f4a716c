//===- ClusterFile.cpp - Which workers run which branches -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ClusterFile.h"
#include "common/base/TextFile.h"
#include "common/devices/Device.h"
#include "common/devices/YamlProblems.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

using namespace lcp;

namespace {

/// No split has more branches; a larger number is a slip of the finger.
constexpr long maxBranch = 4095;

/// Whole-number text to a value in [0, limit]; YAML's own conversion also takes
/// octal, hexadecimal and signs.
std::optional<long> parseNumber(const std::string &text, long limit) {
  if (text.empty() || text.size() > 9 ||
      text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  long value = std::stol(text);
  return value <= limit ? std::optional<long>(value) : std::nullopt;
}

bool isAddress(const std::string &text) {
  size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return false;
  std::string host = text.substr(0, colon);
  bool bracketed = host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find_first_of(":/[] \t") != std::string::npos)
    return false;
  std::optional<long> port = parseNumber(text.substr(colon + 1), 65535);
  return port && *port > 0;
}

class Parser {
public:
  Parser(const std::string &path, YamlProblems &problems)
      : path(path), problems(problems) {}

  ClusterFile parse(const YAML::Node &root);

private:
  void problem(const YAML::Mark &mark, const std::string &what) {
    problems.add(mark, what);
  }
  void parseWorker(const YAML::Node &node, ClusterFile &file);
  void parseEntries(const YAML::Node &node, ClusterWorker &worker);
  void parseName(const std::string &key, const YAML::Node &value,
                 ClusterWorker &worker);
  void parseBranches(const YAML::Node &node, ClusterWorker &worker);
  bool isRightAddress(const YAML::Node &node, const ClusterWorker &worker);

  const std::string &path;
  YamlProblems &problems;
  /// To the line of the worker that has it.
  std::map<std::string, unsigned> addresses;
  /// None where the device files are not installed: then no name is wrong.
  std::vector<std::string> devices = listDevices(deviceFolder());
};

} // namespace

ClusterFile Parser::parse(const YAML::Node &root) {
  ClusterFile file;
  file.path = path;
  if (!root.IsMap() || !root["workers"]) {
    problem(root.Mark(), "expected a list named 'workers'");
    return file;
  }
  bool seen = false;
  for (const auto &entry : root) {
    std::string key = entry.first.Scalar();
    if (key == "workers" && std::exchange(seen, true))
      problem(entry.first.Mark(), "'workers' is given twice");
    if (key != "workers")
      problem(entry.first.Mark(),
              "unknown key '" + key + "' (there is only 'workers')");
  }
  YAML::Node workers = root["workers"];
  if (!workers.IsSequence() || workers.size() == 0) {
    problem(workers.Mark(), "'workers' is not a list of one or more workers");
    return file;
  }
  for (const YAML::Node &worker : workers)
    parseWorker(worker, file);
  return file;
}

void Parser::parseWorker(const YAML::Node &node, ClusterFile &file) {
  if (!node.IsMap())
    return problem(node.Mark(), "a worker is written '- address: HOST:PORT'");
  ClusterWorker worker;
  worker.line = unsigned(node.Mark().line) + 1;
  parseEntries(node, worker);
  if (isRightAddress(node, worker))
    file.workers.push_back(std::move(worker));
}

void Parser::parseEntries(const YAML::Node &node, ClusterWorker &worker) {
  std::set<std::string> keys;
  bool misspelt = false;
  for (const auto &entry : node) {
    const std::string &key = entry.first.Scalar();
    if (!keys.insert(key).second) {
      problem(entry.first.Mark(), "'" + key + "' is given twice");
    } else if (key == "branches") {
      parseBranches(entry.second, worker);
    } else if (key == "address" || key == "device" || key == "certificate") {
      parseName(key, entry.second, worker);
    } else {
      misspelt = true;
      problem(entry.first.Mark(), "unknown key '" + key +
                                      "' (a worker has address, branches, "
                                      "device and certificate)");
    }
  }
  // The unknown key may be it.
  if (keys.count("address") == 0 && !misspelt)
    problem(node.Mark(), "the worker has no address");
}

void Parser::parseName(const std::string &key, const YAML::Node &value,
                       ClusterWorker &worker) {
  if (!value.IsScalar() || value.Scalar().empty())
    return problem(value.Mark(), "'" + key + "' has no value");
  const std::string &name = value.Scalar();
  (key == "address"  ? worker.address
   : key == "device" ? worker.device
                     : worker.certificate) = name;
  if (key == "device" && !devices.empty() &&
      !std::count(devices.begin(), devices.end(), name))
    problem(value.Mark(), describeUnknownDevice(name, devices));
}

/// Whether the worker has an address, as it should be.
bool Parser::isRightAddress(const YAML::Node &node,
                            const ClusterWorker &worker) {
  const std::string &address = worker.address;
  // That it has none has been said.
  if (address.empty())
    return false;
  const YAML::Mark mark = node["address"].Mark();
  if (!worker.isLocal() && !isAddress(address)) {
    problem(mark, "'" + address + "' is not HOST:PORT, [IPV6]:PORT or local");
    return false;
  }
  if (address.rfind("local:", 0) == 0) {
    problem(mark, "the coordinator itself is 'local', without a port");
    return false;
  }
  if (worker.isLocal() && !worker.certificate.empty()) {
    problem(node["certificate"].Mark(),
            "local is the coordinator itself, which shows itself no "
            "certificate");
    return false;
  }
  auto [known, fresh] = addresses.emplace(address, worker.line);
  if (!fresh)
    problem(mark, "the address " + address + " is already on line " +
                      std::to_string(known->second));
  return fresh;
}

void Parser::parseBranches(const YAML::Node &node, ClusterWorker &worker) {
  if (node.IsScalar() && node.Scalar() == "auto")
    return;
  if (!node.IsSequence() || node.size() == 0)
    return problem(node.Mark(), "'branches' is auto or a list of numbers, like "
                                "[0, 1]");
  std::set<unsigned> seen;
  for (const YAML::Node &item : node) {
    std::optional<long> branch =
        item.IsScalar() ? parseNumber(item.Scalar(), maxBranch) : std::nullopt;
    if (!branch) {
      problem(item.Mark(), "a branch is a number from 0");
      continue;
    }
    if (seen.insert(unsigned(*branch)).second)
      worker.branches.push_back(unsigned(*branch));
    else
      problem(item.Mark(), "branch " + item.Scalar() + " is in the list twice");
  }
  std::sort(worker.branches.begin(), worker.branches.end());
}

std::optional<ClusterFile>
lcp::parseClusterFile(const std::string &text, const std::string &path,
                      std::vector<std::string> &problems) {
  YamlProblems found(path, problems);
  ClusterFile file;
  if (!found.read(text, [&](const YAML::Node &root) {
        file = Parser(path, found).parse(root);
      }))
    return std::nullopt;
  return file;
}

std::optional<ClusterFile>
lcp::readClusterFile(const std::string &path,
                     std::vector<std::string> &problems) {
  Result<std::string> text = readTextFile(path);
  if (!text.ok() || text->empty()) {
    problems.push_back(path + ": cannot read the cluster file: " +
                       (text.ok() ? "it is empty" : text.status().message()));
    return std::nullopt;
  }
  return parseClusterFile(*text, path, problems);
}
