//===- ChangedBundleTest.cpp - Files that change while they are read ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

/// Two bundles of the same size: what we made, and what an attacker would
/// rather have us run. The attacker can make every hash right, but can't sign.
struct Pair {
  AlignedBuffer ours, theirs;
  std::unique_ptr<Ed25519Key> key;
};

std::string writeFile(const char *name, const std::string &contents) {
  std::string path = testing::TempDir() + "lcp_changed_" + name;
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

Pair makePair() {
  // Made for this test with `openssl genpkey -algorithm ed25519`.
  BundleDescription ours = exampleBundle();
  ours.signingKey = writeFile("key.pem", R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDh0ygmTWBFDo3euJhpCQulzWX0kKV2bGZgXMnz5wSb/
-----END PRIVATE KEY-----
)");
  BundleDescription theirs = exampleBundle();
  theirs.model.name = "foreign";
  Pair pair{write(ours), write(theirs), nullptr};
  Result<Ed25519Key> key =
      Ed25519Key::readPublic(writeFile("pub.pem", R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEADWF2LRx+zAuTI9e5uCXH0XXpS+7VpcYNUfCSgCbKAiU=
-----END PUBLIC KEY-----
)"));
  EXPECT_TRUE(key.ok()) << key.status().message();
  pair.key = std::make_unique<Ed25519Key>(*std::move(key));
  return pair;
}

/// Reads of one source, and from the `change`th on those of the other.
class ChangingSource final : public BundleSource {
public:
  ChangingSource(ByteSpan before, ByteSpan after, int change, int &reads)
      : before(before), after(after), change(change), reads(reads) {}

  uint64_t size() const override { return before.size(); }
  Status read(uint64_t offset, Span<std::byte> to) const override {
    ByteSpan from = reads++ < change ? before : after;
    if (!to.empty())
      std::memcpy(to.data(), from.data() + offset, to.size());
    return {};
  }
  ByteSpan view(uint64_t, uint64_t) const override { return {}; }

private:
  ByteSpan before, after;
  int change, &reads;
};

/// Loads everything; the model's name, or "" if that failed.
std::string loadAll(std::unique_ptr<BundleSource> source,
                    const Ed25519Key *key) {
  Result<std::unique_ptr<Bundle>> bundle = Bundle::load(std::move(source), key);
  if (!bundle.ok() || !(*bundle)->checkAllSegments().ok())
    return "";
  return (*bundle)->model().name;
}

TEST(ChangedBundle, IsWhatWasCheckedOrRefused) {
  Pair pair = makePair();
  ASSERT_EQ(pair.ours.size(), pair.theirs.size());
  const AlignedBuffer *orders[][2] = {{&pair.ours, &pair.theirs},
                                      {&pair.theirs, &pair.ours}};
  for (auto [before, after] : orders) {
    int reads = 0, change = 0, good = 0;
    do {
      reads = 0;
      std::string name =
          loadAll(std::make_unique<ChangingSource>(
                      before->bytes(), after->bytes(), change++, reads),
                  pair.key.get());
      EXPECT_NE("foreign", name) << "changed before read " << change;
      good += name == "example";
    } while (change <= reads || change < 3);
    // At least where all reads saw the same file.
    EXPECT_GT(good, 0);
  }
}

TEST(ChangedBundle, StressedByAWriter) {
  Pair pair = makePair();
  const std::string ours(reinterpret_cast<char *>(pair.ours.data()),
                         pair.ours.size());
  const std::string theirs(reinterpret_cast<char *>(pair.theirs.data()),
                           pair.theirs.size());
  const std::string path = writeFile("stressed.fb", ours);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    int file = ::open(path.c_str(), O_WRONLY);
    const size_t root = sizeof(FileHeader), size = ours.size() - root;
    while (!stop)
      for (const std::string *next : {&theirs, &ours})
        EXPECT_EQ(ssize_t(size),
                  ::pwrite(file, next->data() + root, size, root));
    ::close(file);
  });
  for (int i = 0; i < 2000; ++i) {
    Result<std::unique_ptr<Bundle>> bundle =
        Bundle::open(path, pair.key.get(),
                     i % 2 ? SegmentAccess::Mapped : SegmentAccess::Copied);
    if (bundle.ok()) {
      EXPECT_EQ("example", (*bundle)->model().name);
    }
  }
  stop = true;
  writer.join();
}

/// Whether segment `index` of both is the same.
bool sameSegment(const Bundle &bundle, ByteSpan file, uint32_t index) {
  Result<ByteSpan> bytes = bundle.segment(index);
  return bytes.ok() &&
         std::memcmp(bytes->data(),
                     file.data() + bundle.segments()[index].offset,
                     bytes->size()) == 0;
}

TEST(ChangedBundle, KeepsTheCopiesOfAServer) {
  Pair pair = makePair();
  const std::string path = writeFile(
      "served.fb", std::string(reinterpret_cast<char *>(pair.ours.data()),
                               pair.ours.size()));
  auto bundle = Bundle::open(path, nullptr, SegmentAccess::Copied);
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  const ByteSpan ours = std::as_const(pair.ours).bytes();
  EXPECT_TRUE(sameSegment(**bundle, ours, 0));
  EXPECT_TRUE(sameSegment(**bundle, ours, 1));
  // As scp does it: cut to nothing, then written anew.
  ASSERT_EQ(0, ::truncate(path.c_str(), 0));
  EXPECT_TRUE(sameSegment(**bundle, ours, 0));
  Result<ByteSpan> late = (*bundle)->segment(2);
  EXPECT_EQ(StatusCode::Corrupt, late.status().code());
  EXPECT_NE(std::string::npos, late.status().message().find("shorter"));
  writeFile("served.fb", std::string(pair.ours.size(), '\xff'));
  EXPECT_TRUE(sameSegment(**bundle, ours, 1));
  late = (*bundle)->segment(2);
  EXPECT_NE(std::string::npos, late.status().message().find("hash"));
}

} // namespace
