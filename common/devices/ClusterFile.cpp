//===- ClusterFile.cpp - Which workers run which branches -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ClusterFile.h"
#include "common/devices/Device.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <yaml-cpp/yaml.h>

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
  Parser(const std::string &path, std::vector<std::string> &problems)
      : path(path), problems(problems) {}

  ClusterFile parse(const YAML::Node &root);
  void problem(const YAML::Mark &mark, const std::string &what) {
    unsigned line = mark.is_null() ? 1 : unsigned(mark.line) + 1;
    problems.push_back(path + ":" + std::to_string(line) + ": " + what);
  }

private:
  void parseWorker(const YAML::Node &node, ClusterFile &file);
  void parseBranches(const YAML::Node &node, ClusterWorker &worker);
  void checkDevice(const YAML::Node &node);

  const std::string &path;
  std::vector<std::string> &problems;
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
  std::set<std::string> keys;
  bool misspelt = false;
  for (const auto &entry : node) {
    std::string key = entry.first.Scalar();
    const YAML::Node &value = entry.second;
    if (!keys.insert(key).second) {
      problem(entry.first.Mark(), "'" + key + "' is given twice");
    } else if (key == "branches") {
      parseBranches(value, worker);
    } else if (key != "address" && key != "device" && key != "certificate") {
      misspelt = true;
      problem(entry.first.Mark(), "unknown key '" + key +
                                      "' (a worker has address, branches, "
                                      "device and certificate)");
    } else if (!value.IsScalar() || value.Scalar().empty()) {
      problem(value.Mark(), "'" + key + "' has no value");
    } else {
      (key == "address"  ? worker.address
       : key == "device" ? worker.device
                         : worker.certificate) = value.Scalar();
      if (key == "device")
        checkDevice(value);
    }
  }
  if (!node["address"]) {
    // The unknown key may be it.
    if (!misspelt)
      problem(node.Mark(), "the worker has no address");
    return;
  }
  if (!worker.address.empty() && !worker.isLocal() &&
      !isAddress(worker.address))
    return problem(node["address"].Mark(),
                   "'" + worker.address +
                       "' is not HOST:PORT, [IPV6]:PORT or local");
  if (worker.address.rfind("local:", 0) == 0)
    return problem(node["address"].Mark(),
                   "the coordinator itself is 'local', without a port");
  if (worker.isLocal() && !worker.certificate.empty())
    return problem(node["certificate"].Mark(),
                   "local is the coordinator itself, which shows itself no "
                   "certificate");
  auto [known, fresh] = addresses.emplace(worker.address, worker.line);
  if (!fresh)
    return problem(node["address"].Mark(), "the address " + worker.address +
                                               " is already on line " +
                                               std::to_string(known->second));
  file.workers.push_back(std::move(worker));
}

void Parser::checkDevice(const YAML::Node &node) {
  if (!devices.empty() &&
      !std::count(devices.begin(), devices.end(), node.Scalar()))
    problem(node.Mark(), describeUnknownDevice(node.Scalar(), devices));
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
  size_t before = problems.size();
  Parser parser(path, problems);
  ClusterFile file;
  try {
    file = parser.parse(YAML::Load(text));
  } catch (const YAML::Exception &error) {
    parser.problem(error.mark, error.msg);
  }
  if (problems.size() != before)
    return std::nullopt;
  return file;
}

std::optional<ClusterFile>
lcp::readClusterFile(const std::string &path,
                     std::vector<std::string> &problems) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  // Reading a folder fails here, not at the opening.
  if (!in || !(text << in.rdbuf())) {
    const char *why = errno ? std::strerror(errno) : "it is empty";
    problems.push_back(path + ": cannot read the cluster file: " + why);
    return std::nullopt;
  }
  return parseClusterFile(text.str(), path, problems);
}
