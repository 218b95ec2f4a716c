//===- Device.cpp - Reads targets/devices/NAME.yaml -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/Device.h"
#include "common/base/TextFile.h"
#include "common/devices/YamlProblems.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace lcp;
namespace fs = std::filesystem;

namespace {

/// A figure above this is a slip: 2^53, where doubles stop counting by ones.
constexpr double maxFigure = 9007199254740992.0;

/// No algorithm saves as many multiplications.
constexpr double maxEfficiency = 16;

/// The whole of `text` as a number in (0, maxFigure].
std::optional<double> parseFigure(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0) || value > maxFigure)
    return std::nullopt;
  return value;
}

class Parser {
public:
  explicit Parser(YamlProblems &problems) : problems(problems) {}

  Device parse(const YAML::Node &root);

private:
  void problem(const YAML::Mark &mark, const std::string &what) {
    problems.add(mark, what);
  }
  void parseEntry(const std::string &key, const YAML::Node &value,
                  const YAML::Mark &mark, Device &device);
  void truth(const std::string &key, const YAML::Node &value, bool &out);
  void parseLink(const YAML::Node &link, Device &device);
  void parseEfficiency(const YAML::Node &node, Device &device);
  void figure(const std::string &key, const YAML::Node &value, double &out);
  void count(const std::string &key, const YAML::Node &value, uint64_t &out);
  void small(const std::string &key, const YAML::Node &value,
             std::optional<uint32_t> &out);

  YamlProblems &problems;
};

} // namespace

void Parser::figure(const std::string &key, const YAML::Node &value,
                    double &out) {
  std::optional<double> number =
      value.IsScalar() ? parseFigure(value.Scalar()) : std::nullopt;
  if (!number)
    return problem(value.Mark(), "'" + key + "' is not a positive number");
  out = *number;
}

void Parser::count(const std::string &key, const YAML::Node &value,
                   uint64_t &out) {
  double number = 1;
  figure(key, value, number);
  if (number != std::floor(number))
    return problem(value.Mark(), "'" + key + "' is not a whole number");
  out = uint64_t(number);
}

void Parser::small(const std::string &key, const YAML::Node &value,
                   std::optional<uint32_t> &out) {
  uint64_t number = 1;
  count(key, value, number);
  if (number > 64)
    return problem(value.Mark(), "'" + key + "' is more than 64");
  out = uint32_t(number);
}

void Parser::truth(const std::string &key, const YAML::Node &value, bool &out) {
  const std::string text = value.IsScalar() ? value.Scalar() : "";
  if (text != "true" && text != "false")
    return problem(value.Mark(), "'" + key + "' is true or false");
  out = text == "true";
}

void Parser::parseLink(const YAML::Node &link, Device &device) {
  if (!link.IsMap())
    return problem(link.Mark(),
                   "'link' has bandwidth_bits_per_s and latency_s");
  for (const auto &entry : link) {
    std::string key = entry.first.Scalar();
    if (key == "bandwidth_bits_per_s")
      figure(key, entry.second, device.linkBitsPerSecond);
    else if (key == "latency_s")
      figure(key, entry.second, device.linkLatencySeconds);
    else if (key == "shared")
      truth(key, entry.second, device.linkIsShared);
    else
      problem(entry.first.Mark(), "unknown key '" + key + "' in 'link'");
  }
}

void Parser::parseEfficiency(const YAML::Node &node, Device &device) {
  if (!node.IsMap())
    return problem(node.Mark(), "'efficiency' has a source and a figure for "
                                "each kind of layer");
  Efficiency &efficiency = device.efficiency.emplace();
  for (const auto &entry : node) {
    std::string key = entry.first.Scalar();
    auto kind = std::find(layerKindNames.begin(), layerKindNames.end(), key);
    if (key == "source") {
      efficiency.source = entry.second.Scalar();
    } else if (kind == layerKindNames.end()) {
      problem(entry.first.Mark(), "unknown key '" + key + "' in 'efficiency'");
    } else {
      double &part = efficiency.ofKind[kind - layerKindNames.begin()];
      figure(key, entry.second, part);
      if (part > maxEfficiency)
        problem(entry.second.Mark(),
                "'" + key + "' is more than 16 times the peak");
    }
  }
  if (efficiency.source != "measured" && efficiency.source != "published")
    problem(node.Mark(),
            "the source of 'efficiency' is neither measured nor published");
  for (const char *kind : layerKindNames)
    if (!node[kind])
      problem(node.Mark(), std::string("'efficiency' has no '") + kind + "'");
}

