//===- Hash.cpp - SHA-256 and Ed25519 -------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// OpenSSL's libcrypto: it uses the CPU's SHA instructions, and hashing is most
// of the time it takes to load a large bundle. The only file that sees it.
//
//===----------------------------------------------------------------------===//

#include "runtime/schema/Hash.h"

#include "common/base/TextFile.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace lcp::rt {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char *data(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char *>(bytes.data());
}

} // namespace

void Sha256Stream::Free::operator()(void *context) const {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX *>(context));
}

Sha256Stream::Sha256Stream() : context(EVP_MD_CTX_new()) {
  failed =
      !context || EVP_DigestInit_ex(static_cast<EVP_MD_CTX *>(context.get()),
                                    EVP_sha256(), nullptr) != 1;
}

void Sha256Stream::update(ByteSpan bytes) {
  failed = failed || EVP_DigestUpdate(static_cast<EVP_MD_CTX *>(context.get()),
                                      bytes.data(), bytes.size()) != 1;
}

Result<Sha256Digest> Sha256Stream::finish() {
  Sha256Digest digest;
  if (failed || EVP_DigestFinal_ex(static_cast<EVP_MD_CTX *>(context.get()),
                                   digest.data(), nullptr) != 1)
    return Status(StatusCode::Internal, "the SHA-256 of libcrypto failed");
  return digest;
}

Result<Sha256Digest> sha256(ByteSpan bytes) {
  Sha256Stream stream;
  stream.update(bytes);
  return stream.finish();
}

std::string toHex(Span<const uint8_t> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

void Ed25519Key::Free::operator()(void *key) const {
  EVP_PKEY_free(static_cast<EVP_PKEY *>(key));
}

Result<Ed25519Key> Ed25519Key::readPublic(const std::string &path) {
  return read(path, /*isPrivate=*/false);
}

Result<Ed25519Key> Ed25519Key::readPrivate(const std::string &path) {
  return read(path, /*isPrivate=*/true);
}

Result<Ed25519Key> Ed25519Key::read(const std::string &path, bool isPrivate) {
  Result<std::string> pem = readTextFile(path);
  if (!pem.ok())
    return std::move(pem).status().withContext("cannot read key '" + path +
                                               "'");
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem->data(), int(pem->size())), BIO_free);
  Ed25519Key result;
  // An empty passphrase: never ask on a terminal for the one of an encrypted
  // key.
  char passphrase[] = "";
  result.key.reset(
      isPrivate
          ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, passphrase)
          : PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!result.key || EVP_PKEY_id(static_cast<EVP_PKEY *>(result.key.get())) !=
                         EVP_PKEY_ED25519)
    return Status(StatusCode::InvalidArgument,
                  "'" + path + "' is not an Ed25519 " +
                      (isPrivate ? "private" : "public") + " key in PEM form");
  return result;
}

Status Ed25519Key::verify(ByteSpan message,
                          const Ed25519Signature &signature) const {
  Context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                                       static_cast<EVP_PKEY *>(key.get())) != 1)
    return Status(StatusCode::Internal, "the Ed25519 of libcrypto failed");
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       data(message), message.size()) != 1)
    return Status(StatusCode::Untrusted,
                  "the signature is not one by the given key");
  return {};
}

Result<Ed25519Signature> Ed25519Key::sign(ByteSpan message) const {
  Context context(EVP_MD_CTX_new());
  Ed25519Signature signature;
  size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                         static_cast<EVP_PKEY *>(key.get())) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, data(message),
                     message.size()) != 1 ||
      size != signature.size())
    return Status(StatusCode::Internal, "the Ed25519 of libcrypto failed");
  return signature;
}

} // namespace lcp::rt
