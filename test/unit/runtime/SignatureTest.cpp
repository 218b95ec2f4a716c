//===- SignatureTest.cpp - Hashes and signed bundles ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"
#include "runtime/schema/Layout.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;

namespace {

// Made for this test with `openssl genpkey -algorithm ed25519`.
constexpr char privateKey[] = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDh0ygmTWBFDo3euJhpCQulzWX0kKV2bGZgXMnz5wSb/
-----END PRIVATE KEY-----
)";
constexpr char publicKey[] = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEADWF2LRx+zAuTI9e5uCXH0XXpS+7VpcYNUfCSgCbKAiU=
-----END PUBLIC KEY-----
)";
constexpr char otherPublicKey[] = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAutmhV7DnH4nO7PvVKHfseWrjpSvezwYZ7QW9ATgaSKE=
-----END PUBLIC KEY-----
)";

class SignatureTest : public testing::Test {
protected:
  std::string file(const char *name, const char *contents) {
    std::string path = testing::TempDir() + "lcp_signature_" + name + ".pem";
    std::ofstream(path) << contents;
    return path;
  }
  Ed25519Key key(const char *contents) {
    Result<Ed25519Key> key = Ed25519Key::readPublic(file("public", contents));
    EXPECT_TRUE(key.ok()) << key.status().message();
    return *std::move(key);
  }
  BundleDescription signedExample() {
    BundleDescription d = exampleBundle();
    d.signingKey = file("private", privateKey);
    return d;
  }
};

TEST(Sha256, IsTheStandards) {
  // FIPS 180-4, examples.
  EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            toHex(Span<const uint8_t>(
                sha256({reinterpret_cast<const std::byte *>("abc"), 3})->data(),
                32)));
  Sha256Stream stream;
  stream.update({reinterpret_cast<const std::byte *>("ab"), 2});
  stream.update({reinterpret_cast<const std::byte *>("c"), 1});
  EXPECT_EQ(*sha256({reinterpret_cast<const std::byte *>("abc"), 3}),
            *stream.finish());
}

TEST_F(SignatureTest, IsAccepted) {
  AlignedBuffer bytes = write(signedExample());
  Ed25519Key signer = key(publicKey);
  Result<std::unique_ptr<Bundle>> bundle =
      Bundle::parse(bytes.bytes(), &signer);
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  EXPECT_TRUE((*bundle)->isSigned());
}

TEST_F(SignatureTest, OfAnotherKeyIsRefused) {
  AlignedBuffer bytes = write(signedExample());
  Ed25519Key other = key(otherPublicKey);
  EXPECT_EQ(StatusCode::Untrusted,
            Bundle::parse(bytes.bytes(), &other).status().code());
}

TEST_F(SignatureTest, IsMissedWhereAKeyIsGiven) {
  AlignedBuffer bytes = write(exampleBundle());
  Ed25519Key signer = key(publicKey);
  EXPECT_EQ(StatusCode::Untrusted,
            Bundle::parse(bytes.bytes(), &signer).status().code());
}

TEST_F(SignatureTest, DoesNotFitAChangedRoot) {
  // An attacker makes every hash right again, but cannot sign.
  AlignedBuffer bytes = write(signedExample());
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  BundleDescription changed = exampleBundle();
  changed.model.name = "exemple";
  AlignedBuffer forged = write(changed);
  FileHeader forgedHeader;
  std::memcpy(&forgedHeader, forged.data(), sizeof(header));
  forgedHeader.signature = header.signature;
  forgedHeader.headerSha256 = *headerHash(forgedHeader);
  std::memcpy(forged.data(), &forgedHeader, sizeof(header));
  EXPECT_TRUE(Bundle::parse(forged.bytes()).ok());
  Ed25519Key signer = key(publicKey);
  EXPECT_EQ(StatusCode::Untrusted,
            Bundle::parse(forged.bytes(), &signer).status().code());
}

TEST_F(SignatureTest, WantsAKeyOfItsKind) {
  EXPECT_EQ(StatusCode::NotFound,
            Ed25519Key::readPublic("/nonexistent").status().code());
  EXPECT_EQ(StatusCode::InvalidArgument,
            Ed25519Key::readPublic(file("rubbish", "no key")).status().code());
  EXPECT_EQ(
      StatusCode::InvalidArgument,
      Ed25519Key::readPublic(file("private", privateKey)).status().code());
}

} // namespace
