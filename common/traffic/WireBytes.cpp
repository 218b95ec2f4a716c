//===- WireBytes.cpp - Bytes on the cables --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/traffic/WireBytes.h"

#include <algorithm>

using namespace lcp;

//===----------------------------------------------------------------------===//
// gRPC over HTTP/2 (RFC 9113), fields after the first call (RFC 7541)
//===----------------------------------------------------------------------===//

/// Of every frame; the most that one carries; gRPC's flag and length.
static constexpr uint64_t frameHead = 9, largestFrame = 16 << 10,
                          messagePrefix = 5;

/// A field that was said before is a byte: :method, :scheme, :authority, te and
/// content-type. :path is said each time, a byte, its length and, in Huffman's
/// code, 31 bytes for ModelInfer and 17 for Push. So is grpc-timeout: a byte,
/// its name (9, and their length) and its value of some seven digits (5, and
/// their length).
static constexpr uint64_t commonFields = 5 + 1 + 10 + 6;
static constexpr uint64_t inferFields = commonFields + 33,
                          pushFields = commonFields + 19;
/// :status and content-type; grpc-status in the trailer.
static constexpr uint64_t answerFields = 2, trailerFields = 1;
static constexpr uint64_t pingFrame = frameHead + 8;

static uint64_t divideUp(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

static uint64_t dataFrames(uint64_t message) {
  const uint64_t bytes = messagePrefix + message;
  return bytes + frameHead * divideUp(bytes, largestFrame);
}

static uint64_t requestOf(uint64_t message, uint64_t fields) {
  return frameHead + fields + dataFrames(message);
}

static uint64_t answerOf(uint64_t message) {
  return frameHead + answerFields + dataFrames(message) + frameHead +
         trailerFields;
}

//===----------------------------------------------------------------------===//
// TLS 1.3 (RFC 8446) over TCP, IPv4 and Ethernet
//===----------------------------------------------------------------------===//

/// A record's head, the byte that says what it has, and its tag; the most that
/// it has.
static constexpr uint64_t recordExtra = 5 + 1 + 16, largestRecord = 16 << 10;

/// Ethernet, IP, TCP, and TCP's time stamps.
static constexpr uint64_t segmentHead = 14 + 20 + 20 + 12;
/// In Ethernet's frames of 1,500 bytes.
static constexpr uint64_t largestSegment = 1500 - 20 - 20 - 12;

/// What comes within that time is handed on, and acknowledged, in one piece.
static constexpr double pieceSeconds = 1e-4;

/// How long an acknowledgement waits for something to go with, in Linux; and a
/// client for a word of its server, before it asks (Channel.h in runtime/rpc).
static constexpr double longestDelay = 0.04, pingAfter = 1;

namespace {
/// One direction of a connection.
struct Direction {
  uint64_t bytes = 0;
  /// Of the other end, by themselves: one for every piece, or every second
  /// segment (RFC 5681); for the last one if it waits for nothing, else it goes
  /// with what is said next.
  uint64_t acknowledgements = 0;
  uint64_t open = 0;

  /// Adds what is written at once, in pieces of so many segments.
  void write(uint64_t plain, bool isLastWord, uint64_t piece) {
    const uint64_t sealed =
        plain + recordExtra * divideUp(plain, largestRecord);
    const uint64_t count = divideUp(sealed, largestSegment);
    bytes += sealed + segmentHead * count;
    const uint64_t rest = count % piece;
    acknowledgements += count / piece + (rest > 1);
    open += rest == 1;
    acknowledgements += isLastWord ? divideUp(open, 2) : open / 2;
    open = isLastWord ? 0 : open % 2;
  }
};

/// Between a client and a server.
struct Connection {
  Direction there, back;
  /// When the server answers, in seconds.
  std::vector<double> answers;
};

class Wire {
public:
  Wire(const TrafficModel &model, const std::vector<RoutedCall> &calls,
       const WireConditions &conditions, const MessageLengths &lengths);
  WireBytes run();

private:
  static constexpr int coordinator = -1;

  void addRequests();
  void addAnswer(const RoutedCall &call);
  void addPushes(const RoutedCall &call);
  void addPings(Connection &connection) const;

  const TrafficModel &model;
  const std::vector<RoutedCall> &calls;
  const MessageLengths &lengths;
  /// In segments.
  const uint64_t piece;
  /// When each stage ends, and how long it is to the end of the next one.
  std::map<size_t, double> ends, pauses;
  double total = 0;
  /// By client and server.
  std::map<std::pair<int, int>, Connection> connections;
};
} // namespace

Wire::Wire(const TrafficModel &model, const std::vector<RoutedCall> &calls,
           const WireConditions &conditions, const MessageLengths &lengths)
    : model(model), calls(calls), lengths(lengths),
      piece(std::max<uint64_t>(2, uint64_t(conditions.bitsPerSecond / 8 /
                                           largestSegment * pieceSeconds))) {
  const std::vector<double> &stageSeconds = conditions.stageSeconds;
  for (const RoutedCall &call : calls) {
    if (ends.count(call.stage))
      continue;
    const double own = stageSeconds.empty() ? 0 : stageSeconds.at(ends.size());
    if (!ends.empty())
      pauses[ends.rbegin()->first] = own;
    total += own;
    ends[call.stage] = total;
  }
}

/// Those to a device of one segment, where workers hand values to each other,
/// are written at once, and else those of one stage.
void Wire::addRequests() {
  std::map<std::pair<size_t, size_t>, uint64_t> together;
  std::map<std::pair<size_t, size_t>, double> begins;
  for (const RoutedCall &call : calls) {
    const std::pair<size_t, size_t> where = {
        call.isDirect ? call.firstStage : call.stage, call.device};
    together[where] +=
        requestOf(requestBytes(model, call, lengths), inferFields);
    begins.emplace(where, ends.at(call.stage));
  }
  for (const auto &[where, bytes] : together) {
    // Until the first answer.
    auto before = ends.lower_bound(where.first);
    const double begun = before == ends.begin() ? 0 : std::prev(before)->second;
    connections[{coordinator, int(where.second)}].there.write(
        bytes, begins[where] - begun > longestDelay, piece);
  }
}

/// Each comes when it is there.
void Wire::addAnswer(const RoutedCall &call) {
  Connection &own = connections[{coordinator, int(call.device)}];
  own.answers.push_back(ends.at(call.stage));
  const bool isFollowed = call.isDirect && pauses.count(call.stage);
  own.back.write(answerOf(answerBytes(model, call, lengths)),
                 isFollowed && pauses.at(call.stage) > longestDelay, piece);
}

void Wire::addPushes(const RoutedCall &call) {
  std::map<size_t, uint64_t> together;
  for (const RoutedCall::Output &output : call.outputs)
    for (const auto &[device, takers] : output.takers)
      if (device != call.device)
        together[device] += requestOf(
            pushBytes(model, call, output, takers, lengths), pushFields);
  for (const auto &[device, bytes] : together) {
    Connection &to = connections[{int(call.device), int(device)}];
    to.there.write(bytes, false, piece);
    to.back.write(answerOf(0), false, piece);
    to.answers.push_back(ends.at(call.stage));
  }
}

/// In every silence, also that to the first answer of the next inference.
void Wire::addPings(Connection &connection) const {
  double last = connection.answers.back() - total;
  for (double answer : connection.answers) {
    for (double silent = answer - last; silent > pingAfter;
         silent -= pingAfter) {
      connection.there.write(pingFrame, false, piece);
      connection.back.write(pingFrame, true, piece);
    }
    last = answer;
  }
}

WireBytes Wire::run() {
  addRequests();
  for (const RoutedCall &call : calls) {
    addAnswer(call);
    addPushes(call);
  }
  WireBytes wire;
  size_t devices = 0;
  for (const RoutedCall &call : calls)
    devices = std::max(devices, call.device + 1);
  wire.devices.resize(devices);
  for (auto &[ends, connection] : connections) {
    addPings(connection);
    const auto &[there, back, answers] = connection;
    const uint64_t out = there.bytes + back.acknowledgements * segmentHead;
    const uint64_t in = back.bytes + there.acknowledgements * segmentHead;
    LinkLoad &client =
        ends.first == coordinator ? wire.coordinator : wire.devices[ends.first];
    client.out += out;
    client.in += in;
    LinkLoad &server = wire.devices[ends.second];
    server.out += in;
    server.in += out;
  }
  return wire;
}

WireBytes lcp::predictWire(const TrafficModel &model,
                           const std::vector<RoutedCall> &calls,
                           const WireConditions &conditions,
                           const MessageLengths &lengths) {
  return Wire(model, calls, conditions, lengths).run();
}