void Parser::parseEntry(const std::string &key, const YAML::Node &value,
                        const YAML::Mark &mark, Device &device) {
  std::string *text = key == "name"          ? &device.name
                      : key == "description" ? &device.description
                      : key == "kind"        ? &device.kind
                      : key == "triple"      ? &device.triple
                      : key == "cpu"         ? &device.cpu
                      : key == "features"    ? &device.features
                                             : nullptr;
  std::optional<uint32_t> *cycles =
      key == "fmas_per_cycle"       ? &device.fmasPerCycle
      : key == "loads_per_cycle"    ? &device.loadsPerCycle
      : key == "fma_latency_cycles" ? &device.fmaLatencyCycles
                                    : nullptr;
  uint64_t cores = device.cores;
  if (text && value.IsScalar())
    *text = value.Scalar();
  else if (text)
    problem(value.Mark(), "'" + key + "' is not a word");
  else if (cycles)
    small(key, value, *cycles);
  else if (key == "cores")
    count(key, value, cores);
  else if (key == "l1d_bytes")
    count(key, value, device.l1dBytes);
  else if (key == "l2_bytes")
    count(key, value, device.l2Bytes);
  else if (key == "memory_bytes")
    count(key, value, device.memoryBytes);
  else if (key == "memory_bandwidth_bytes_per_s")
    figure(key, value, device.memoryBandwidthBytesPerSecond);
  else if (key == "mac_per_s")
    figure(key, value, device.macPerSecond);
  else if (key == "efficiency")
    parseEfficiency(value, device);
  else if (key == "power_w")
    figure(key, value, device.powerWatts);
  else if (key == "link")
    parseLink(value, device);
  else
    problem(mark, "unknown key '" + key + "'");
  if (cores > 4096)
    return problem(value.Mark(), "more than 4096 cores");
  device.cores = uint32_t(cores);
}

Device Parser::parse(const YAML::Node &root) {
  Device device;
  if (!root.IsMap()) {
    problem(root.Mark(), "expected 'key: value' lines");
    return device;
  }
  std::vector<std::string> seen;
  for (const auto &entry : root) {
    std::string key = entry.first.Scalar();
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      problem(entry.first.Mark(), "'" + key + "' is given twice");
    seen.push_back(key);
    parseEntry(key, entry.second, entry.first.Mark(), device);
  }
  for (const char *key : {"name", "kind"})
    if (std::find(seen.begin(), seen.end(), key) == seen.end())
      problem(root.Mark(), std::string("the device has no '") + key + "'");
  if (device.efficiency && !device.macPerSecond)
    problem(root.Mark(), "the device has an 'efficiency', but no 'mac_per_s'");
  return device;
}

std::string lcp::describeDevice(const Device &device) {
  std::ostringstream out;
  const char *separator = ": ";
  auto add = [&](double figure, const char *unit) {
    if (figure == 0)
      return;
    out << separator << figure << unit;
    separator = ", ";
  };
  out << (device.description.empty() ? device.name : device.description);
  add(device.cores, device.cores == 1 ? " core" : " cores");
  add(double(device.l1dBytes) / 1024, " KiB L1");
  add(double(device.l2Bytes) / 1024, " KiB L2");
  add(double(device.memoryBytes) / (1 << 20), " MiB");
  add(device.memoryBandwidthBytesPerSecond / 1e9, " GB/s");
  add(device.macPerSecond / 1e9, " GMAC/s");
  add(device.powerWatts, " W");
  return out.str();
}

std::optional<Device> lcp::parseDevice(const std::string &text,
                                       const std::string &path,
                                       std::vector<std::string> &problems) {
  YamlProblems found(path, problems);
  Device device;
  if (!found.read(text, [&](const YAML::Node &root) {
        device = Parser(found).parse(root);
      }))
    return std::nullopt;
  return device;
}

std::vector<std::string> lcp::listDevices(const std::string &folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml")
      names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string lcp::describeUnknownDevice(const std::string &name,
                                       const std::vector<std::string> &known) {
  std::string list;
  for (const std::string &other : known)
    list += (list.empty() ? "" : ", ") + other;
  return "unknown device '" + name + "'; known: " + list;
}

std::optional<Device> lcp::findDevice(const std::string &name,
                                      const std::string &folder,
                                      std::vector<std::string> &problems) {
  std::vector<std::string> names = listDevices(folder);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    problems.push_back(names.empty()
                           ? "unknown device '" + name +
                                 "'; there are no device files in " + folder
                           : describeUnknownDevice(name, names));
    return std::nullopt;
  }
  std::string path = (fs::path(folder) / (name + ".yaml")).string();
  Result<std::string> text = readTextFile(path);
  if (!text.ok()) {
    problems.push_back(
        path + ": cannot read the device file: " + text.status().message());
    return std::nullopt;
  }
  std::optional<Device> device = parseDevice(*text, path, problems);
  if (device && device->name != name) {
    problems.push_back(path + ":1: the device is named '" + device->name +
                       "', but the file '" + name + "'");
    return std::nullopt;
  }
  return device;
}

std::string lcp::deviceFolder() {
  std::error_code error;
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    fs::path installed =
        program.parent_path().parent_path() / "share" / "lcp" / "devices";
    if (fs::is_directory(installed, error))
      return installed.string();
  }
  return LCP_DEVICE_FOLDER;
}
